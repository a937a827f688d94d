import { useGet } from '../api/query.ts'

/** Numbers beside pages: things that want a look. Zero shows nothing. */
export function useCounters(): ReadonlyMap<string, number> {
  const { data } = useGet<{ readonly total: number }>(
    '/api/v1/alerts',
    { state: 'open', limit: 1 },
    { topics: ['alerts'] },
  )
  return new Map([['/alerts', data?.total ?? 0]])
}
