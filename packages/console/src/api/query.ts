import { keepPreviousData, QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { get, Problem, type Query } from './client.ts'
import { live, type LiveEvent, type Topic } from './live.ts'

const NEVER_RETRIED = new Set([400, 401, 403, 404, 409, 410, 422])

/** Answers stay fresh until a live event says otherwise, and for half a minute where none would. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, thrown) => count < 2 && !(thrown instanceof Problem && NEVER_RETRIED.has(thrown.status)),
      retryDelay: (count) => 300 * 2 ** count,
    },
    mutations: { retry: false },
  },
})

export interface GetOptions {
  /** Live topics after whose events the answer is fetched again. */
  readonly topics?: readonly Topic[]
  /** False: not asked yet. */
  readonly enabled?: boolean
  /** Asked again after so many ms, for what no live event tells. */
  readonly every?: number
  /** Keeps showing the answer to the query before until the new one is here. */
  readonly keep?: boolean
}

/** One GET of the gateway, shared by everything on the page that asks the same. */
export function useGet<T>(path: string, query: Query = {}, options: GetOptions = {}): UseQueryResult<T, Problem> {
  const { topics = [], enabled = true, every, keep = false } = options
  return useQuery<T, Problem>({
    queryKey: [path, query],
    queryFn: ({ signal }) => get<T>(path, query, signal),
    meta: { topics },
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  })
}

/** Fetches again what an own act has changed; `path` is a prefix. */
export const refetch = (path: string): Promise<void> =>
  queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(path) })

/** Connects live events and queries; returns how to stop. A 401 of any query ends the session. */
export function followLive(): () => void {
  const stopEvents = live.listen((event: LiveEvent) => {
    void queries.invalidateQueries({
      predicate: ({ meta }) =>
        event.topic === 'gap' || ((meta?.['topics'] ?? []) as readonly string[]).includes(event.topic),
    })
  })
  const stopErrors = queries.getQueryCache().subscribe(({ type, query }) => {
    const thrown: unknown = type === 'updated' ? query.state.error : undefined
    if (thrown instanceof Problem && thrown.status === 401 && live.state().kind === 'live') live.end('revoked')
  })
  return () => {
    stopEvents()
    stopErrors()
  }
}
