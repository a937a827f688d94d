import { isJsonObject, type JsonObject } from '@sallyport/core'
import { listOf, textOf } from '../agents/answers.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

export const run: CommandRun = async (io, _args, options) => {
  if (options['silences'] === true) return silences(io)
  if (options['sinks'] === true) return sinks(io)
  const answer = await io.gateway.request('GET', `/api/v1/alerts?${queryOf(options).toString()}`)
  const items = listOf(answer, 'items')
  if (io.json) io.out(safeJson(answer))
  else if (items.length === 0) io.err(emptyText(isJsonObject(answer) ? answer : {}))
  else io.out(formatTable(['ID', 'SEVERITY', 'TIMES', 'LAST', 'WHO HAS IT', 'WHAT'], items.map(row)))
  return items.some((item) => textOf(item, 'severity') === 'critical' && textOf(item, 'state') !== 'resolved') ? 1 : 0
}

function queryOf(options: CliOptions): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of ['state', 'severity', 'agent', 'limit'] as const) {
    const value = name === 'state' ? options['status'] : options[name]
    if (typeof value === 'string') query.set(name, value)
  }
  return query
}

const row = (item: JsonObject): readonly string[] => [
  textOf(item, 'id'),
  textOf(item, 'severity'),
  textOf(item, 'count'),
  timeOf(item, 'last'),
  textOf(item, 'state') === 'resolved' ? 'resolved' : textOf(item, 'holder') || '-',
  `${textOf(item, 'silence') === '' ? '' : '(silenced) '}${textOf(item, 'sentence').slice(0, 100)}`,
]

function emptyText(answer: JsonObject): string {
  const at = answer['lastResolved']
  return typeof at === 'number' ? `No open alert. Last one resolved ${new Date(at).toISOString()}.` : 'No open alert.'
}

async function silences(io: CliIo): Promise<number> {
  const answer = await io.gateway.request('GET', '/api/v1/silences')
  const items = listOf(answer, 'items')
  const what = ({ matcher }: JsonObject): string =>
    isJsonObject(matcher)
      ? Object.entries(matcher)
          .flatMap(([name, value]) => `${name}=${typeof value === 'string' ? value : ''}`)
          .join(' ')
      : ''
  const rows = items.map((item) => [
    ...[textOf(item, 'id'), what(item), timeOf(item, 'until'), textOf(item, 'by'), textOf(item, 'reason')],
  ])
  if (io.json) io.out(safeJson(answer))
  else if (items.length === 0) io.err('Nothing is silenced.')
  else io.out(formatTable(['ID', 'WHAT', 'UNTIL', 'BY', 'WHY'], rows))
  return 0
}

async function sinks(io: CliIo): Promise<number> {
  const answer = await io.gateway.request('GET', '/api/v1/alert-sinks')
  const items = listOf(answer, 'items')
  const rows = items.map((item) => [
    ...[textOf(item, 'name'), textOf(item, 'type'), textOf(item, 'waiting'), textOf(item, 'dead')],
    textOf(item, 'error') === '' ? '' : `${textOf(item, 'error')} since ${timeOf(item, 'since')}`,
  ])
  if (io.json) io.out(safeJson(answer))
  else if (items.length === 0) io.err('Alerts go to the log and the console; `alerts.sinks` names more.')
  else io.out(formatTable(['SINK', 'TYPE', 'WAITING', 'GIVEN UP', 'TROUBLE'], rows))
  return 0
}

const timeOf = (item: JsonObject, name: string): string => {
  const at = Number(item[name])
  return Number.isFinite(at) && at > 0 ? new Date(at).toISOString() : ''
}
