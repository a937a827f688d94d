import { writeFileSync } from 'node:fs'
import { isJsonObject, SallyportError } from '@sallyport/core'
import { keyLine, newKey } from '../../custody/vault/master-keys.ts'
import { systemRandom } from '../../random.ts'
import { fieldsOf, textOf } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CliIo, CommandRun } from '../command.ts'

export const run: CommandRun = async (io, _args, options) => {
  if (typeof options['out'] === 'string') return makeFile(io, options['out'])
  const answer = await sendAsOperator(io, 'vault.init', {}, options, (proof) =>
    io.gateway.request('POST', '/api/v1/vault/init', proof),
  )
  if (io.json) io.out(JSON.stringify(answer))
  else if (isJsonObject(answer)) {
    io.out(fieldsOf(answer, ['source', 'made', 'master']))
    io.err(KEEP[textOf(answer, 'source')] ?? '')
  }
  return 0
}

const KEEP: Readonly<Record<string, string>> = {
  file: 'Keep a copy of this file elsewhere, apart from copies of the store: without it nothing in the vault opens, and with both all of it does.',
  kms: 'Keep a copy of this file elsewhere: nothing in the vault opens without both it and the service, and neither of them opens it alone.',
  passphrase: 'Keep the passphrase and a copy of this file: without both of them nothing in the vault opens.',
}

/** A key for a variable, a descriptor or a credential of systemd. It is shown to nobody. */
function makeFile(io: CliIo, path: string): number {
  const key = newKey(systemRandom)
  try {
    writeFileSync(path, keyLine(key), { mode: 0o600, flag: 'wx', flush: true })
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${path} cannot be made; it must not exist.`, { cause })
  }
  io.out(
    io.json
      ? JSON.stringify({ made: path, master: key.id })
      : fieldsOf({ made: path, master: key.id }, ['made', 'master']),
  )
  io.err('Hand its one line to the gateway as `vault.key` says, keep a copy elsewhere, and remove this file.')
  return 0
}
