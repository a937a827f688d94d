import type { JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { itemsOf, safeJson, text, timeLeft } from './json.ts'

export const run: CommandRun = async (io, _args, options) => {
  const limit = typeof options['limit'] === 'string' ? options['limit'] : '100'
  const asked = typeof options['status'] === 'string' ? [options['status']] : ['pending', 'partially_approved']
  const paths = options['all'] === true ? [''] : asked.map((state) => `&state=${encodeURIComponent(state)}`)
  const items: JsonObject[] = []
  for (const filter of paths) {
    items.push(
      ...itemsOf(await io.gateway.request('GET', `/api/v1/approvals?limit=${encodeURIComponent(limit)}${filter}`)),
    )
  }
  if (io.json) {
    io.out(safeJson({ items }))
    return 0
  }
  if (items.length === 0) {
    io.err('Nothing waits for you.')
    return 0
  }
  const now = systemClock.now()
  const row = (item: JsonObject): readonly string[] => [
    text(item, 'id'),
    text(item, 'severity'),
    text(item, 'tool'),
    text(item, 'agentId'),
    text(item, 'state'),
    ['pending', 'partially_approved', 'approved'].includes(text(item, 'state'))
      ? timeLeft(Number(item['expiresAt']), now)
      : '',
    text(item, 'reason').slice(0, 60),
  ]
  io.out(formatTable(['ID', 'SEVERITY', 'TOOL', 'AGENT', 'STATE', 'LEFT', 'BECAUSE'], items.map(row)))
  return 0
}
