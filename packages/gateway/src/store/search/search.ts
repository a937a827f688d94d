import { facetsOf } from '@sallyport/core/audit/search/facets'
import { EVERYTHING, matchesLogSearch, type LogSearch } from '@sallyport/core/audit/search/query'
import { fromBody } from './body.ts'
import {
  candidates,
  countUpTo,
  newestFirst,
  rangeOf,
  sourcesOf,
  type Candidate,
  type Range,
  type Source,
} from './candidates.ts'
import type { LogPage, LogSearcher, PageQuery, Rows } from './ports.ts'
import { sessions } from './sessions.ts'
import { survey } from './survey.ts'
import { placeOf, readTail, standIn } from './tail.ts'

const PAGE = 200
const MOST = 1_000
/** Records of a page's search are read in steps that grow; after so many it says how far it came instead of going on. */
const FIRST_STEP = 400
const LARGEST_STEP = 4_000
const EXAMINED = 24_000

/** Searches the log with the same statements on both databases. Decides by the record itself, the index only says where to look. */
export function createSearch(rows: Rows): LogSearcher {
  return {
    page: (query) => page(rows, query),
    survey: (query) => survey(rows, query),
    sessions: (query) => sessions(rows, query),
    async values(field, prefix, limit) {
      const text =
        'SELECT value FROM audit_word WHERE field = ? AND value >= ? AND value < ? ORDER BY n DESC, value LIMIT ?'
      const found = (await rows(text, [field, prefix, `${prefix}\u{10ffff}`, limit])) as { value: string }[]
      return found.map(({ value }) => value)
    },
  }
}

const BY_TIME: Source = { by: 'time' }
const NO_TAIL: Awaited<ReturnType<typeof readTail>> = { found: [], left: 0 }

const fits = (search: LogSearch, { body }: Candidate): boolean =>
  search === EVERYTHING || matchesLogSearch(search, facetsOf(fromBody(body)), body)

async function page(rows: Rows, query: PageQuery): Promise<LogPage> {
  const { search } = query
  const limit = Math.max(1, Math.min(query.limit ?? PAGE, MOST))
  const range = rangeOf(query)
  const fewest = await narrowest(rows, await sourcesOf(rows, search), range)
  const unread = fewest.by === 'words' ? await readTail(rows, range) : NO_TAIL
  const [source, tail] = query.whole === true && unread.left > 0 ? [BY_TIME, NO_TAIL] : [fewest, unread]
  const kept = tail.found.filter((each) => fits(search, each))
  let at = range
  let examined = 0
  let isEnd = false
  for (
    let step = FIRST_STEP;
    // once in any case: what the tail knows is only good as far as the index was looked at
    (examined === 0 || kept.length <= limit) && !isEnd && examined < EXAMINED;
    step = Math.min(step * 2, LARGEST_STEP)
  ) {
    const found = await candidates(rows, source, at, step)
    examined += found.length
    for (const each of found) if (fits(search, each)) kept.push(each)
    const last = found.at(-1)
    isEnd = last === undefined || found.length < step
    if (last) at = { ...at, to: last.ts, before: placeOf(last) }
  }
  kept.sort(newestFirst)
  // what the tail knows of lies beyond what was looked at otherwise: it comes with a later page
  const seen = isEnd ? kept : kept.filter((each) => newestFirst(each, standIn(at.before)) <= 0)
  // a record may have come into the index between one look and the next
  const distinct = seen.filter((each, i) => i === 0 || newestFirst(each, seen[i - 1] as Candidate) !== 0)
  const records = distinct.slice(0, limit)
  const more = distinct.length > limit
  const last = records.at(-1)
  const next = more && last ? placeOf(last) : isEnd ? undefined : at.before
  return {
    records: records.map(({ stream, seq, body, prev, hash }) => ({ stream, seq, body, prev, hash })),
    ...(next === undefined ? {} : { next }),
    ...(more || isEnd ? {} : { searchedTo: at.before[0] }),
    unindexed: tail.left,
    ...(query.endings === true ? { endings: await endingsOf(rows, records) } : {}),
  }
}

/** How the calls of these records ended, as far as they did. */
async function endingsOf(rows: Rows, records: readonly Candidate[]): Promise<Readonly<Record<string, string>>> {
  const ids = [...new Set(records.flatMap(({ body }) => facetsOf(fromBody(body)).id ?? []))]
  const endings: Record<string, string> = Object.create(null) as Record<string, string>
  for (let at = 0; at < ids.length; at += PAGE) {
    const some = ids.slice(at, at + PAGE)
    const text = `SELECT audit_id AS id, body FROM audit_event
      WHERE audit_id IN (${some.map(() => '?').join(', ')}) AND kind = 'outcome'`
    for (const { id, body } of (await rows(text, some)) as { id: string; body: string }[]) endings[id] = body
  }
  return endings
}

/** The source with the fewest records; counting stops where it no longer matters. */
async function narrowest(rows: Rows, sources: readonly Source[], range: Range): Promise<Source> {
  const [first, ...others] = sources
  if (first === undefined) return BY_TIME
  if (others.length === 0) return first
  let best = first
  let least = Number.POSITIVE_INFINITY
  for (const source of sources) {
    const n = await countUpTo(rows, source, range, Math.min(least, LARGEST_STEP))
    if (n < least) [best, least] = [source, n]
  }
  return best
}
