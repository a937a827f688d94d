import {
  csvCells,
  csvLine,
  CSV_HEADER,
  isJsonObject,
  jsonLine,
  recordView,
  toOcsf,
  type Json,
  type JsonObject,
  type StoredRecord,
} from '@sallyport/core'
import type { SearchSource } from './ports.ts'
import type { Params, SearchParams } from './search-params.ts'

export interface ExportServices {
  readonly search: Pick<SearchSource, 'page'>
  /** For OCSF's metadata. */
  readonly version: string
  readonly prove: (stream: string, seq: number) => Promise<object>
}

type Format = NonNullable<Params['format']>
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  ndjson: 'application/x-ndjson',
  ocsf: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
}

const PAGE = 1_000
/** Everything that a search finds, newest first, a piece at a time: nothing is held in memory and the reader sets the pace. */
export async function* exported(
  services: ExportServices,
  asked: SearchParams,
  format: Format,
  withProofs: boolean,
): AsyncGenerator<string> {
  const { search, version } = services
  if (format === 'csv') yield csvLine(withProofs ? [...CSV_HEADER, 'proof'] : CSV_HEADER)
  let left = asked.limit ?? Number.POSITIVE_INFINITY
  for (let at = asked; left > 0;) {
    const { records, next } = await search.page({ ...at, limit: Math.min(left, PAGE), whole: true })
    let chunk = ''
    for (const record of records) {
      const proof = withProofs ? proofOf(await services.prove(record.stream, record.seq)) : undefined
      chunk += LINES[format](record, proof, version)
    }
    if (chunk !== '') yield chunk
    left -= records.length
    if (next === undefined) return
    at = { ...at, before: next }
  }
}

/** The proof without the record, which stands beside it. */
function proofOf(proof: object): JsonObject {
  const { record: _record, ...rest } = proof as JsonObject & { readonly record: Json }
  return rest
}

type Line = (record: StoredRecord, proof: JsonObject | undefined, version: string) => string
const LINES: Readonly<Record<Format, Line>> = {
  ndjson: (record, proof) => jsonLine(proof === undefined ? recordView(record) : { ...recordView(record), proof }),
  ocsf: (stored, proof, version) => {
    const event = toOcsf(stored, version)
    const unmapped = isJsonObject(event['unmapped']) ? event['unmapped'] : {}
    return jsonLine(proof === undefined ? event : { ...event, unmapped: { ...unmapped, proof } })
  },
  csv: (stored, proof) =>
    csvLine([...csvCells(recordView(stored)), ...(proof === undefined ? [] : [JSON.stringify(proof)])]),
}
