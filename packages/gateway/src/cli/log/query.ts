import { isJsonObject, jsonLine } from '@sallyport/core'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { searchText } from './search-text.ts'
import { filterQuery } from './filter.ts'
import { HEADERS, itemsOf, recordRow } from './record-row.ts'

export const run: CommandRun = async (io, args, options) => {
  if (args.length > 0 || options['before'] !== undefined) return search(io, searchText(args), options)

  const newest = options['after'] === undefined ? { newest: 'true' } : undefined
  const answer = await io.gateway.request('GET', `/api/v1/log${filterQuery(options, newest)}`)
  const items = itemsOf(answer)
  if (io.json) io.out(jsonLine(answer).trimEnd())
  else if (items.length === 0) io.err('No record matches.')
  else io.out(formatTable(HEADERS, items.map(recordRow)))
  return 0
}

/** Newest last, as logs are read in a terminal. */
async function search(io: CliIo, q: string, options: CliOptions): Promise<number> {
  const answer = await io.gateway.request('GET', `/api/v1/log${filterQuery(options, { q })}`)
  const items = itemsOf(answer)
  const { next, searchedTo } = isJsonObject(answer) ? answer : {}
  if (io.json) io.out(jsonLine(answer).trimEnd())
  else if (items.length > 0) io.out(formatTable(HEADERS, [...items].reverse().map(recordRow)))
  else io.err('No record matches.')
  if (io.json || typeof next !== 'string') return 0
  const reached = typeof searchedTo === 'number' ? `Searched back to ${new Date(searchedTo).toISOString()}. ` : ''
  io.err(`${reached}There is more. Next: --before ${next}`)
  return 0
}
