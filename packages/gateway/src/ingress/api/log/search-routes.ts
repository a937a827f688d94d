import {
  isJsonObject,
  LOG_FIELDS,
  recordView,
  SallyportError,
  sentenceOf,
  type Json,
  type JsonObject,
  type LogField,
  type StoredRecord,
} from '@sallyport/core'
import type { Clock } from '../../../boundary/ports.ts'
import type { ApiRequest, ApiResponse, Route } from '../route.ts'
import type { LogCounts, SearchSource } from './ports.ts'
import { readParams, writePlace, type SearchParams } from './search-params.ts'

export interface SearchServices {
  readonly search: SearchSource
  readonly clock: Clock
}

const BUCKETS = 72
const MOST_BUCKETS = 500
/** Facets and histogram of one view are asked for at once and are one piece of work. */
const REUSED_MS = 1_000
const MOST_REUSED = 16
const DAY_MS = 86_400_000

/** A page of the explorer: newest first, each call with how it ended. */
export async function searchPage({ search, clock }: SearchServices, asked: SearchParams): Promise<ApiResponse> {
  const began = clock.monotonic()
  const { records, endings = {}, next, searchedTo, unindexed } = await search.page({ ...asked, endings: true })
  const items = records.map((record) => itemOf(record, endings))
  const body = {
    ...{ items, next: next === undefined ? null : writePlace(next), searchedTo: searchedTo ?? null },
    ...{ unindexed, tookMs: Math.round((clock.monotonic() - began) * 10) / 10 },
  }
  return { status: 200, body }
}

/** How a call ended belongs to the record that let it run. */
function itemOf(stored: StoredRecord, endings: Readonly<Record<string, string>>): JsonObject {
  const view = recordView(stored)
  const record = isJsonObject(view['record']) ? view['record'] : {}
  const { kind, policyDecision, auditId } = record
  const ran =
    kind === 'release' || (kind === 'decision' && (policyDecision === 'allowed' || policyDecision === 'elevated'))
  const ending = ran && typeof auditId === 'string' ? endings[auditId] : undefined
  const sentence = sentenceOf(record) as unknown as Json
  return { ...view, sentence, ended: ending === undefined ? null : (JSON.parse(ending) as Json) }
}

/** `/api/v1/log/{facets,histogram,values}`: what the explorer shows beside its list. All of them only read. */
export function logSearchRoutes(services: SearchServices): Route[] {
  const counts = createCounts(services)
  const get = (path: string, summary: string, handle: (request: ApiRequest) => Promise<ApiResponse>): Route => ({
    ...{ method: 'GET', path: `/api/v1/log/${path}`, plane: 'operator', scope: 'read', summary, handle },
  })
  return [
    get(
      'facets',
      'How many records of a search (`q`, `from`, `to`) have each value. Estimates above 10 000, and marked as such.',
      async (request) => {
        const { total, facets, estimated } = await counts(request)
        return { status: 200, body: { total, facets, estimated } as unknown as Json }
      },
    ),
    get(
      'histogram',
      'How many records of a search were allowed, asked and denied over time; 72 parts, or as many as `buckets` says.',
      async (request) => {
        const { total, histogram, estimated } = await counts(request)
        return { status: 200, body: { total, buckets: histogram, estimated } as unknown as Json }
      },
    ),
    get('values', 'Values of a `field` that begin with `prefix`, the most frequent first.', async ({ query }) => {
      const { field = '', prefix = '' } = query
      if (!LOG_FIELDS.includes(field as LogField)) {
        throw new SallyportError('SP_API_INVALID', `field: one of ${LOG_FIELDS.join(', ')}.`)
      }
      const items = await services.search.values(field as LogField, prefix.slice(0, 256), 20)
      return { status: 200, body: { items: [...items] } }
    }),
  ]
}

/** Counts of a search, kept for a moment. */
function createCounts({ search, clock }: SearchServices): (request: ApiRequest) => Promise<LogCounts> {
  const kept = new Map<string, { readonly at: number; readonly counts: Promise<LogCounts> }>()
  return (request) => {
    const { params, asked } = readParams(request)
    const to = asked.to ?? clock.now()
    const from = asked.from ?? to - DAY_MS
    if (from > to) throw new SallyportError('SP_API_INVALID', 'from is later than to.')
    const buckets = Math.max(1, Math.min(params.buckets ?? BUCKETS, MOST_BUCKETS))
    const query = { search: asked.search, from, to, buckets }
    const key = JSON.stringify({ ...query, to: asked.to ?? 'now', from: asked.from ?? 'day' })
    const now = clock.monotonic()
    for (const [old, { at }] of kept) if (now - at > REUSED_MS || kept.size > MOST_REUSED) kept.delete(old)
    const known = kept.get(key)
    if (known) return known.counts
    const counts = search.survey(query)
    kept.set(key, { at: now, counts })
    return counts
  }
}
