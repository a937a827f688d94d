import type { StoredRecord } from '@sallyport/core'
import type { LogField } from '@sallyport/core/audit/search/facets'
import { termValues, type LogSearch } from '@sallyport/core/audit/search/query'
import type { Cursor, PageQuery, Rows } from './ports.ts'
import { INDEXED, wordOf } from './terms.ts'

/** A stored record with its time, as it is read for a search. */
export interface Candidate extends StoredRecord {
  readonly ts: number
}

/** Time and place that candidates must lie in. */
export interface Range {
  readonly from: number
  readonly to: number
  readonly before: Cursor
}

/** Later than every record, for lists that begin at the newest. */
const END: Cursor = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, '\uffff']
const ENTRIES = 'SELECT ts, seq, stream FROM'
// `+` keeps both databases from walking the whole log by time where few records have the value
const FEW =
  'AND +ts >= ? AND +ts <= ? AND (+ts, seq, stream) < (?, ?, ?) ORDER BY +ts DESC, seq DESC, stream DESC LIMIT ?'
const WITHIN = 'ts >= ? AND ts <= ? AND (ts, seq, stream) < (?, ?, ?) ORDER BY ts DESC, seq DESC, stream DESC LIMIT ?'
const RECORD = 'e.stream, e.seq, e.ts, e.body, e.prev, e.hash'
/** More values than this behind one `*` are not looked up one by one. */
const MOST_WORDS = 64

/** Where the records that may fit a search are read from: one index that narrows it, or the log by time. */
export type Source =
  | { readonly by: 'time' }
  | { readonly by: 'words'; readonly words: readonly number[] }
  | { readonly by: 'session' | 'id'; readonly values: readonly string[] }

export const rangeOf = ({ from, to, before }: PageQuery): Range => ({
  from: from ?? 0,
  to: Math.min(to ?? Number.MAX_SAFE_INTEGER, before?.[0] ?? Number.MAX_SAFE_INTEGER),
  before: before ?? END,
})

const bounds = ({ from, to, before }: Range): readonly (string | number)[] => [from, to, ...before]

/** Statements that find the places of a source's records, newest first, each with its own limit. */
function placesOf(source: Source, range: Range, limit: number): readonly (readonly [string, (string | number)[]])[] {
  const rest = [...bounds(range), limit]
  switch (source.by) {
    case 'words':
      return source.words.map((word) => [`${ENTRIES} audit_term WHERE word = ? AND ${WITHIN}`, [word, ...rest]])
    case 'session':
      return source.values.map((value) => [`${ENTRIES} audit_event WHERE session = ? ${FEW}`, [value, ...rest]])
    case 'id':
      return source.values.map((value) => [`${ENTRIES} audit_event WHERE audit_id = ? ${FEW}`, [value, ...rest]])
    case 'time':
      return [[`${ENTRIES} audit_event WHERE ${WITHIN}`, rest]]
  }
}

/** The newest candidates of a source, newest first; fewer than `limit` only at the end. */
export async function candidates(
  rows: Rows,
  source: Source,
  range: Range,
  limit: number,
): Promise<readonly Candidate[]> {
  const found: Candidate[] = []
  for (const [text, values] of placesOf(source, range, limit)) {
    const joined = `SELECT ${RECORD} FROM (${text}) AS t JOIN audit_event AS e ON e.stream = t.stream AND e.seq = t.seq`
    found.push(...((await rows(joined, values)) as Candidate[]))
  }
  found.sort(newestFirst)
  const distinct = found.filter((each, i) => i === 0 || newestFirst(each, found[i - 1] as Candidate) !== 0)
  return distinct.slice(0, limit)
}

/** How many records a source has in a range, counted up to `most`. */
export async function countUpTo(rows: Rows, source: Source, range: Range, most: number): Promise<number> {
  let sum = 0
  for (const [text, values] of placesOf(source, range, most)) {
    const [row] = (await rows(`SELECT COUNT(*) AS n FROM (${text}) AS t`, values)) as { n: number }[]
    sum += Number(row?.n ?? 0)
    if (sum >= most) return most
  }
  return sum
}

export const newestFirst = (a: Candidate, b: Candidate): number =>
  b.ts - a.ts || b.seq - a.seq || (a.stream < b.stream ? 1 : a.stream > b.stream ? -1 : 0)

/** The sources that hold everything a search can find, one for each of its parts that an index answers. */
export async function sourcesOf(rows: Rows, { terms }: LogSearch): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const term of terms) {
    if (term.not) continue
    const values = termValues(term)
    if (term.field === 'session' || term.field === 'id') {
      if (!values.some((value) => value.endsWith('*'))) sources.push({ by: term.field, values })
      continue
    }
    if (!INDEXED.has(term.field)) continue
    const words = await wordsFor(rows, term.field, values)
    if (words !== undefined) sources.push({ by: 'words', words })
  }
  return sources
}

async function wordsFor(
  rows: Rows,
  field: LogField,
  values: readonly string[],
): Promise<readonly number[] | undefined> {
  const words = new Set<number>()
  for (const value of values) {
    if (!value.endsWith('*')) {
      words.add(wordOf(field, value))
      continue
    }
    const prefix = value.slice(0, -1)
    const text = 'SELECT word FROM audit_word WHERE field = ? AND value >= ? AND value < ? LIMIT ?'
    const found = (await rows(text, [field, prefix, `${prefix}\u{10ffff}`, MOST_WORDS + 1])) as { word: number }[]
    if (found.length > MOST_WORDS) return undefined
    for (const { word } of found) words.add(Number(word))
  }
  return [...words].slice(0, MOST_WORDS)
}
