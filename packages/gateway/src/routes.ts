import { SANDBOX_MODES } from './execution/sandbox/start.ts'
import { SallyportError, type InjectionDetector, type Json, type JsonObject, type Principal } from '@sallyport/core'
import type { CrossingPorts } from './boundary/crossing-ports.ts'
import type { Boundary, Verdict } from './boundary/ports.ts'
import type { Layout } from './config/paths.ts'
import type { Config } from './config/schema.ts'
import type { ApprovalService } from './control/approvals/approvals.ts'
import type { SlackInbox } from './control/approvals/slack.ts'
import type { WebhookInbox } from './control/approvals/webhook.ts'
import type { Budgets } from './control/budgets/budgets.ts'
import type { Catalogue } from './control/catalogue/catalogue.ts'
import type { InstanceFlow } from './control/flow/flow.ts'
import type { RulePacks } from './control/content/rules/rule-packs.ts'
import type { Identity } from './control/identity/identity.ts'
import type { Drafts } from './control/policy/drafts/drafts.ts'
import type { PolicyService } from './control/policy/service.ts'
import type { Presence } from './control/presence/presence.ts'
import type { Runs } from './execution/egress/runs.ts'
import type { Upstreams } from './execution/upstream/upstreams.ts'
import type { Alerting } from './alerting.ts'
import type { Egress } from './egress.ts'
import type { EgressDoor } from './egress-door.ts'
import { alertsRoutes } from './ingress/api/alerts-routes.ts'
import { controlViewRoutes } from './control-views.ts'
import { agentRoutes } from './ingress/api/agent-routes.ts'
import { agentsRoutes } from './ingress/api/agents-routes.ts'
import { approvalRuleRoutes } from './ingress/api/approval-rule-routes.ts'
import { approvalsRoutes } from './ingress/api/approvals-routes.ts'
import { budgetsRoutes } from './ingress/api/budgets-routes.ts'
import type { Calls } from './ingress/api/calls.ts'
import { egressRoutes } from './ingress/api/egress-routes.ts'
import { HEALTH } from './ingress/api/server.ts'
import { CONSOLE_ROUTES } from './ingress/console/pages.ts'
import { Live } from './ingress/live/live.ts'
import { HOOK_ROUTE, Matrix, MCP_ROUTES, type MatrixEntry } from './ingress/api/matrix.ts'
import { keepingRoutes } from './ingress/api/keeping-routes.ts'
import { logRoutes } from './ingress/api/log-routes.ts'
import { observeRoutes } from './ingress/api/observe-routes.ts'
import { mcpRoutes } from './ingress/api/mcp-routes.ts'
import { metricsRoutes, type MetricsSource } from './ingress/api/metrics-routes.ts'
import { policyDraftRoutes } from './ingress/api/policy-draft-routes.ts'
import { passkeysRoutes } from './ingress/api/passkeys-routes.ts'
import { policyRoutes } from './ingress/api/policy-routes.ts'
import { presenceRoutes } from './ingress/api/presence-routes.ts'
import type { Route } from './ingress/api/route.ts'
import { rulesRoutes } from './ingress/api/rules-routes.ts'
import { runsRoutes } from './ingress/api/runs-routes.ts'
import { scanRoutes } from './ingress/api/scan-routes.ts'
import { skillsRoutes } from './ingress/api/skills-routes.ts'
import { toolsRoutes } from './ingress/api/tools-routes.ts'
import { wordsRoutes } from './ingress/api/words-routes.ts'
import type { Hooks } from './ingress/hooks/ports.ts'
import type { Credentials } from './credentials.ts'
import { vaultKeepingRoutes } from './ingress/api/vault-keeping-routes.ts'
import { healthRoutes, type HealthSource } from './ingress/api/health-routes.ts'
import { leaseRoutes } from './ingress/api/lease-routes.ts'
import { vaultRoutes } from './ingress/api/vault-routes.ts'
import { createCodeScanPort } from './code-scan.ts'
import { acceptedRisks, keptOf } from './keeping.ts'
import { routesOfPeople, type PeopleRoom } from './people.ts'
import type { Servers } from './servers.ts'
import type { Skills } from './skills.ts'
import type { openStore } from './store/open.ts'
import { VERSION } from './version.ts'

export interface RouteParts {
  readonly metrics: MetricsSource
  readonly health: HealthSource
  readonly ports: CrossingPorts
  readonly boundary: Boundary
  readonly identity: Identity
  readonly presence: Presence
  readonly people: PeopleRoom
  readonly approvals: ApprovalService
  readonly policy: PolicyService
  readonly drafts: Drafts
  readonly catalogue: Catalogue
  readonly servers: Servers
  readonly upstreams: Upstreams
  readonly store: Awaited<ReturnType<typeof openStore>>
  readonly hooks: Hooks
  readonly alerting: Alerting
  readonly calls: Calls
  readonly runs: Runs
  readonly credentials: Credentials
  readonly budgets: Budgets
  readonly egress: Egress
  readonly door: EgressDoor
  readonly flow: InstanceFlow
  readonly detector: InjectionDetector
  readonly packs: RulePacks
  readonly skills: Pick<Skills, 'routes' | 'guard'>
  readonly inbox: WebhookInbox | undefined
  readonly slack: SlackInbox | undefined
  readonly config: Config
  readonly files: Layout
  readonly notices: readonly string[]
  readonly forwardedSeen: () => boolean
  /** What people watch: activity, and the sessions of the log. */
  readonly observing: readonly Route[]
}

/** Every endpoint of the gateway: the table is the authentication matrix (SEC-2.1). */
export function createRoutes(parts: RouteParts): readonly Route[] {
  const { boundary, identity, presence, approvals, policy, catalogue, servers, upstreams, store, ports, calls, flow } =
    parts
  const { clock, random, evidence } = ports
  const presencePort = {
    // whoever came through the company's sign-in has neither a passkey nor a PIN yet, and is a person all the same
    claimed: async () => (await presence.people()).length > 0 || parts.people.people.list().length > 0,
    verify: presence.verify.bind(presence),
  }
  const principalOf = (agent: string): Verdict<Principal> => {
    const issued = identity.issueFor(agent)
    return issued.ok ? identity.verify(issued.value.credential) : issued
  }
  const note = async (event: string, body: JsonObject): Promise<void> =>
    evidence.append([
      {
        ...{ kind: 'gateway', auditId: random.uuid(), timestamp: new Date(clock.now()).toISOString() },
        ...{ level: 'warn', event, ...body },
      },
    ])
  return [
    ...agentRoutes({ boundary, calls, tools: servers, identity, evidence, clock, random }),
    ...toolsRoutes({ boundary, tools: servers }),
    ...wordsRoutes({ flow, evidence, clock, random }),
    ...runsRoutes({
      runs: parts.runs,
      servers: () =>
        servers
          .servers()
          .map(({ alias }) => alias)
          .filter((alias) => alias in parts.config.servers),
      principalOf,
      whileAlive: identity.whileAlive.bind(identity),
      hear: flow.hear.bind(flow),
      envOf: parts.credentials.envOf,
      withheld: parts.skills.guard.withheld.bind(parts.skills.guard),
      evidence,
      clock,
      random,
    }),
    ...agentsRoutes({
      ...identity,
      kill: identity.kill.bind(identity),
      presence: presencePort,
      flow: {
        show: (instance) => flow.show(instance),
        endorse: async ({ id, principal, instance }, value, by) => {
          const timestamp = new Date(clock.now()).toISOString()
          const about = { session: id, agentId: principal, instance, value }
          const record = {
            kind: 'identity',
            auditId: random.uuid(),
            timestamp,
            level: 'info',
            event: 'flow.endorsed',
          } as const
          await evidence.append([{ ...record, actor: by, ...about }])
          flow.endorse(instance, value)
        },
      },
    }),
    ...approvalsRoutes(approvals, (name, by, why) => identity.kill({ kind: 'agent', name }, by, why), {
      webhook: parts.inbox,
      slack: parts.slack,
    }),
    ...presenceRoutes(presence),
    ...parts.people.routes({
      presence: presencePort,
      line: () => ({ level: levelOf(parts.runs), mode: parts.config.mode, version: VERSION }),
    }),
    ...passkeysRoutes({
      passkeys: presence.passkeys,
      presence: presencePort,
      resetPin: presence.resetPin.bind(presence),
      scopesOf: parts.people.scopesOf,
    }),
    ...policyRoutes(policy, presencePort),
    ...policyDraftRoutes(parts.drafts, policy, presencePort),
    ...approvalRuleRoutes(approvals, parts.drafts),
    ...keepingRoutes(keptOf(parts.config, parts.files), () => acceptedRisks(parts.config)),
    ...rulesRoutes(parts.packs),
    ...scanRoutes(createCodeScanPort()),
    ...skillsRoutes(parts.skills.routes, presencePort),
    ...vaultRoutes({
      vault: parts.credentials.vault,
      leases: parts.credentials.broker,
      usedBy: parts.credentials.usedBy,
      elsewhere: parts.credentials.elsewhere,
      lastUsed: parts.credentials.lastUsed,
      changed: parts.credentials.changed,
      presence: presencePort,
    }),
    ...leaseRoutes({
      leases: parts.credentials.broker,
      takenBack: parts.credentials.takenBack,
      presence: presencePort,
      note: async (operation, body) =>
        evidence.append([
          {
            ...{ kind: 'credential', auditId: random.uuid(), timestamp: new Date(clock.now()).toISOString() },
            ...{ level: 'warn', operation, success: true, ...body },
          },
        ]),
    }),
    ...egressRoutes({
      ...parts.egress.routes,
      authorityOf: async (agent) => {
        const found = principalOf(agent)
        // not a question of who asks: that would be 401, and a console would think that its session is over
        if (!found.ok) throw new SallyportError('SP_AGENT_UNKNOWN', found.reason)
        return parts.door.authorityOf(found.value)
      },
      presence: presencePort,
      now: () => clock.now(),
      note,
    }),
    ...budgetsRoutes({ budgets: parts.budgets, presence: presencePort, note }),
    ...controlViewRoutes(parts, note),
    ...vaultKeepingRoutes({ keeping: parts.credentials.keeping, presence: presencePort }),
    ...logRoutes({ store, clock, version: VERSION, looked: (by) => parts.alerting.review.looked(by) }),
    ...parts.observing,
    ...alertsRoutes({ alerts: parts.alerting.service, presence: presencePort, clock }),
    ...mcpRoutes(catalogue, upstreams, presencePort, servers),
    ...metricsRoutes(parts.metrics),
    ...healthRoutes(parts.health),
    statusRoute(parts),
  ]
}

/**
 * The whole table with nothing behind it, for its reference and for tests that try every door. Handlers of these entries must
 * not be called.
 */
export function tableOfEntries(): readonly MatrixEntry[] {
  const nothing = new Proxy(function () {}, { get: () => nothing, apply: () => nothing }) as never
  const raw = [HOOK_ROUTE, ...MCP_ROUTES, ...CONSOLE_ROUTES]
  // what other parts bring along is nothing when they are
  const brought = [...routesOfPeople(nothing), ...observeRoutes(nothing), ...new Live(nothing).routes()]
  return new Matrix([...HEALTH, ...createRoutes(nothing), ...brought, ...raw]).entries
}

function confinementOf({ sandbox }: RouteParts['config']): string {
  const backends = SANDBOX_MODES[sandbox.mode]
  return backends.length === 0
    ? 'off: servers run with the rights of this account'
    : `${backends.join(' or ')} for commands and servers of the configuration; wrapped servers ${sandbox.wrapped === undefined ? 'unsandboxed' : 'too'}`
}

function levelOf(runs: Runs): string {
  const advisory = 'L0: advisory, the agent shares your account'
  const names = [...new Set(runs.list().map(({ agent }) => agent))]
  return names.length === 0 ? advisory : `L1: confined, for ${names.join(', ')}; any other agent is ${advisory}`
}

/**
 * What the gateway protects and what it cannot. The deployment level is what can be known from here: a gateway that shares the
 * agents' account is advisory (threat-model §2); `doctor` measures the rest.
 */
function statusRoute({
  config,
  files,
  presence,
  policy,
  identity,
  approvals,
  notices,
  hooks,
  runs,
  forwardedSeen,
}: RouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/status',
    plane: 'operator',
    scope: 'read',
    summary: 'Version, policy, store, agents, waiting approvals, enforcement and its limits.',
    handle: async () => {
      const [people, waiting] = await Promise.all([presence.status(), approvals.list({ state: 'pending' })])
      const body = {
        version: VERSION,
        level: levelOf(runs),
        claimed: people.claimed,
        policy: policy.current(),
        store: config.store.driver,
        stateDirectory: files.stateDir,
        mode: config.mode,
        confinement: confinementOf(config),
        agents: identity.agents.list().map(({ name, state, trustLevel }) => `${name} (${state}, trust ${trustLevel})`),
        waitingApprovals: waiting.length,
        hosts: hooks.sessions().map(({ agent, host, state }) => `${agent} on ${host}: enforcement host, ${state}`),
        notices: [...notices],
        forwardedSeen: forwardedSeen(),
      }
      return { status: 200, body: body as unknown as Json }
    },
  }
}
