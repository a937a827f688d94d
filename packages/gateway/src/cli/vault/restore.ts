import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { canonicalJson, isJsonObject, parseJson, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { decryptWith } from '../../custody/vault/age.ts'
import { BACKUP, makerOf } from '../../custody/vault/backup.ts'
import { systemRandom } from '../../random.ts'
import { argument } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { openTerminal } from '../presence/terminal.ts'

/** Decrypts here: the identity goes nowhere, and is never on the command line (T-130). */
export const run: CommandRun = async (io, args, options) => {
  const file = bytesAt(argument(args, 0, 'file'))
  const text = await decryptWith(await identities(io, options), file)
  const backup = parseJson(text)
  const read = BACKUP.safeParse(backup)
  if (!read.success) throw new SallyportError('SP_VAULT_INVALID', 'What is in the file is no backup of a vault.')
  const salt = Buffer.from(systemRandom.bytes(16)).toString('hex')
  const asked: JsonObject = {
    ...{ replace: options['replace'] === true, salt },
    digest: createHash('sha256').update(salt).update(canonicalJson(backup)).digest('hex'),
  }
  const shown = { ...asked, gateway: makerOf(read.data), names: read.data.secrets.map(({ name }) => name) }
  const answer = await sendAsOperator(io, 'vault.restore', shown, options, (proof) =>
    io.gateway.request('POST', '/api/v1/vault/restore', { ...asked, backup, ...proof }),
  )
  if (io.json) io.out(JSON.stringify(answer))
  else io.out(`Made by gateway ${shown.gateway}. ${summaryOf(answer)}`)
  return 0
}

function summaryOf(answer: Json): string {
  const members = isJsonObject(answer) ? answer : {}
  const said = (['restored', 'unchanged', 'ended'] as const).map((key) => {
    const names = members[key]
    return `${key}: ${Array.isArray(names) && names.length > 0 ? names.join(', ') : 'none'}.`
  })
  return said.join(' ')
}

async function identities(io: CliIo, options: CliOptions): Promise<readonly string[]> {
  const { identity } = options
  if (typeof identity === 'string') {
    // not named: by mistake it may be the identity itself
    const text = bytesAt(identity, 'The file of the identity').toString('utf8')
    if ((lstatSync(identity).mode & 0o077) !== 0)
      throw new SallyportError('SP_CLI_USAGE', 'The file of the identity can be read by others: chmod 600.')
    return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  }
  const terminal = openTerminal(io, options)
  try {
    return [await terminal.readSecret('Identity (AGE-SECRET-KEY-…): ')]
  } finally {
    terminal.close()
  }
}

function bytesAt(path: string, what = path): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${what} cannot be read.`, { cause })
  }
}
