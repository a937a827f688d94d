import { isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { itemsOf, safeJson, text, timeLeft } from './json.ts'

export const run: CommandRun = async (io, [action, id]) => {
  if (action !== undefined) {
    if (action !== 'revoke' || id === undefined)
      throw new SallyportError('SP_CLI_USAGE', 'approvals grants [revoke ID]')
    const done = await io.gateway.request('POST', `/api/v1/grants/${encodeURIComponent(id)}/revoke`, {})
    if (io.json) io.out(safeJson(done))
    else io.err('Revoked; the next such call is asked again.')
    return 0
  }
  const items = itemsOf(await io.gateway.request('GET', '/api/v1/grants'))
  if (io.json) {
    io.out(safeJson({ items }))
    return 0
  }
  if (items.length === 0) {
    io.err('No decision is remembered.')
    return 0
  }
  const row = (item: JsonObject): readonly string[] => [
    text(item, 'id'),
    text(item, 'scope'),
    text(item, 'tool'),
    text(item, 'agentId'),
    destinations(item),
    timeLeft(Number(item['until']), systemClock.now()),
  ]
  io.out(formatTable(['ID', 'SCOPE', 'TOOL', 'AGENT', 'EXACTLY', 'LEFT'], items.map(row)))
  return 0
}

const destinations = (item: JsonObject): string =>
  (Array.isArray(item['sinks']) ? item['sinks'] : [])
    .filter(isJsonObject)
    .map((leaf) => `${text(leaf, 'path')}=${text(leaf, 'value')}`)
    .join(' ')
