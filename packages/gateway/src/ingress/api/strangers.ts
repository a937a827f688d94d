import type { ConsoleOrigin } from '../console/origin.ts'
import { guardRequest, NO_SESSIONS } from './guard-request.ts'
import type { Matrix } from './matrix.ts'
import type { ApiIdentity } from './ports.ts'
import { TrustedProxies } from './peer.ts'
import type { Channel, RequestHead } from './request-head.ts'

/** A stranger's request: well formed, and without a credential. */
const HEAD: RequestHead = { peer: '192.0.2.1', isArrival: false, path: '/', query: {}, headers: {} }

/**
 * Asks every entry of the matrix that is not public, as somebody without a credential on a network. Counts nothing and reaches no
 * handler.
 * @param site where people reach the console; without one only the plane of agents has a network
 */
export function letInStrangers(
  matrix: Matrix,
  identity: ApiIdentity,
  site: ConsoleOrigin | undefined,
): { readonly routes: number; readonly open: readonly string[] } {
  const free = { take: () => ({ ok: true }) as const }
  const asked = { sessions: NO_SESSIONS, identity: { ...identity, requests: free, failures: free, refusals: free } }
  const agents: Channel = { plane: 'agent', kind: 'tcp', hosts: new Set() }
  const people: Channel | undefined =
    site === undefined ? undefined : { plane: 'operator', kind: 'console', site, proxies: new TrustedProxies([]) }
  const entries = matrix.entries.filter(({ scope }) => scope !== 'public')
  const open = entries.flatMap((entry) => {
    const channel = entry.plane === 'agent' ? agents : people
    if (channel === undefined) return []
    const guarded = guardRequest(asked, entry, channel, HEAD, entry.method === 'GET')
    return guarded.ok ? [`${entry.method} ${entry.path}`] : []
  })
  return { routes: entries.length, open }
}
