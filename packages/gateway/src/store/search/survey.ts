import { facetsOf, type Facets, type LogField } from '@sallyport/core/audit/search/facets'
import { matchesLogSearch, type LogSearch } from '@sallyport/core/audit/search/query'
import { fromBody } from './body.ts'
import { candidates, countUpTo, rangeOf, sourcesOf, type Candidate, type Range, type Source } from './candidates.ts'
import type { Bucket, FacetValue, Rows, Survey, SurveyQuery } from './ports.ts'
import { placeOf, readTail } from './tail.ts'
import { wordOf } from './terms.ts'

/** Up to here everything is read and counted; beyond, a sample stands for the rest. */
const EXACT = 10_000
const SAMPLE = 4_000
/** What is asked or denied is rare and what people look for: up to so many of each are counted, not estimated. */
const RARE = 2_000
const STEP = 500
/** Its multiples fall evenly and never in step with anything. */
const GOLDEN = 0.618033988749895
const SHOWN: readonly LogField[] = [
  ...(['decision', 'agent', 'integrity', 'confidentiality', 'rule', 'tool', 'person', 'kind', 'effect'] as const),
]
const MOST_VALUES = 100

/** A record of the sample: what it is found by, and for how many it stands. */
interface Weighed {
  readonly ts: number
  readonly facets: Facets
  readonly weight: number
}

/** Counts by value and by time of everything that a search finds. */
export async function survey(rows: Rows, query: SurveyQuery): Promise<Survey> {
  const { search, from, to } = query
  const range = rangeOf({ search, from, to })
  const found = (await exactly(rows, search, range)) ?? (await sampled(rows, search, range))
  const estimated = found.some(({ weight }) => weight !== 1)
  const sum = found.reduce((n, { weight }) => n + weight, 0)
  return {
    total: { n: Math.round(sum), estimated },
    facets: Object.fromEntries(
      SHOWN.map((field) => [field, valuesOf(found, field)]).filter(([, v]) => v?.length !== 0),
    ),
    histogram: bucketsOf(found, query),
    estimated,
  }
}

/** All records of the first source that is small enough; undefined when there is none. */
async function exactly(rows: Rows, search: LogSearch, range: Range): Promise<readonly Weighed[] | undefined> {
  const sources: readonly Source[] = [...(await sourcesOf(rows, search)), { by: 'time' }]
  for (const source of sources) {
    if ((await countUpTo(rows, source, range, EXACT + 1)) > EXACT) continue
    // what was written a moment ago is not in the index yet
    const tail = source.by === 'words' ? (await readTail(rows, range)).found : []
    const found = new Map([...tail, ...(await all(rows, source, range))].map((each) => [placeOf(each).join(), each]))
    return [...found.values()].flatMap((each) => weigh(search, each, 1))
  }
  return undefined
}

async function all(rows: Rows, source: Source, range: Range): Promise<readonly Candidate[]> {
  const found: Candidate[] = []
  for (let at = range; found.length <= EXACT;) {
    const step = await candidates(rows, source, at, STEP * 4)
    found.push(...step)
    const last = step.at(-1)
    if (!last || step.length < STEP * 4) break
    at = { ...at, to: last.ts, before: placeOf(last) }
  }
  return found
}

function weigh(search: LogSearch, { body, ts }: Candidate, weight: number): readonly Weighed[] {
  const facets = facetsOf(fromBody(body))
  return matchesLogSearch(search, facets, body) ? [{ ts, facets, weight }] : []
}

interface Span {
  readonly stream: string
  readonly first: number
  readonly last: number
}

/** Records all along each stream, every one standing for those around it; what is rare is read whole. */
async function sampled(rows: Rows, search: LogSearch, range: Range): Promise<readonly Weighed[]> {
  const spans = await spansOf(rows, range)
  const size = spans.reduce((n, { first, last }) => n + last - first + 1, 0)
  const weight = Math.max(1, size / SAMPLE)
  const whole = new Set<string>()
  const found: Weighed[] = []
  for (const word of ['denied', 'asked', 'approved']) {
    const source: Source = { by: 'words', words: [wordOf('decision', word)] }
    if ((await countUpTo(rows, source, range, RARE + 1)) > RARE) continue
    whole.add(word)
    for (const each of await candidates(rows, source, range, RARE)) found.push(...weigh(search, each, 1))
  }
  for (const { stream, first, last } of spans) {
    const places: number[] = []
    // one at a place of its own in each part: at even distances a log that repeats itself would show one side of it
    for (let k = 0; first + k * weight <= last; k++) {
      const at = first + Math.floor((k + ((k * GOLDEN) % 1)) * weight)
      if (at <= last) places.push(at)
    }
    for (let i = 0; i < places.length; i += STEP) {
      const some = places.slice(i, i + STEP)
      const text = `SELECT stream, seq, ts, body, prev, hash FROM audit_event
        WHERE stream = ? AND seq IN (${some.map(() => '?').join(', ')})`
      for (const each of (await rows(text, [stream, ...some])) as Candidate[]) {
        const weighed = each.ts < range.from || each.ts > range.to ? [] : weigh(search, each, weight)
        found.push(...weighed.filter(({ facets }) => facets.decision?.some((word) => whole.has(word)) !== true))
      }
    }
  }
  return found
}

/** First and last record of each stream in a time. Times only rise within a stream, but for clocks that were set. */
async function spansOf(rows: Rows, { from, to }: Range): Promise<readonly Span[]> {
  const streams = (await rows('SELECT stream FROM audit_stream ORDER BY stream', [])) as { stream: string }[]
  const spans: Span[] = []
  for (const { stream } of streams) {
    const edge = async (order: string, sign: string, ts: number): Promise<number | undefined> => {
      const text = `SELECT seq FROM audit_event WHERE ts ${sign} ? AND stream = ? ORDER BY ts ${order} LIMIT 1`
      return ((await rows(text, [ts, stream])) as { seq: number }[])[0]?.seq
    }
    const [first, last] = [await edge('ASC', '>=', from), await edge('DESC', '<=', to)]
    if (first !== undefined && last !== undefined && last >= first) spans.push({ stream, first, last })
  }
  return spans
}

function valuesOf(found: readonly Weighed[], field: LogField): readonly FacetValue[] {
  const counts = new Map<string, { n: number; estimated: boolean }>()
  for (const { facets, weight } of found) {
    for (const value of facets[field] ?? []) {
      const known = counts.get(value)
      if (known) {
        known.n += weight
        known.estimated ||= weight !== 1
      } else counts.set(value, { n: weight, estimated: weight !== 1 })
    }
  }
  const values = [...counts].map(([value, { n, estimated }]) => ({ value, n: Math.round(n), estimated }))
  return values.sort((a, b) => b.n - a.n || (a.value < b.value ? -1 : 1)).slice(0, MOST_VALUES)
}

const SIDE: Readonly<Record<string, 'allowed' | 'asked' | 'denied'>> = {
  allowed: 'allowed',
  elevated: 'allowed',
  approved: 'allowed',
  asked: 'asked',
  denied: 'denied',
}

function bucketsOf(found: readonly Weighed[], { from, to, buckets }: SurveyQuery): readonly Bucket[] {
  const width = Math.max(1, (to - from + 1) / buckets)
  const parts = Array.from({ length: buckets }, (_, i) => ({
    ...{ from: Math.round(from + i * width), allowed: 0, asked: 0, denied: 0, other: 0 },
  }))
  for (const { ts, facets, weight } of found) {
    const part = parts[Math.min(buckets - 1, Math.max(0, Math.floor((ts - from) / width)))]
    if (part) part[SIDE[facets.decision?.[0] ?? ''] ?? 'other'] += weight
  }
  return parts.map(({ from: at, allowed, asked, denied, other }) => ({
    ...{ from: at, allowed: Math.round(allowed), asked: Math.round(asked) },
    ...{ denied: Math.round(denied), other: Math.round(other) },
  }))
}
