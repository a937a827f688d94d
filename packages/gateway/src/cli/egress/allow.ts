import { isJsonObject, SallyportError } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** For a time; what should hold for good is a rule of the configuration. */
export const run: CommandRun = async (io, args, options) => {
  const host = argument(args, 0, 'host')
  const text = String(options['for'] ?? '1h')
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new SallyportError('SP_CLI_USAGE', `--for ${text}: write 30m, 8h or 7d.`)
  const agent = typeof options['agent'] === 'string' ? { agent: options['agent'] } : {}
  const asked = { host, seconds: Number(count) * (SECONDS[unit] ?? 1), ...agent }
  const answer = await sendAsOperator(io, 'egress.allow', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/egress/allow', { ...asked, ...proof }),
  )
  const until = isJsonObject(answer) ? new Date(Number(answer['until'])).toISOString() : ''
  io.out(
    io.json
      ? JSON.stringify(answer)
      : `${host} may be reached by ${agent.agent ?? 'everyone with a way out'} until ${until}.`,
  )
  return 0
}
