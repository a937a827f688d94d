import { useInfiniteQuery } from '@tanstack/react-query'
import { get, type Problem } from '../../api/client.ts'
import type { LogItem, LogPage } from './model.ts'

interface Asked {
  readonly q: string
  readonly from: number
  readonly to: number
}

/** Records of a view, a page of 200 at a time; while it tails, the newest page is fetched again every second. */
export function useLog({ q, from, to }: Asked, tails: boolean) {
  const query = useInfiniteQuery<LogPage, Problem, { pages: readonly LogPage[] }, readonly unknown[], string>({
    queryKey: ['/api/v1/log', q, from, tails ? 'tail' : to],
    queryFn: ({ pageParam, signal }) =>
      get<LogPage>(
        '/api/v1/log',
        { q: q === '' ? ' ' : q, from, ...(tails ? {} : { to }), before: pageParam, limit: 200 },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => (tails ? undefined : (next ?? undefined)),
    placeholderData: (before) => before,
    ...(tails ? { refetchInterval: 1000 } : {}),
  })
  const items: LogItem[] = []
  for (const page of query.data?.pages ?? []) items.push(...page.items)
  return { query, items }
}
