import { SallyportError, type Scope } from '@sallyport/core'
import type { RateClass } from '../../boundary/ports-limits.ts'
import type { Csrf, Route, Surface } from './route.ts'

/** Entries whose bytes another part of the gateway reads itself. They are authenticated like all others. */
export interface RawRoute extends Omit<Route, 'handle' | 'presence'> {
  readonly raw: 'mcp' | 'mcp-stdio' | 'hook' | 'page' | 'asset' | 'live'
}

export type MatrixEntry = Route | RawRoute

export const HOOK_ROUTE: RawRoute = Object.freeze({
  method: 'POST',
  path: '/v1/hooks/:host',
  plane: 'agent',
  scope: 'execute',
  raw: 'hook',
  summary: 'One event of an agent host (`docs/reference/hosts.md`); answers in the host’s own form.',
})

export const MCP_ROUTES: readonly RawRoute[] = Object.freeze([
  ...(['GET', 'POST', 'DELETE'] as const).flatMap((method) => [
    {
      ...mcp(method, '/mcp', 'MCP over streamable HTTP: all servers, tools named `<server>__<tool>`.'),
      visitors: true as const,
    },
    mcp(method, '/mcp/:alias', 'MCP over streamable HTTP: one server, its own tool names.'),
  ]),
  {
    method: 'GET',
    path: '/v1/mcp/stdio',
    plane: 'agent',
    scope: 'execute',
    raw: 'mcp-stdio',
    summary: 'Upgrade: the byte stream of one wrapped MCP server (`sallyport mcp wrap`).',
  } as const,
])

function mcp(method: 'GET' | 'POST' | 'DELETE', path: string, summary: string): RawRoute {
  return { method, path, plane: 'agent', scope: 'execute', raw: 'mcp', summary }
}

export interface Match {
  readonly entry: MatrixEntry
  readonly params: Readonly<Record<string, string>>
}

const PREFIX = {
  agent: /^\/(v1\/|mcp(\/|$)|health$|metrics(\/security)?$)/,
  operator: /^\/(api\/v1\/|health$|metrics(\/security)?$)/,
}
const PATTERN = /^(\/([A-Za-z0-9_.-]+|:[a-zA-Z]+))+$/
const BOTH: readonly Surface[] = Object.freeze(['socket', 'console'])
const SOCKET: readonly Surface[] = Object.freeze(['socket'])

const isStatic = (entry: MatrixEntry): boolean => 'raw' in entry && (entry.raw === 'page' || entry.raw === 'asset')
const presenceOf = (entry: MatrixEntry): Route['presence'] => ('presence' in entry ? entry.presence : undefined)

/** How an entry of the operator plane is reached. */
export const surfacesOf = (entry: MatrixEntry): readonly Surface[] =>
  entry.surfaces ?? (presenceOf(entry) === 'account' ? SOCKET : BOTH)

export const csrfOf = ({ csrf, method }: MatrixEntry): Csrf => csrf ?? (method === 'GET' ? 'inert' : 'origin')

/** The class that requests of this entry count against, by the surface they come over. */
export function rateOf(entry: MatrixEntry, surface: Surface): RateClass {
  if (entry.rate !== undefined) return entry.rate
  if (isStatic(entry)) return 'static'
  const named = BY_PATH.find(([prefix]) => entry.path.startsWith(prefix))?.[1]
  if (named !== undefined) return named
  if (entry.plane === 'agent') return 'default'
  if (surface === 'socket') return 'local'
  // also what is asked by POST and changes nothing, as explaining a decision
  return entry.scope === 'read' ? 'read' : 'default'
}

const BY_PATH: readonly (readonly [string, RateClass])[] = Object.freeze([
  ['/mcp', 'mcp'],
  ['/v1/mcp', 'mcp'],
  ['/v1/hooks', 'hooks'],
  ['/v1/calls', 'agent'],
  ['/v1/decisions', 'agent'],
  ['/v1/outcomes', 'agent'],
  ['/v1/tools', 'agent'],
  ['/v1/words', 'agent'],
  ['/api/v1/approvals/webhook', 'webhook'],
  ['/api/v1/approvals/slack', 'webhook'],
  ['/api/v1/live', 'live'],
  ['/api/v1/setup', 'sign-in'],
  ['/api/v1/sign-in', 'sign-in'],
])

/**
 * The authentication matrix (SEC-2.1) and the router in one: what is not in the table cannot be reached, because nothing
 * else finds handlers.
 */
export class Matrix {
  readonly entries: readonly MatrixEntry[]
  readonly #fixed = new Map<string, MatrixEntry>()
  readonly #patterns: { readonly entry: MatrixEntry; readonly segments: readonly string[] }[] = []

  /** @throws SallyportError SP_INTERNAL for an entry without a reason, out of its plane, twice, or without a presence rule. */
  constructor(entries: readonly MatrixEntry[]) {
    this.entries = Object.freeze([...entries])
    const seen = new Set<string>()
    for (const entry of entries) {
      check(entry)
      const segments = entry.path.split('/')
      const shape = `${entry.plane} ${entry.method} ${segments.map((one) => (one.startsWith(':') ? ':' : one)).join('/')}`
      if (seen.has(shape)) throw new SallyportError('SP_INTERNAL', `Two routes for ${shape}.`)
      seen.add(shape)
      if (entry.path.includes(':')) this.#patterns.push({ entry, segments })
      else this.#fixed.set(`${entry.plane} ${entry.method} ${entry.path}`, entry)
    }
  }

  /** Exact match of plane, surface, method and path; a fixed path wins over a pattern. HEAD reads static files only. */
  match(plane: Route['plane'], method: string, path: string, surface: Surface = 'socket'): Match | undefined {
    const found = this.#find(plane, method === 'HEAD' ? 'GET' : method, path)
    if (found === undefined) return undefined
    const isReached = plane === 'agent' || surfacesOf(found.entry).includes(surface)
    return isReached && (method !== 'HEAD' || isStatic(found.entry)) ? found : undefined
  }

  #find(plane: Route['plane'], method: string, path: string): Match | undefined {
    const fixed = this.#fixed.get(`${plane} ${method} ${path}`)
    if (fixed !== undefined) return { entry: fixed, params: {} }
    const given = path.split('/')
    for (const { entry, segments } of this.#patterns) {
      if (entry.plane !== plane || entry.method !== method || segments.length !== given.length) continue
      if (!segments.every((one, index) => one.startsWith(':') || one === given[index])) continue
      const params = segments.flatMap((one, index) => (one.startsWith(':') ? [[one.slice(1), given[index] ?? '']] : []))
      return { entry, params: Object.freeze(Object.fromEntries(params) as Record<string, string>) }
    }
    return undefined
  }

  /** Open entries with the reason why they may be (AC-2.1.3), static ones of one reason together: printed at start-up. */
  public(): readonly string[] {
    const open = this.entries.filter(({ scope }) => scope === 'public')
    const reasons = new Set(open.filter(isStatic).map(({ justification = '' }) => justification))
    const said = (paths: string, justification: string): string => `${paths} is public: ${justification}`
    return [
      ...open
        .filter((entry) => !isStatic(entry))
        .map(({ method, path, justification = '' }) => said(`${method} ${path}`, justification)),
      ...[...reasons].map((reason) => {
        const paths = open.filter(({ justification }) => justification === reason).map(({ path }) => path)
        return said(`GET ${paths.join(', ')}`, reason)
      }),
    ]
  }
}

function check(entry: MatrixEntry): void {
  const name = `${entry.method} ${entry.path}`
  const complain = (what: string): never => {
    throw new SallyportError('SP_INTERNAL', `Route ${name}: ${what}`)
  }
  if (!PATTERN.test(entry.path) && !(entry.path === '/' && isStatic(entry))) complain('the path is not plain.')
  if (!isStatic(entry) && !PREFIX[entry.plane].test(entry.path))
    complain(`the path is not of the ${entry.plane} plane.`)
  if (entry.scope === 'public' && (entry.justification ?? '').trim().length < 20) {
    complain('a public entry needs its justification.')
  }
  if (entry.summary.trim().length < 10) complain('it needs a summary.')
  if (entry.plane === 'agent' && entry.surfaces !== undefined) complain('surfaces are of the operator plane.')
  if (csrfOf(entry) === 'inert' && entry.method !== 'GET') complain('only GET is inert.')
  const presence = presenceOf(entry)
  if (presence === 'account' && surfacesOf(entry).includes('console')) complain('`account` is for the socket only.')
  if (entry.plane === 'operator' && !LOCAL_SCOPES.includes(entry.scope) && presence === undefined) {
    complain(`scope ${entry.scope} on the operator plane needs \`presence\`.`)
  }
}

/** What somebody on the operator socket holds without proving presence (threat-model §4). */
const LOCAL_SCOPES: readonly (Scope | 'public')[] = Object.freeze(['read', 'public'])
