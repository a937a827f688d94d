import { writeFileSync } from 'node:fs'
import { isJsonObject, SallyportError } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import { textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

/** Values leave the gateway encrypted; this program never sees one. */
export const run: CommandRun = async (io, _args, options) => {
  const { to, out } = options
  const recipients = Array.isArray(to) ? (to as readonly string[]) : []
  if (recipients.length === 0) throw new SallyportError('SP_CLI_USAGE', 'Say who can open it: --to age1…')
  if (recipients.some((each) => !/^age1[0-9a-z]+$/.test(each)))
    throw new SallyportError('SP_CLI_USAGE', '--to takes age recipients, which begin with age1.')
  const answer = await sendAsOperator(io, 'vault.backup', { recipients }, options, (proof) =>
    io.gateway.request('POST', '/api/v1/vault/backup', { recipients, ...proof }),
  )
  const said = isJsonObject(answer) ? answer : {}
  const [text, gateway] = [textOf(said, 'file'), textOf(said, 'gateway')]
  const { names, refused } = said
  if (typeof out === 'string') {
    try {
      writeFileSync(out, text, { mode: 0o600, flag: 'wx', flush: true })
    } catch (cause) {
      throw new SallyportError('SP_CLI_USAGE', `${out} cannot be made; it must not exist.`, { cause })
    }
  }
  const count = Array.isArray(names) ? names.length : 0
  if (io.json)
    io.out(JSON.stringify({ ...(typeof out === 'string' ? { out } : { file: text }), names, refused, gateway }))
  else if (typeof out !== 'string') io.out(text.trimEnd())
  io.err(
    `${count} ${count === 1 ? 'value' : 'values'} of gateway ${gateway}, for ${recipients.length} recipient(s). Ended and revoked ones are not in it.`,
  )
  if (Array.isArray(refused) && refused.length > 0)
    io.err(`Left out, because their rows are not what this gateway wrote last: ${refused.join(', ')}.`)
  return 0
}
