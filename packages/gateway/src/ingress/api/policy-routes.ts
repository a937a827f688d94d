import {
  contextOf,
  isJsonObject,
  SallyportError,
  type ContextOverrides,
  type Json,
  type PolicyRequest,
} from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** What these routes need of the policy service. */
export interface PolicyAdminPort {
  describe(): object
  staged(): Promise<object | undefined>
  history(query: HistoryQuery): Promise<readonly object[]>
  explain(request: PolicyRequest): object
  explainEvent(auditId: string): Promise<object>
  reload(): Promise<LoadReport>
  revert(number: number, author: Author): Promise<LoadReport>
  accept(digest: string, author: Author): Promise<LoadReport>
}
interface Author {
  readonly source: 'api'
  readonly actor: string
}
interface LoadReport {
  readonly outcome: string
  readonly change?: object
  readonly error?: SallyportError
  readonly issues: readonly object[]
}
interface HistoryQuery {
  readonly from?: number
  readonly to?: number
  readonly action?: string
  readonly source?: string
  readonly actor?: string
  readonly valid?: boolean
  readonly limit?: number
}

const REVERT = z.strictObject({ number: z.number().int().min(1), proof: PROOF })
const ACCEPT = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/), proof: PROOF })
const ENTITY = z.strictObject({ type: z.string(), id: z.string() })
const EXPLAIN = z.union([
  z.strictObject({ event: z.string().min(1).max(100) }),
  z.strictObject({
    principal: ENTITY.optional(),
    action: z.string().min(1),
    resource: ENTITY.optional(),
    context: z.record(z.string(), z.unknown()).default({}),
  }),
])

/** `/api/v1/policy/*`: what is in force, how it came to be, why it decided; going back and accepting need presence. */
export function policyRoutes(service: PolicyAdminPort, presence: PresencePort): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/policy/current',
      plane: 'operator',
      scope: 'read',
      summary: 'Version, digest, files and state of the policy in force, and a change that waits.',
      handle: async () => ({
        status: 200,
        body: json({ ...service.describe(), staged: (await service.staged()) ?? null }),
      }),
    },
    {
      method: 'GET',
      path: '/api/v1/policy/history',
      plane: 'operator',
      scope: 'read',
      summary: 'Changes of policy, newest first. Filters: from, to (ISO 8601), action, source, actor, valid, limit.',
      handle: async ({ query }) => ({
        status: 200,
        body: json({ changes: await service.history(historyQuery(query)) }),
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/policy/explain',
      plane: 'operator',
      scope: 'read',
      summary: 'Why a request would be decided as it is ({action, context…}), or why an event was ({event}).',
      handle: async ({ body }) => {
        const wanted = readAs(EXPLAIN, body)
        if ('event' in wanted) return { status: 200, body: json(await service.explainEvent(wanted.event)) }
        return { status: 200, body: json(service.explain(requestOf(wanted))) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/policy/reload',
      plane: 'operator',
      scope: 'read',
      summary: 'Read the policy files again now. Free: it does what the watcher does, with the same checks.',
      handle: async () => ({ status: 200, body: reportJson(await service.reload()) }),
    },
    {
      method: 'POST',
      path: '/api/v1/policy/revert',
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      summary: 'Go back to load {number} of the history.',
      handle: async ({ body }) => {
        const { number, proof } = readAs(REVERT, body)
        const actor = await requirePresence(presence, 'policy.revert', { number }, proof, 'refuse')
        return { status: 200, body: reportJson(await service.revert(number, { source: 'api', actor })) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/policy/accept',
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      summary: 'Put the change that waits into force; {digest} is the one that was looked at.',
      handle: async ({ body }) => {
        const { digest, proof } = readAs(ACCEPT, body)
        const actor = await requirePresence(presence, 'policy.accept', { digest }, proof, 'refuse')
        return { status: 200, body: reportJson(await service.accept(digest, { source: 'api', actor })) }
      },
    },
  ]
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json
const reportJson = ({ outcome, change, error, issues }: LoadReport): Json =>
  json({ outcome, change: change ?? null, error: error?.message ?? null, issues })

function historyQuery(query: Readonly<Record<string, string>>): HistoryQuery {
  const time = (name: string): number | undefined => {
    const text = query[name]
    if (text === undefined) return undefined
    const at = Date.parse(text)
    if (Number.isNaN(at)) throw new SallyportError('SP_API_INVALID', `${name} is no ISO 8601 time.`)
    return at
  }
  const limit = Number(query['limit'] ?? '100')
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new SallyportError('SP_API_INVALID', 'limit is 1 to 1000.')
  const [from, to] = [time('from'), time('to')]
  return {
    limit,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(query['valid'] === undefined ? {} : { valid: query['valid'] === 'true' }),
    ...pick(query, 'action'),
    ...pick(query, 'source'),
    ...pick(query, 'actor'),
  }
}

const pick = (query: Readonly<Record<string, string>>, name: string): Record<string, string> => {
  const value = query[name]
  return value === undefined ? {} : { [name]: value }
}

/** A whole request from the parts that were given; the rest is an ordinary call in a clean session. */
export function requestOf(wanted: {
  readonly principal?: { readonly type: string; readonly id: string } | undefined
  readonly action: string
  readonly resource?: { readonly type: string; readonly id: string } | undefined
  readonly context: Readonly<Record<string, unknown>>
}): PolicyRequest {
  const dot = wanted.action.indexOf('.')
  const server = dot < 0 ? '' : wanted.action.slice(0, dot)
  const { context } = wanted
  for (const part of ['args', 'facts', 'tool', 'labels', 'session']) {
    if (context[part] !== undefined && !isJsonObject(context[part])) {
      throw new SallyportError('SP_API_INVALID', `context.${part} must be an object.`)
    }
  }
  const overrides = { tool: { name: wanted.action.slice(dot + 1) }, ...context } as ContextOverrides
  return {
    principal: (wanted.principal ?? { type: 'Agent', id: 'agent' }) as PolicyRequest['principal'],
    action: wanted.action,
    resource: { type: 'Server', id: wanted.resource?.id ?? server },
    context: contextOf(overrides),
  }
}
