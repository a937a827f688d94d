import { useGet } from '../api/query.ts'

interface Servers {
  readonly servers: readonly { readonly held: number; readonly kept: number }[]
}
interface Hosts {
  readonly hosts: readonly { readonly mayDraft: boolean }[]
}

/** Both look through the log, so they are asked by the minute and not at each event. */
const EVERY = 60_000

/** Numbers beside pages: servers with changed tools that nobody looked at, new hosts, open alerts. Zero shows nothing. */
export function useCounters(): ReadonlyMap<string, number> {
  const alerts = useGet<{ readonly total: number }>('/api/v1/alerts', ONE_OPEN, { topics: ['alerts'] })
  const tools = useGet<Servers>('/api/v1/tools/servers', {}, { topics: ['tools'], every: EVERY })
  const egress = useGet<Hosts>('/api/v1/egress/blocked', {}, { every: EVERY })
  return new Map([
    ['/alerts', alerts.data?.total ?? 0],
    ['/tools', tools.data?.servers.filter(({ held, kept }) => held > kept).length ?? 0],
    ['/egress', egress.data?.hosts.filter(({ mayDraft }) => mayDraft).length ?? 0],
  ])
}

const ONE_OPEN = { state: 'open', limit: 1 } as const
