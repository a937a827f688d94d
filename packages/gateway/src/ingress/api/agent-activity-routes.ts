import { SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { AgentView, KillState, SessionView } from './ports.ts'
import type { Route } from './route.ts'
import { DAY, survey, tally, text, type SurveyedLog } from './survey.ts'

export interface AgentActivityDeps {
  readonly log: SurveyedLog
  /** ms since 1970. */
  readonly now: () => number
  readonly agents: { list(): readonly AgentView[]; get(name: string): AgentView | undefined }
  readonly sessions: { list(): Promise<readonly SessionView[]> }
  readonly killSwitch: { list(): readonly KillState[]; running(agent?: string): number }
  /** When an agent last exchanged its key, ms since 1970; undefined: not since this gateway started. */
  readonly credentialOf: (agent: string) => { readonly issuedAt: number; readonly expiresAt: number } | undefined
  readonly flow: { show(instance: string): JsonObject }
  readonly leases: () => readonly { readonly credential: string; readonly holder: string }[]
  /** Credentials that an agent may have. */
  readonly credentialsOf: (agent: string) => readonly string[]
  /** Hosts that rules of egress name for an agent. */
  readonly hostsOf: (agent: string) => readonly string[]
  /** Tools that may be called. */
  readonly tools: () => readonly string[]
}

/** What an agent does with its rights: numbers out of the log, none of them kept anywhere else. */
export function agentActivityRoutes(deps: AgentActivityDeps): Route[] {
  const { log, now, agents, sessions, killSwitch } = deps
  const startOfDay = (): number => now() - (now() % DAY)
  const sessionsOf = async (): Promise<readonly SessionView[]> =>
    (await sessions.list()).filter(({ state }) => state === 'active')
  const head = (agent: AgentView, open: readonly SessionView[], today: readonly JsonObject[]): JsonObject => {
    const own = open.filter(({ principal }) => principal === agent.name)
    const calls = today.filter((record) => text(record, 'agentId') === agent.name)
    const stopped = killSwitch.list().find(({ target }) => target === 'all' || target === `agent:${agent.name}`)
    const { integrity, confidentiality, sources } = deps.flow.show(agent.instance.id)
    return {
      name: agent.name,
      state: agent.state,
      trustLevel: agent.trustLevel,
      surface: agent.surface,
      ingresses: [...new Set(own.map(({ ingress }) => ingress))],
      sessions: own.length,
      running: killSwitch.running(agent.name),
      stopped: stopped === undefined ? null : { ...stopped },
      lastSeenAt: agent.instance.lastSeenAt,
      carries: { integrity: integrity ?? 3, confidentiality: confidentiality ?? 0, sources: sources ?? [] },
      credential: { ...(deps.credentialOf(agent.name) ?? { issuedAt: null, expiresAt: null }) },
      callsToday: calls.length,
      deniedToday: calls.filter((record) => text(record, 'policyDecision') === 'denied').length,
    }
  }
  const base = { method: 'GET', plane: 'operator', scope: 'read' } as const
  return [
    {
      ...base,
      path: '/api/v1/agent-activity',
      summary: 'What every agent carries, has open and did today; `isComplete` false: counts are of the newest calls.',
      handle: async () => {
        const [open, today] = await Promise.all([sessionsOf(), survey(log, { kind: 'decision', from: startOfDay() })])
        const list = agents.list().map((agent) => head(agent, open, today.records))
        return {
          status: 200,
          body: { agents: list, isComplete: today.isComplete, running: killSwitch.running() } as unknown as Json,
        }
      },
    },
    {
      ...base,
      path: '/api/v1/agent-activity/:name',
      summary: 'Rights of one agent that it used in 30 days and that it did not, and its calls by the hour.',
      handle: async ({ params }) => {
        const agent = agents.get(params['name'] ?? '')
        if (agent === undefined) throw new SallyportError('SP_AGENT_UNKNOWN')
        const from = now() - 30 * DAY
        const of = { from, agent: agent.name }
        const [open, calls, uses, ways] = await Promise.all([
          sessionsOf(),
          survey(log, { kind: 'decision', ...of }),
          survey(log, { kind: 'credential', from }),
          survey(log, { kind: 'egress', ...of }),
        ])
        const today = calls.records.filter((record) => Date.parse(text(record, 'timestamp')) >= startOfDay())
        const used = uses.records.filter(
          (record) => record['operation'] === 'use' && text(record, 'requestingIdentity') === agent.name,
        )
        const allowed = ways.records.filter((record) => record['verdict'] === 'allowed')
        const tools = tally(calls.records, (record) => text(record, 'toolName'))
        const rights = {
          tools,
          // every agent may call every tool that policy lets it
          toolsUnused: deps.tools().filter((id) => !tools.some(({ key }) => key === id)),
          credentials: deps.credentialsOf(agent.name).map((name) => ({
            name,
            uses: used.filter((record) => text(record, 'credential') === name).length,
            leases: deps.leases().filter(({ credential, holder }) => credential === name && holder === agent.name)
              .length,
          })),
          hosts: deps.hostsOf(agent.name).map((host) => ({
            host,
            hits: allowed.filter((record) => text(record, 'target').includes(host)).length,
          })),
        }
        const body = {
          ...head(agent, open, today),
          createdAt: agent.createdAt,
          createdBy: agent.createdBy,
          keyExpiresAt: agent.keyExpiresAt,
          instance: agent.instance,
          scopes: agent.scopes,
          effects: agent.effects,
          // no limit of cost is set for agents
          budget: null,
          open: open.filter(({ principal }) => principal === agent.name).map((session) => ({ ...session })),
          rights,
          hours: byHour(calls.records, now()),
          isComplete: calls.isComplete && uses.isComplete && ways.isComplete,
        }
        return { status: 200, body: body as unknown as Json }
      },
    },
  ]
}

const HOUR = 3_600_000

/** Calls in each of the last 24 hours, oldest first, with how many of them were denied. */
function byHour(records: readonly JsonObject[], now: number): readonly JsonObject[] {
  const first = now - (now % HOUR) - 23 * HOUR
  const hours = Array.from({ length: 24 }, (_, at) => ({ at: first + at * HOUR, calls: 0, denied: 0 }))
  for (const record of records) {
    const hour = hours[Math.floor((Date.parse(text(record, 'timestamp')) - first) / HOUR)]
    if (hour === undefined) continue
    hour.calls++
    if (record['policyDecision'] === 'denied') hour.denied++
  }
  return hours
}
