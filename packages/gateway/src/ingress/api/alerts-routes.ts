import type { Alert, Json, JsonObject, Silence, SilenceMatcher } from '@sallyport/core'
import { z } from 'zod'
import type { Clock } from '../../boundary/ports.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** Alerts as these routes use them. */
interface AlertsPort {
  list(states: readonly Alert['state'][]): Promise<readonly Alert[]>
  get(id: string): Promise<Alert>
  take(id: string, by: string): Promise<Alert>
  resolve(ids: readonly string[], by: string, reason: string): Promise<readonly Alert[]>
  readonly silences: readonly Silence[]
  wouldHide(matcher: SilenceMatcher, since: number): Promise<readonly Alert[]>
  silence(matcher: SilenceMatcher, until: number, reason: string, by: string): Promise<Silence>
  unsilence(id: string, by: string): Promise<Silence>
  sinks(): Promise<readonly object[]>
  test(name: string): Promise<string | undefined>
  dead(): Promise<readonly { readonly id: string; readonly sink: string; readonly error: string }[]>
  revive(): Promise<number>
}

export interface AlertsRoutesDeps {
  readonly alerts: AlertsPort
  readonly presence: PresencePort
  readonly clock: Clock
}

const WEEK = 7 * 86_400_000
const MOST = 1_000
const SHOWN = 100

const List = z.strictObject({
  state: z.enum(['open', 'taken', 'resolved', 'all']).optional(),
  severity: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  agent: z.string().max(200).optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional(),
})
const reason = z.string().trim().min(3, 'say why, in three characters or more').max(500)
const member = z.string().min(1).max(200).optional()
const matcher = z
  .strictObject({ name: member, agent: member, tool: member })
  .refine((given) => Object.values(given).some((value) => value !== undefined), 'say what: name, agent or tool')
const Resolve = z.strictObject({ ids: z.array(z.string().max(80)).min(1).max(200), reason, proof: PROOF })
const Silenced = z.strictObject({ matcher, until: z.int(), reason, proof: PROOF })

/** `/api/v1/alerts` and `/api/v1/silences`: hiding and closing alerts need a human, looking and taking do not (T-175). */
export function alertsRoutes({ alerts, presence, clock }: AlertsRoutesDeps): Route[] {
  const get = { method: 'GET', plane: 'operator', scope: 'read' } as const
  const post = { method: 'POST', plane: 'operator', scope: 'write' } as const
  return [
    {
      ...get,
      path: '/api/v1/alerts',
      summary: 'Alerts, newest first: open and taken ones, or those in `state`; by `severity` and `agent`.',
      handle: async ({ query }) => {
        const { state, severity, agent, limit = String(SHOWN) } = readAs(List, query)
        const states = STATES[state ?? 'now']
        const found = (await alerts.list(states)).filter(
          (alert) => (severity ?? alert.severity) === alert.severity && (agent ?? alert.agent) === alert.agent,
        )
        const items = found.slice(0, Math.min(Number(limit), MOST)).map(row)
        const last = (state ?? 'now') === 'now' && found.length === 0 ? await lastResolved(alerts) : null
        return { status: 200, body: { items, total: found.length, lastResolved: last } }
      },
    },
    {
      ...get,
      path: '/api/v1/alerts/:id',
      summary: 'One alert: what caused it, its timeline, and how each sink was told.',
      handle: async ({ params }) => ({ status: 200, body: view(await alerts.get(params['id'] ?? '')) }),
    },
    {
      ...post,
      path: '/api/v1/alerts/:id/take',
      presence: 'inert',
      summary: 'Say that you look after an alert: it hides nothing and widens nothing.',
      handle: async ({ params, principal, body }) => {
        readAs(z.strictObject({}).optional(), body)
        return { status: 200, body: view(await alerts.take(params['id'] ?? '', principal.id)) }
      },
    },
    {
      ...post,
      path: '/api/v1/alerts/resolve',
      presence: 'route',
      summary: 'Close the alerts {ids} with a {reason}; what happens from now on is a new alert. Needs presence.',
      handle: async ({ body }) => {
        const { proof, ...asked } = readAs(Resolve, body)
        const by = await requirePresence(presence, 'alerts.resolve', { ...asked }, proof, 'free')
        const done = await alerts.resolve(asked.ids, by, asked.reason)
        return { status: 200, body: { resolved: done.map(({ id }) => id) } }
      },
    },
    {
      ...get,
      path: '/api/v1/silences',
      summary: 'Silences in force: what they hide, until when, who made them and why.',
      handle: async () => ({ status: 200, body: { items: alerts.silences as unknown as Json } }),
    },
    {
      ...get,
      path: '/api/v1/silences/preview',
      summary: 'Alerts of the last 7 days that a silence for `name`, `agent` and `tool` would have hidden.',
      handle: async ({ query }) => {
        const hidden = await alerts.wouldHide(readAs(matcher, query), clock.now() - WEEK)
        const count = hidden.reduce((sum, alert) => sum + alert.count, 0)
        return { status: 200, body: { alerts: hidden.length, count, items: hidden.slice(0, SHOWN).map(row) } }
      },
    },
    {
      ...post,
      path: '/api/v1/silences',
      presence: 'route',
      summary:
        'Keep alerts that fit {matcher} from sinks until {until}, 30 days at most. Critical ones are never hidden.',
      handle: async ({ body }) => {
        const { proof, ...asked } = readAs(Silenced, body)
        const by = await requirePresence(presence, 'alerts.silence', { ...asked } as JsonObject, proof, 'refuse')
        const silence = await alerts.silence(asked.matcher, asked.until, asked.reason, by)
        return { status: 201, body: silence as unknown as Json }
      },
    },
    {
      ...post,
      method: 'DELETE',
      path: '/api/v1/silences/:id',
      presence: 'free',
      summary: 'End a silence. Free: more is told, not less.',
      handle: async ({ params, principal }) => {
        const ended = await alerts.unsilence(params['id'] ?? '', principal.id)
        return { status: 200, body: ended as unknown as Json }
      },
    },
    {
      ...get,
      path: '/api/v1/alert-sinks',
      summary: 'Where alerts are told, how many wait there and why, and dead letters.',
      handle: async () => {
        const dead = (await alerts.dead()).slice(0, SHOWN).map(({ id, sink, error }) => ({ id, sink, error }))
        return { status: 200, body: { items: (await alerts.sinks()) as unknown as Json, dead } }
      },
    },
    {
      ...post,
      path: '/api/v1/alert-sinks/:name/test',
      presence: 'inert',
      summary: 'Send a test to a sink now, and say what it answered. The text is fixed.',
      handle: async ({ params, body }) => {
        readAs(z.strictObject({}).optional(), body)
        const wrong = await alerts.test(params['name'] ?? '')
        return { status: 200, body: wrong === undefined ? { ok: true } : { ok: false, error: wrong } }
      },
    },
    {
      ...post,
      path: '/api/v1/alert-sinks/revive',
      presence: 'inert',
      summary: 'Try all dead letters again: more is told, not less.',
      handle: async ({ body }) => {
        readAs(z.strictObject({}).optional(), body)
        return { status: 200, body: { revived: await alerts.revive() } }
      },
    },
  ]
}

const STATES: Readonly<Record<'now' | 'all' | Alert['state'], readonly Alert['state'][]>> = {
  now: ['open', 'taken'],
  open: ['open'],
  taken: ['taken'],
  resolved: ['resolved'],
  all: ['open', 'taken', 'resolved'],
}

/** When the last alert was closed, for a list with nothing in it. */
async function lastResolved(alerts: AlertsPort): Promise<number | null> {
  const closed = (await alerts.list(['resolved'])).flatMap(({ timeline }) => timeline.at(-1)?.at ?? [])
  return closed.length === 0 ? null : Math.max(...closed)
}

function row(alert: Alert): JsonObject {
  const { id, name, severity, sentence, agent, tool, session, state, holder, count, first, last, silence } = alert
  const channels = Object.fromEntries(Object.entries(alert.channels).map(([sink, { state: at }]) => [sink, at]))
  return { id, name, severity, sentence, agent, tool, session, state, holder, count, first, last, silence, channels }
}

const view = ({ key: _key, ...alert }: Alert): JsonObject => alert as unknown as JsonObject
