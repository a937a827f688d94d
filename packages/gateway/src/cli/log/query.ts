import { jsonLine } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { filterQuery } from './filter.ts'
import { HEADERS, itemsOf, recordRow } from './record-row.ts'

export const run: CommandRun = async (io, _args, options) => {
  const newest = options['after'] === undefined ? { newest: 'true' } : undefined
  const answer = await io.gateway.request('GET', `/api/v1/log${filterQuery(options, newest)}`)
  const items = itemsOf(answer)
  if (io.json) io.out(jsonLine(answer).trimEnd())
  else if (items.length === 0) io.err('No record matches.')
  else io.out(formatTable(HEADERS, items.map(recordRow)))
  return 0
}
