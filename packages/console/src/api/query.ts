import { keepPreviousData, QueryClient, useQuery, type Query, type UseQueryResult } from '@tanstack/react-query'
import { get, Problem, type Query as Search } from './client.ts'
import { live, useTopics, type Topic } from './live.ts'

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

/** One GET of the gateway, as everything on the page that asks the same shares it. */
export interface Ask<T> {
  readonly queryKey: readonly [path: string, query: Search]
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<T>
  readonly meta: { readonly topics: readonly Topic[] }
}

/** @param heard is told of each answer at the moment it comes */
export const ask = <T>(
  path: string,
  query: Search = {},
  topics: readonly Topic[] = [],
  heard: (answer: T) => void = () => undefined,
): Ask<T> => ({
  queryKey: [path, query],
  queryFn: async ({ signal }) => {
    const answer = await get<T>(path, query, signal)
    heard(answer)
    return answer
  },
  meta: { topics },
})

export function useAsk<T>(asked: Ask<T>, options: Omit<GetOptions, 'topics'> = {}): UseQueryResult<T, Problem> {
  const { enabled = true, every, keep = false } = options
  useTopics(asked.meta.topics)
  return useQuery<T, Problem, T, Ask<T>['queryKey']>({
    ...asked,
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  })
}

export const useGet = <T>(path: string, query: Search = {}, options: GetOptions = {}): UseQueryResult<T, Problem> =>
  useAsk(ask<T>(path, query, options.topics), options)

/** Asks before a part of the page does. @returns undefined when there is no answer; whoever shows it asks again and tells of it */
export const askEarly = <T>(asked: Ask<T>): Promise<T | undefined> =>
  queries.fetchQuery({ ...asked, retry: false }).catch(() => undefined)

/** Fetches again what an own act has changed; `path` is a prefix. */
export const refetch = (path: string): Promise<void> =>
  queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(path) })

/**
 * Connects live events and queries; returns how to stop. What is being fetched while news of it comes is fetched once more
 * after that, so that no answer is older than the last event, and no stream of events keeps an answer from arriving. A 401 of
 * any query ends the session.
 */
export function followLive(): () => void {
  const cache = queries.getQueryCache()
  const outdated = new Set<Query>()
  const fetchAgain = ({ queryKey }: Query): void => void queries.invalidateQueries({ queryKey, exact: true })
  const stopEvents = live.listen(({ events, anew }) => {
    const topics = new Set<string>([...anew, ...events.map(({ topic }) => topic)])
    const isTold = ({ meta }: Query): boolean => ((meta?.['topics'] ?? []) as string[]).some((each) => topics.has(each))
    for (const query of cache.findAll({ predicate: isTold })) {
      if (query.state.fetchStatus === 'fetching') outdated.add(query)
      else fetchAgain(query)
    }
  })
  const stopAnswers = cache.subscribe(({ type, query }) => {
    if (type === 'removed') outdated.delete(query)
    if (type !== 'updated' || query.state.fetchStatus === 'fetching') return
    if (outdated.delete(query)) fetchAgain(query)
    const thrown: unknown = query.state.error
    if (thrown instanceof Problem && thrown.status === 401 && live.state().kind === 'live') live.end('revoked')
  })
  return () => {
    stopEvents()
    stopAnswers()
  }
}
