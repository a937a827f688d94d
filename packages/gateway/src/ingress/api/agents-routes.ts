import { SallyportError, type Effect, type JsonObject, type TrustLevel } from '@sallyport/core'
import { SURFACES, type Surface } from '@sallyport/core/surface'
import { z } from 'zod'
import { LOCAL_OPERATOR } from './guard-request.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { AgentsPort, AgentView, FlowView, KillState, KillTarget, PresencePort, SessionView } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

export interface AgentsRoutesDeps {
  readonly agents: AgentsPort
  readonly sessions: {
    list(): Promise<readonly SessionView[]>
    find(id: string): Promise<SessionView | undefined>
    end(
      id: string,
      by: string,
      reason: string,
    ): Promise<{ readonly session: SessionView; readonly aborted: number } | undefined>
  }
  readonly killSwitch: {
    list(): readonly KillState[]
    resume(target: KillTarget, by: string, reason: string): Promise<void>
  }
  kill(target: KillTarget, by: string, reason: string): Promise<KillState>
  readonly presence: PresencePort
  /** What flow control knows of the agent instance behind a session. */
  readonly flow: FlowView
}

const REASON = z.string().max(500).default('')
const ADD = z.strictObject({
  name: z.string().max(64),
  scopes: z.array(z.string().max(32)).max(8).optional(),
  role: z.string().max(32).optional(),
  effects: z
    .array(z.enum(['read', 'write', 'external']))
    .min(1)
    .max(3)
    .optional(),
  surface: z.enum(SURFACES).optional(),
  proof: PROOF,
})
const PROVED = z.strictObject({ proof: PROOF }).optional()
const TRUST = z.strictObject({ level: z.literal([0, 1, 2]), reason: REASON, proof: PROOF })
const ENDORSE = z.strictObject({ value: z.string().min(1).max(1024), proof: PROOF })
const END = z.strictObject({ reason: REASON }).optional()
const KILL = z.union([
  z.strictObject({ agent: z.string().max(64), reason: REASON, proof: PROOF }),
  z.strictObject({ all: z.literal(true), reason: REASON, proof: PROOF }),
])

/** `/api/v1/agents`, `/api/v1/kill`, `/api/v1/sessions`: narrowing is free, widening needs presence. */
export function agentsRoutes(deps: AgentsRoutesDeps): Route[] {
  const { agents, sessions, presence } = deps
  const known = (request: ApiRequest): AgentView => {
    const agent = agents.get(request.params['name'] ?? '')
    if (agent === undefined) throw new SallyportError('SP_AGENT_UNKNOWN')
    return agent
  }
  return [
    {
      method: 'GET',
      path: '/api/v1/agents',
      plane: 'operator',
      scope: 'read',
      summary: 'All agents with trust level, instance and the end of their key.',
      handle: () => Promise.resolve({ status: 200, body: { agents: agents.list().map(agentJson) } }),
    },
    {
      method: 'POST',
      path: '/api/v1/agents',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Add an agent at trust level 0; the answer holds its key, once. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { proof, ...wanted } = readAs(ADD, body)
        const by = await requirePresence(presence, 'agent.add', wanted as unknown as JsonObject, proof, 'free')
        const { agent, key } = await agents.add({ by, ...defined(wanted) })
        return {
          status: 201,
          body: { agent: agentJson(agent), key },
          headers: { location: `/api/v1/agents/${agent.name}` },
        }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/agents/:name',
      plane: 'operator',
      scope: 'read',
      summary: 'One agent.',
      handle: (request) => Promise.resolve({ status: 200, body: agentJson(known(request)) }),
    },
    {
      method: 'POST',
      path: '/api/v1/agents/:name/rotate-key',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'A new key, once; the old one and its credentials end. Free until the gateway has an operator.',
      handle: async (request) => {
        const { name } = known(request)
        const proof = readAs(PROVED, request.body)?.proof
        const by = await requirePresence(presence, 'agent.rotate-key', { name }, proof, 'free')
        const { agent, key } = await agents.rotateKey(name, by)
        return { status: 200, body: { agent: agentJson(agent), key } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/agents/:name/revoke',
      plane: 'operator',
      scope: 'admin',
      presence: 'free',
      summary: 'End an agent for good; its running calls are aborted. Free, because it only takes rights away.',
      handle: async (request) => {
        readAs(PROVED, request.body)
        return { status: 200, body: agentJson(await agents.revoke(known(request).name, request.principal.id)) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/agents/:name/trust',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Set the trust level (0, 1, 2). Lowering is free; raising is a recorded decision of an operator.',
      handle: async (request) => {
        const { name, trustLevel } = known(request)
        const { level, reason, proof } = readAs(TRUST, request.body)
        const raised = level > trustLevel
        const by = raised
          ? await requirePresence(presence, 'agent.trust', { name, level, reason }, proof, 'refuse')
          : LOCAL_OPERATOR.id
        return { status: 200, body: agentJson(await agents.setTrust(name, level as TrustLevel, by, reason)) }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/kill',
      plane: 'operator',
      scope: 'read',
      summary: 'Kill switches that are on.',
      handle: () => Promise.resolve({ status: 200, body: { on: deps.killSwitch.list().map(killJson) } }),
    },
    {
      method: 'POST',
      path: '/api/v1/kill',
      plane: 'operator',
      scope: 'write',
      presence: 'free',
      summary:
        'Stop one agent or all: running calls are aborted within a second. Free, because it only takes rights away.',
      handle: async ({ body, principal }) => {
        const wanted = readAs(KILL, body)
        const target = killTarget(wanted)
        if (target.kind === 'agent' && agents.get(target.name) === undefined)
          throw new SallyportError('SP_AGENT_UNKNOWN')
        const reason = wanted.reason === '' ? 'Killed by an operator.' : wanted.reason
        return { status: 200, body: killJson(await deps.kill(target, principal.id, reason)) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/kill/resume',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Lift a kill switch. Always needs an operator; the trust level stays 0.',
      handle: async ({ body }) => {
        const wanted = readAs(KILL, body)
        const { proof, reason, ...payload } = wanted
        const by = await requirePresence(presence, 'kill.resume', { ...payload, reason }, proof, 'refuse')
        await deps.killSwitch.resume(killTarget(wanted), by, reason)
        return { status: 200, body: { on: deps.killSwitch.list().map(killJson) } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/sessions',
      plane: 'operator',
      scope: 'read',
      summary: 'Sessions, newest activity first. `?agent=NAME` for one agent.',
      handle: async ({ query }) => {
        const all = await sessions.list()
        const wanted = all.filter(({ principal }) => query['agent'] === undefined || principal === query['agent'])
        return { status: 200, body: { sessions: wanted.map(sessionJson) } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/sessions/:id',
      plane: 'operator',
      scope: 'read',
      summary: 'One session.',
      handle: async ({ params }) => {
        const session = await sessions.find(params['id'] ?? '')
        if (session === undefined) throw new SallyportError('SP_AGENT_SESSION')
        return { status: 200, body: { ...sessionJson(session), ...deps.flow.show(session.instance) } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/sessions/:id/end',
      plane: 'operator',
      scope: 'write',
      presence: 'free',
      summary:
        'End one session: its running calls are aborted, its next call is refused; other sessions of its agent go on. Free, because it only takes rights away.',
      handle: async ({ params, body, principal }) => {
        const reason = readAs(END, body)?.reason ?? ''
        const ended = await sessions.end(
          params['id'] ?? '',
          principal.id,
          reason === '' ? 'Ended by an operator.' : reason,
        )
        if (ended === undefined) throw new SallyportError('SP_AGENT_SESSION')
        return { status: 200, body: { ...sessionJson(ended.session), aborted: ended.aborted } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/sessions/:id/endorse',
      plane: 'operator',
      scope: 'approve',
      presence: 'route',
      summary: 'Vouch for one value in one session: a recorded decision of an operator.',
      handle: async ({ params, body }) => {
        const session = await sessions.find(params['id'] ?? '')
        if (session === undefined) throw new SallyportError('SP_AGENT_SESSION')
        const { value, proof } = readAs(ENDORSE, body)
        const by = await requirePresence(presence, 'flow.endorse', { session: session.id, value }, proof, 'refuse')
        await deps.flow.endorse(session, value, by)
        return { status: 200, body: { session: session.id, value } }
      },
    },
  ]
}

const killTarget = (wanted: z.infer<typeof KILL>): KillTarget =>
  'all' in wanted ? { kind: 'all' } : { kind: 'agent', name: wanted.agent }

const iso = (at: number): string => new Date(at).toISOString()

function agentJson(agent: AgentView): JsonObject {
  const { name, state, trustLevel, surface, scopes, effects, createdBy, instance } = agent
  return {
    name,
    state,
    trustLevel,
    surface,
    scopes,
    effects,
    createdBy,
    createdAt: iso(agent.createdAt),
    keyExpiresAt: iso(agent.keyExpiresAt),
    instance: { id: instance.id, since: iso(instance.since), lastSeenAt: iso(instance.lastSeenAt) },
  }
}

const killJson = ({ target, reason, by, at, calls }: KillState): JsonObject => ({
  ...{ target, reason, by, at: iso(at) },
  ...(calls === undefined ? {} : { calls }),
})

function sessionJson(session: SessionView): JsonObject {
  const { id, principal, instance, ingress, surface, hint, node, calls, state } = session
  const times = { createdAt: iso(session.createdAt), lastActivityAt: iso(session.lastActivityAt) }
  return { id, agent: principal, instance, ingress, surface, hint, node, calls, state, ...times }
}

/** Without members that are undefined. */
function defined(
  wanted: { readonly [K in keyof z.infer<typeof ADD>]?: z.infer<typeof ADD>[K] | undefined } & { name: string },
): {
  name: string
  scopes?: readonly string[]
  role?: string
  effects?: readonly Effect[]
  surface?: Surface
} {
  const { name, scopes, role, effects, surface } = wanted
  return {
    name,
    ...(scopes === undefined ? {} : { scopes }),
    ...(role === undefined ? {} : { role }),
    ...(effects === undefined ? {} : { effects }),
    ...(surface === undefined ? {} : { surface }),
  }
}
