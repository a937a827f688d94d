import { isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { listOf, textOf } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { secondsOf } from '../duration.ts'
import { formatTable } from '../output.ts'

export const run: CommandRun = async (io, _args, options) => {
  const matcher = matcherOf(options)
  if (options['preview'] === true) return preview(io, matcher)
  const { reason, for: time } = options
  if (typeof reason !== 'string' || typeof time !== 'string')
    throw new SallyportError('SP_CLI_USAGE', 'Say how long with --for and why with --reason.')
  const asked = { matcher, until: systemClock.now() + secondsOf('--for', time) * 1000, reason }
  const answer = await sendAsOperator(io, 'alerts.silence', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/silences', { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else
    io.out(`Silenced until ${new Date(asked.until).toISOString()}: ${isJsonObject(answer) ? textOf(answer, 'id') : ''}`)
  return 0
}

function matcherOf(options: CliOptions): JsonObject {
  const given = ['name', 'agent', 'tool'].flatMap((name) => {
    const value = options[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  if (given.length === 0) throw new SallyportError('SP_CLI_USAGE', 'Say what with --name, --agent or --tool.')
  return Object.fromEntries(given)
}

async function preview(io: CliIo, matcher: JsonObject): Promise<number> {
  const query = new URLSearchParams(matcher as Record<string, string>)
  const answer = await io.gateway.request('GET', `/api/v1/silences/preview?${query.toString()}`)
  const items = listOf(answer, 'items')
  const rows = items.map((item) => [
    ...[textOf(item, 'severity'), textOf(item, 'count'), textOf(item, 'agent'), textOf(item, 'sentence').slice(0, 100)],
  ])
  if (io.json) io.out(safeJson(answer))
  else if (items.length === 0) io.err('It would have hidden nothing in the last 7 days.')
  else io.out(formatTable(['SEVERITY', 'TIMES', 'AGENT', 'WHAT'], rows))
  return 0
}
