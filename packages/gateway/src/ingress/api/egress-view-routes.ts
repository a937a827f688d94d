import { registrableDomain, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { Route } from './route.ts'
import { DAY, survey, tally, text, type SurveyedLog } from './survey.ts'

export interface EgressViewDeps {
  readonly log: SurveyedLog
  /** ms since 1970. */
  readonly now: () => number
  readonly rules: () => readonly JsonObject[]
  readonly live: { list(): readonly { readonly id: string }[]; end(id: string): boolean }
  readonly note: (event: string, body: JsonObject) => Promise<void>
}

/** Refusals that a rule would end; nothing else may be drafted. */
const IN_NO_RULE = /^(?:not_allowlisted|approval_|request_)/

/** `/api/v1/egress/blocked`, `/hits`, `/live`: where data goes and what was stopped, out of the log. */
export function egressViewRoutes({ log, now, rules, live, note }: EgressViewDeps): Route[] {
  const base = { method: 'GET', plane: 'operator', scope: 'read' } as const
  const since = (days: number) => survey(log, { kind: 'egress', from: now() - days * DAY })
  return [
    {
      ...base,
      path: '/api/v1/egress/blocked',
      summary:
        'Hosts that were refused in 7 days, by registrable domain: who tried, how often, why, and whether a rule could allow it.',
      handle: async () => {
        const { records, isComplete } = await since(7)
        const refused = records.filter(({ verdict, target }) => verdict === 'refused' && target !== '')
        const hosts = tally(refused, hostOf).map(({ key: host, ...counts }) => ({
          ...{ host, domain: registrableDomain(host) },
          ...counts,
          agents: tally(ofHost(refused, host), holderOf).map(({ key, count }) => ({ agent: key, count })),
          reasons: tally(ofHost(refused, host), (record) => text(record, 'reason')).map(({ key, count }) => ({
            reason: key,
            count,
          })),
          requests: tally(ofHost(refused, host), requestOf)
            .slice(0, 20)
            .map(({ key, count }) => ({ request: key, count })),
          mayDraft: ofHost(refused, host).every((record) => IN_NO_RULE.test(text(record, 'reason'))),
        }))
        const allowed = records.filter(({ verdict }) => verdict === 'allowed')
        const reached = tally(allowed, hostOf)
        const body = {
          hosts,
          reached: reached.length,
          attempts: records.length,
          refused: refused.length,
          isComplete,
        }
        return { status: 200, body: body as unknown as Json }
      },
    },
    {
      ...base,
      path: '/api/v1/egress/hits',
      summary: 'Rules in their order with how often each let something out in 30 days.',
      handle: async () => {
        const { records, isComplete } = await since(30)
        const allowed = records.filter(({ verdict }) => verdict === 'allowed')
        const counted = rules().map((rule) => {
          const own = allowed.filter((record) => isOf(rule, record))
          const last = own.at(-1)
          return { ...rule, hits: own.length, lastAt: last === undefined ? '' : text(last, 'timestamp') }
        })
        return { status: 200, body: { rules: counted, isComplete } as unknown as Json }
      },
    },
    {
      ...base,
      path: '/api/v1/egress/live',
      summary: 'Connections to the outside that are open now on this gateway.',
      handle: () => Promise.resolve({ status: 200, body: { connections: live.list() } as unknown as Json }),
    },
    {
      method: 'POST',
      plane: 'operator',
      scope: 'write',
      presence: 'free',
      path: '/api/v1/egress/live/:id/close',
      summary: 'End one connection. Free, because it only takes something away.',
      handle: async ({ params, principal }) => {
        const id = params['id'] ?? ''
        const found = live.list().find((each) => each.id === id)
        if (found === undefined || !live.end(id))
          throw new SallyportError('SP_API_INVALID', 'That connection is closed.')
        await note('egress-closed', { by: principal.id, connection: found as unknown as JsonObject })
        return { status: 200, body: { id } }
      },
    },
  ]
}

const ofHost = (records: readonly JsonObject[], host: string): readonly JsonObject[] =>
  records.filter((record) => hostOf(record) === host)

/** Of `host:port` or a URL; without the usual port. */
function hostOf(record: JsonObject): string {
  const [, place = ''] = /^(?:[a-z]+:\/\/)?([^/?#\s]+)/i.exec(text(record, 'target')) ?? []
  return place.replace(/:(?:443|80)$/, '').toLowerCase()
}

const holderOf = (record: JsonObject): string => {
  const agent = text(record, 'agentId')
  return agent === '' ? `server:${text(record, 'sandbox')}` : agent
}

/** `GET /v2/translate`, where a request was seen. */
function requestOf(record: JsonObject): string {
  const method = text(record, 'method')
  const [, path = ''] = /^(?:[a-z]+:\/\/)?[^/?#\s]+([^?#\s]*)/i.exec(text(record, 'target')) ?? []
  return method === '' ? '' : `${method} ${path === '' ? '/' : path}`
}

/** A record names the entry of a list, or the rule that looked into the request. */
function isOf(rule: JsonObject, record: JsonObject): boolean {
  const said = text(record, 'rule')
  const hosts = Array.isArray(rule['hosts']) ? rule['hosts'] : []
  const agents = Array.isArray(rule['agents']) ? rule['agents'] : []
  const isTheirs = agents.includes('*') || agents.includes(holderOf(record))
  return isTheirs && (said === rule['name'] || hosts.includes(said))
}
