import { isJsonObject } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { secondsOf } from '../duration.ts'

/** For a time; what should hold for good is a rule of the configuration. */
export const run: CommandRun = async (io, args, options) => {
  const host = argument(args, 0, 'host')
  const seconds = secondsOf('--for', String(options['for'] ?? '1h'))
  const agent = typeof options['agent'] === 'string' ? { agent: options['agent'] } : {}
  const asked = { host, seconds, ...agent }
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
