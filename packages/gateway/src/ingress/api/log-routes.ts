import {
  facetsOf,
  isJsonObject,
  jsonLine,
  matchesLogSearch,
  parseLogSearch,
  recordView,
  SallyportError,
  sentenceOf,
  toOcsf,
  type Json,
  type JsonObject,
  type LogSearch,
  type StoredRecord,
} from '@sallyport/core'
import { z } from 'zod'
import type { Clock } from '../../boundary/ports.ts'
import { CONTENT_TYPES, exported } from './log/export.ts'
import type { SearchSource } from './log/ports.ts'
import { COUNT as count, readParams, TIME as time } from './log/search-params.ts'
import { logSearchRoutes, searchPage } from './log/search-routes.ts'
import type { ApiRequest, ApiResponse, Route } from './route.ts'
import { invalid } from './verdict-response.ts'

/** The log as these routes read it. */
interface LogSource {
  readonly stream: string
  readLog(query: LogSourceQuery): Promise<readonly StoredRecord[]>
  streams(): Promise<readonly string[]>
  checkpoints(stream: string, limit: number): Promise<readonly object[]>
  checkpoint(): Promise<unknown>
  prove(stream: string, seq: number): Promise<object>
  readonly search: SearchSource
}
type LogSourceQuery = Partial<
  Record<'stream' | 'session' | 'agent' | 'tool' | 'kind' | 'decision' | 'auditId', string>
> &
  Partial<Record<'from' | 'to' | 'afterSeq' | 'limit', number>> & { readonly newest?: boolean }

export interface LogServices {
  readonly store: LogSource
  readonly clock: Clock
  /** For OCSF's metadata. */
  readonly version: string
  /** Told of everybody who reads the log (HB-146). */
  readonly looked?: (by: string) => void
  /** How often a tail looks for new records; default 200 ms. */
  readonly pollMs?: number
}

const PAGE = 1000
const Filter = z.strictObject({
  stream: z.string().optional(),
  session: z.string().optional(),
  agent: z.string().optional(),
  tool: z.string().optional(),
  kind: z.string().optional(),
  decision: z.string().optional(),
  auditId: z.string().optional(),
  from: time.optional(),
  to: time.optional(),
  after: count.optional(),
  limit: count.optional(),
  newest: z.enum(['true', 'false']).optional(),
  format: z.enum(['ndjson', 'ocsf']).optional(),
  q: z.string().max(2_000).optional(),
})
type Filter = z.infer<typeof Filter>

/** `/api/v1/log`: queries, tail, export, proofs and checkpoints; all of them only read (AC-1.2.4). */
export function logRoutes(services: LogServices): Route[] {
  const { store, version, clock } = services
  const get = (path: string, summary: string, handle: (request: ApiRequest) => Promise<ApiResponse>): Route => ({
    method: 'GET',
    path: `/api/v1/log${path}`,
    plane: 'operator',
    scope: 'read',
    summary,
    handle: async (request) => {
      const answer = await handle(request)
      services.looked?.(request.principal.id)
      return answer
    },
  })
  return [
    get(
      '',
      'Records by session, agent, tool, kind, decision and time, ascending; `newest=true` for the last ones. With `q` a search, newest first, `before` its `next` for more.',
      async (request) => {
        if ('q' in request.query) return searchPage({ search: store.search, clock }, readParams(request).asked)
        const filter = parse(request)
        const records = await store.readLog(toQuery(filter, Math.min(filter.limit ?? 100, PAGE)))
        const next = records.at(-1)?.seq ?? filter.after ?? 0
        return { status: 200, body: { items: records.map(recordView), next } }
      },
    ),
    get('/tail', 'New records as NDJSON, until the caller hangs up.', async (request) => ({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
      stream: tail(services, parse(request), request.signal),
    })),
    get('/export', EXPORT, async (request) => {
      if (isSearch(request)) {
        const { params, asked } = readParams(request)
        const { format = 'ndjson', proofs } = params
        const stream = exported(
          { search: store.search, version, prove: store.prove.bind(store) },
          asked,
          format,
          proofs === 'true',
        )
        return { status: 200, headers: { 'content-type': CONTENT_TYPES[format] }, stream }
      }
      const filter = parse(request)
      const view = filter.format === 'ocsf' ? (r: StoredRecord) => toOcsf(r, version) : recordView
      return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, stream: all(services, filter, view) }
    }),
    get('/checkpoints', 'The newest signed heads of a stream.', async (request) => {
      const filter = parse(request)
      const checkpoints = await store.checkpoints(filter.stream ?? store.stream, Math.min(filter.limit ?? 10, PAGE))
      return { status: 200, body: { items: checkpoints as unknown as Json } }
    }),
    get('/checkpoint', 'Signs what is new and returns the newest head.', async () => {
      await store.checkpoint()
      const [newest] = (await store.checkpoints(store.stream, 1)).slice(-1)
      if (!newest) throw new SallyportError('SP_AUDIT_UNKNOWN', 'There is no record yet.')
      return { status: 200, body: newest as unknown as Json }
    }),
    ...logSearchRoutes({ search: store.search, clock }),
    get(
      '/:id',
      'One record (`stream:seq`, or the decision of an audit id): what it tells, and all records of its call.',
      async ({ params }) => ({
        status: 200,
        body: await viewOf(services, params['id'] ?? ''),
      }),
    ),
    get('/records/:id', 'All records of one call (audit id), or one record (`stream:seq`).', async ({ params }) => {
      const records = await find(services, params['id'] ?? '')
      return { status: 200, body: { items: records.map(recordView) } }
    }),
    get(
      '/records/:id/proof',
      'Proof that the records are in the log: audit path and signed head.',
      async ({ params }) => {
        const records = await find(services, params['id'] ?? '')
        const proofs = await Promise.all(records.map((record) => store.prove(record.stream, record.seq)))
        return { status: 200, body: { items: proofs as unknown as Json } }
      },
    ),
  ]
}

const EXPORT =
  'All records that match, as NDJSON or OCSF (class 6003), with `format`. With `q` a search, newest first, also as CSV, and with `proofs=true` each with its proof.'
const isSearch = ({ query }: ApiRequest): boolean => 'q' in query || 'proofs' in query || query['format'] === 'csv'

/** A record in words, with the others of its call. */
async function viewOf(services: LogServices, id: string): Promise<JsonObject> {
  const found = await find(services, id)
  const parsed = found.map((record) => ({ stored: record, record: JSON.parse(record.body) as JsonObject }))
  const chosen = parsed.find(({ record }) => record['kind'] === 'decision') ?? parsed[0]
  if (!chosen) throw new SallyportError('SP_AUDIT_UNKNOWN', id.slice(0, 80))
  const { auditId } = chosen.record
  const call = typeof auditId === 'string' ? await services.store.readLog({ auditId, limit: 100 }) : found
  return {
    item: { ...recordView(chosen.stored), sentence: sentenceOf(chosen.record) as unknown as Json },
    call: call.map(recordView),
  }
}

function parse({ query }: ApiRequest): Filter {
  const parsed = Filter.safeParse(query)
  return parsed.success ? parsed.data : invalid(parsed.error)
}

function toQuery(filter: Filter, limit: number): LogSourceQuery {
  const { after, newest, format: _format, limit: _limit, q: _q, ...columns } = filter
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(given) as LogSourceQuery),
    ...(after === undefined ? {} : { afterSeq: after }),
    ...(newest === 'true' ? { newest: true } : {}),
    limit,
  }
}

async function find({ store }: LogServices, id: string): Promise<readonly StoredRecord[]> {
  const place = /^(.+):([0-9]{1,15})$/.exec(id)
  const records = place
    ? await store.readLog({ stream: place[1] ?? '', afterSeq: Number(place[2]) - 1, limit: 1 })
    : await store.readLog({ auditId: id, limit: PAGE })
  const found = place ? records.filter((record) => record.seq === Number(place[2])) : records
  if (found.length === 0) throw new SallyportError('SP_AUDIT_UNKNOWN', `Nothing has the id ${id.slice(0, 80)}.`)
  return found
}

async function* all(
  { store }: LogServices,
  filter: Filter,
  view: (record: StoredRecord) => Json,
): AsyncGenerator<string> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  const streams = filter.stream === undefined ? await store.streams() : [filter.stream]
  for (const stream of streams) {
    for (let after = filter.after ?? 0; left > 0;) {
      const records = await store.readLog({
        ...toQuery({ ...filter, newest: undefined }, Math.min(left, PAGE)),
        stream,
        afterSeq: after,
      })
      for (const record of records) yield jsonLine(view(record))
      left -= records.length
      const last = records.at(-1)
      if (!last || records.length < Math.min(left + records.length, PAGE)) break
      after = last.seq
    }
  }
}

async function* tail(
  { store, pollMs = 200 }: LogServices,
  filter: Filter,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const cursors = new Map<string, number>()
  const wanted = async (): Promise<readonly string[]> =>
    filter.stream === undefined ? store.streams() : [filter.stream]
  for (const stream of await wanted()) {
    const [last] = (await store.readLog({ stream, newest: true, limit: 1 })).slice(-1)
    cursors.set(stream, filter.after ?? last?.seq ?? 0)
  }
  const search = filter.q === undefined ? undefined : parseLogSearch(filter.q)
  while (!signal.aborted) {
    for (const stream of await wanted()) {
      const query = toQuery({ ...filter, newest: undefined }, PAGE)
      const records = await store.readLog({ ...query, stream, afterSeq: cursors.get(stream) ?? 0 })
      for (const record of records) if (isWanted(search, record)) yield jsonLine(recordView(record))
      const last = records.at(-1)
      if (last) cursors.set(stream, last.seq)
    }
    await pause(pollMs, signal)
  }
}

function isWanted(search: LogSearch | undefined, { body }: StoredRecord): boolean {
  if (search === undefined) return true
  const record = JSON.parse(body) as Json
  return isJsonObject(record) && matchesLogSearch(search, facetsOf(record), body)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
