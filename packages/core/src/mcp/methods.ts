import type { ErrorCode } from '../errors/codes.ts'
import { ALL_VERSIONS, eraOf, type Era, type ProtocolVersion } from './versions.ts'

/**
 * What the gateway does with a message:
 * `decided` it crosses the boundary like a tool call, and only what policy allows is sent on ·
 * `answered` the gateway answers or consumes it; the other side never sees it (it may send its own) ·
 * `forwarded` passed on after inspection, rate limit and mapping of ids ·
 * `refused` with the code of the row.
 */
export type Disposition = 'decided' | 'answered' | 'forwarded' | 'refused'

export interface MethodRule {
  readonly method: string
  /** Who sends it. */
  readonly from: 'client' | 'server'
  readonly kind: 'request' | 'notification'
  readonly versions: readonly ProtocolVersion[]
  readonly disposition: Disposition
  readonly code?: ErrorCode
  /** Member of `params` that the `Mcp-Name` header repeats (2026-07-28). */
  readonly named?: 'name' | 'uri' | 'taskId'
  /** Results carry `ttlMs` and `cacheScope` (2026-07-28). */
  readonly cacheable?: true
  readonly note: string
}

const ALL = ALL_VERSIONS
const LEGACY = ALL_VERSIONS.filter((version) => eraOf(version) === 'legacy')
const MODERN = ALL_VERSIONS.filter((version) => eraOf(version) === 'modern')
const TASKS: readonly ProtocolVersion[] = ['2025-11-25']
const SINCE_JUNE: readonly ProtocolVersion[] = ['2025-06-18', '2025-11-25']
const REFUSED = { disposition: 'refused', code: 'SP_MCP_METHOD_REFUSED' } as const

const client = (method: string, versions: readonly ProtocolVersion[], rest: Omit<MethodRule, Head>): MethodRule =>
  Object.freeze({ method, from: 'client', kind: kindOf(method), versions, ...rest })
const server = (method: string, versions: readonly ProtocolVersion[], rest: Omit<MethodRule, Head>): MethodRule =>
  Object.freeze({ method, from: 'server', kind: kindOf(method), versions, ...rest })
type Head = 'method' | 'from' | 'kind' | 'versions'
const kindOf = (method: string): MethodRule['kind'] =>
  method.startsWith('notifications/') ? 'notification' : 'request'

/** THE METHOD TABLE: every message of every revision. What is not in it is refused with SP_MCP_METHOD_REFUSED. */
export const METHODS: readonly MethodRule[] = Object.freeze([
  // Client requests
  client('initialize', LEGACY, {
    disposition: 'answered',
    note: 'The gateway opens its own connection to the server, with its own identity and without the client capabilities that the operator has not permitted.',
  }),
  client('ping', LEGACY, { disposition: 'answered', note: 'Answered at once; the server is not asked.' }),
  client('server/discover', MODERN, {
    disposition: 'answered',
    cacheable: true,
    note: 'Answered from the gateway’s own discovery of the server.',
  }),
  client('tools/list', ALL, {
    disposition: 'answered',
    cacheable: true,
    note: 'Pinned definitions that policy could allow to this agent; drifted and unreviewed tools are left out. One page.',
  }),
  client('tools/call', ALL, { disposition: 'decided', named: 'name', note: 'As the tool itself.' }),
  client('prompts/list', ALL, { disposition: 'decided', cacheable: true, note: 'As `mcp:prompts/list`.' }),
  client('prompts/get', ALL, { disposition: 'decided', named: 'name', note: 'As `mcp:prompts/get`.' }),
  client('resources/list', ALL, { disposition: 'decided', cacheable: true, note: 'As `mcp:resources/list`.' }),
  client('resources/templates/list', ALL, {
    disposition: 'decided',
    cacheable: true,
    note: 'As `mcp:resources/templates/list`.',
  }),
  client('resources/read', ALL, {
    disposition: 'decided',
    named: 'uri',
    cacheable: true,
    note: 'As `mcp:resources/read`; the URI is an argument and may carry data out.',
  }),
  client('resources/subscribe', LEGACY, { disposition: 'decided', note: 'As `mcp:resources/subscribe`.' }),
  client('resources/unsubscribe', LEGACY, { disposition: 'decided', note: 'As `mcp:resources/unsubscribe`.' }),
  client('subscriptions/listen', MODERN, {
    disposition: 'answered',
    note: 'Held by the gateway, which subscribes upstream itself; every resource URI is decided as `mcp:resources/subscribe`.',
  }),
  client('completion/complete', ALL, { disposition: 'decided', note: 'As `mcp:completion/complete`.' }),
  client('logging/setLevel', LEGACY, { disposition: 'decided', note: 'As `mcp:logging/setLevel`.' }),
  client('tasks/get', [...TASKS, ...MODERN], { ...REFUSED, named: 'taskId', note: 'The capability is removed.' }),
  client('tasks/result', TASKS, { ...REFUSED, note: 'The capability is removed.' }),
  client('tasks/list', TASKS, { ...REFUSED, note: 'The capability is removed.' }),
  client('tasks/cancel', [...TASKS, ...MODERN], { ...REFUSED, named: 'taskId', note: 'The capability is removed.' }),
  client('tasks/update', MODERN, { ...REFUSED, named: 'taskId', note: 'The extension is removed.' }),

  // Client notifications
  client('notifications/initialized', LEGACY, { disposition: 'answered', note: 'The gateway sends its own upstream.' }),
  client('notifications/cancelled', ALL, {
    disposition: 'answered',
    note: 'Cancels a running request of the same connection and nothing else; the gateway cancels its own request upstream.',
  }),
  client('notifications/progress', ALL, {
    disposition: 'answered',
    note: 'Consumed. Progress on a permitted server request is not passed to the server.',
  }),
  client('notifications/roots/list_changed', LEGACY, {
    ...REFUSED,
    note: 'Dropped and recorded: roots are not the client’s to give.',
  }),
  client('notifications/tasks/status', TASKS, { ...REFUSED, note: 'Dropped and recorded.' }),

  // Server requests
  server('ping', LEGACY, { disposition: 'answered', note: 'Answered by the gateway.' }),
  server('sampling/createMessage', ALL, {
    ...REFUSED,
    note: 'Unless `serverRequests` of the server permits it and policy allows `mcp:sampling/createMessage`; `includeContext` and tools are refused always. 2026-07-28: inside `inputRequests`.',
  }),
  server('elicitation/create', [...SINCE_JUNE, ...MODERN], {
    ...REFUSED,
    note: 'Unless `serverRequests` permits it and policy allows `mcp:elicitation/create`; URL mode and secret-like fields are refused always. 2026-07-28: inside `inputRequests`.',
  }),
  server('roots/list', ALL, {
    ...REFUSED,
    note: 'Unless `serverRequests` permits it and policy allows `mcp:roots/list`. 2026-07-28: inside `inputRequests`.',
  }),
  server('tasks/get', TASKS, { ...REFUSED, note: 'The capability is removed.' }),
  server('tasks/result', TASKS, { ...REFUSED, note: 'The capability is removed.' }),
  server('tasks/list', TASKS, { ...REFUSED, note: 'The capability is removed.' }),
  server('tasks/cancel', TASKS, { ...REFUSED, note: 'The capability is removed.' }),

  // Server notifications
  server('notifications/cancelled', ALL, {
    disposition: 'answered',
    note: 'Cancels a running request of that server and nothing else.',
  }),
  server('notifications/progress', ALL, {
    disposition: 'forwarded',
    note: 'Only for a running call, after inspection, with the client’s token put back.',
  }),
  server('notifications/message', ALL, { disposition: 'forwarded', note: 'After inspection; rate-limited.' }),
  server('notifications/tools/list_changed', ALL, {
    disposition: 'forwarded',
    note: 'The catalogue compares first; storms are merged into one.',
  }),
  server('notifications/prompts/list_changed', ALL, { disposition: 'forwarded', note: 'Storms are merged into one.' }),
  server('notifications/resources/list_changed', ALL, {
    disposition: 'forwarded',
    note: 'Storms are merged into one.',
  }),
  server('notifications/resources/updated', ALL, {
    disposition: 'forwarded',
    note: 'Only for URIs that this connection subscribed to; rate-limited.',
  }),
  server('notifications/elicitation/complete', TASKS, { ...REFUSED, note: 'Dropped: URL elicitation is refused.' }),
  server('notifications/tasks/status', TASKS, { ...REFUSED, note: 'Dropped: tasks are refused.' }),
  server('notifications/subscriptions/acknowledged', MODERN, {
    disposition: 'answered',
    note: 'Consumed; the gateway acknowledges its own listeners.',
  }),
])

const INDEX: ReadonlyMap<string, MethodRule> = new Map(METHODS.map((rule) => [`${rule.from} ${rule.method}`, rule]))

/** The row of a message, or undefined for one that no revision has. */
export const methodRule = (from: MethodRule['from'], method: string): MethodRule | undefined =>
  INDEX.get(`${from} ${method}`)

/** True when the era has the message. */
export const inEra = (rule: MethodRule, era: Era): boolean => rule.versions.some((version) => eraOf(version) === era)

/** Name under which policy decides a method that is not a tool call. */
export const pseudoTool = (method: string): string => `mcp:${method}`
/** The method of a pseudo tool, or undefined for a real tool's name. */
export const pseudoMethod = (tool: string): string | undefined => (tool.startsWith('mcp:') ? tool.slice(4) : undefined)
