import type { Tried } from '../../../assurance/posture/facts.ts'
import { surfacesOf, type MatrixEntry } from '../../../ingress/api/matrix.ts'
import { ask, type Door } from './ask.ts'

export interface Crawled {
  readonly name: string
  readonly door: Door
  readonly plane: 'agent' | 'operator'
}

/** What no table of ours has, and what other products forget to close. */
const UNLISTED = [
  ...['/debug', '/debug/pprof/', '/admin', '/api', '/api/v1', '/api/v1/debug', '/v1/debug', '/internal', '/private'],
  ...['/.env', '/.git/config', '/server-status', '/actuator/env', '/graphql', '/swagger.json', '/openapi.json'],
  ...[
    '/v1/chat/completions',
    '/tools/invoke',
    '/hooks/agent',
    '/config',
    '/console/../api/v1/status',
    '/..%2fapi/v1/status',
  ],
  ...['//api/v1/status', '/API/V1/STATUS', '/api/v1/status/', '/api/v1/status%00', '/api/v1/status;x', '/metrics/'],
] as const

/** What a stranger may hear: who are you, you may not, there is nothing, not now, go elsewhere on this host. */
const REFUSALS: ReadonlySet<number> = new Set([301, 308, 400, 401, 403, 404, 405, 406, 415, 421, 426, 429, 503])

/**
 * Asks a running gateway as somebody without a credential: all of its entries that only read, and paths that it does not have
 * (AC-2.1.5). Entries that change something are asked by the gateway itself, where no handler is reached.
 */
export async function crawl(
  { name, door, plane }: Crawled,
  entries: readonly MatrixEntry[],
): Promise<readonly Tried[]> {
  const listed = entries.filter(
    (entry) =>
      entry.plane === plane &&
      entry.method === 'GET' &&
      entry.scope !== 'public' &&
      (plane === 'agent' || surfacesOf(entry).includes('console')),
  )
  // what everybody may see is in no list of ours, whatever path its pattern fits
  const open = entries
    .filter((entry) => entry.scope === 'public')
    .map(({ method, path }) => ({ method, path: fitOf(path) }))
  const isOpen = (method: string, path: string): boolean =>
    open.some((one) => one.method === method && one.path.test(path.split('?')[0] ?? ''))
  const wanted = [
    ...listed.map(({ method, path }) => [method, path.replace(/:[a-zA-Z]+/g, 'x')] as const),
    ...UNLISTED.flatMap((path) => (['GET', 'POST'] as const).map((method) => [method, path] as const)),
  ].filter(([method, path]) => !isOpen(method, path))
  const tried: Tried[] = []
  for (const [method, path] of wanted) {
    const { status } = await ask(door, { method, path, ...(method === 'POST' ? { body: '' } : {}) })
    tried.push({ what: `${name} ${method} ${path}`, ok: REFUSALS.has(status), said: String(status) })
  }
  return tried
}

const fitOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[a-zA-Z]+/g, '[^/]+')}$`)
