import { csvCells, csvLine, CSV_HEADER, isJsonObject, jsonLine, SallyportError } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { filterQuery } from './filter.ts'
import { searchText } from './search-text.ts'

const FORMATS: readonly unknown[] = ['ndjson', 'csv', 'ocsf', undefined]

export const run: CommandRun = async (io, args, options) => {
  const { format } = options
  if (!FORMATS.includes(format)) throw new SallyportError('SP_CLI_USAGE', '--format is ndjson, csv or ocsf.')
  const isCsv = format === 'csv'
  const withProofs = options['proofs'] === true
  const extra = {
    ...(args.length > 0 || isCsv || withProofs ? { q: searchText(args) } : {}),
    ...(withProofs ? { proofs: 'true' } : {}),
  }
  // the lines of a table are made here: what comes over the socket is JSON
  const from = filterQuery(isCsv ? { ...options, format: undefined } : options, extra)
  if (isCsv) io.out(csvLine(withProofs ? [...CSV_HEADER, 'proof'] : CSV_HEADER).trimEnd())
  for await (const item of io.gateway.stream(`/api/v1/log/export${from}`)) {
    if (!isCsv) io.out(jsonLine(item).trimEnd())
    else if (isJsonObject(item)) {
      const proof = withProofs ? [JSON.stringify(item['proof'])] : []
      io.out(csvLine([...csvCells(item), ...proof]).trimEnd())
    }
  }
  return 0
}
