import { pseudoMethod, type JsonObject } from '@sallyport/core'
import { boundCredentials } from './config/credentials.ts'
import { agentActivityRoutes } from './ingress/api/agent-activity-routes.ts'
import { egressViewRoutes } from './ingress/api/egress-view-routes.ts'
import type { Route } from './ingress/api/route.ts'
import { toolReviewRoutes } from './ingress/api/tool-review-routes.ts'
import { vaultUsageRoutes } from './ingress/api/vault-usage-routes.ts'
import type { RouteParts } from './routes.ts'

/** What the pages under “Control” show of agents, tools, credentials and ways out, beyond what is needed to change them. */
export function controlViewRoutes(
  parts: RouteParts,
  note: (event: string, body: JsonObject) => Promise<void>,
): Route[] {
  const { identity, catalogue, store, flow, egress, credentials, config, ports, detector } = parts
  const now = (): number => ports.clock.now()
  const bound = [...boundCredentials(config.credentials).values()]
  return [
    ...agentActivityRoutes({
      ...{
        log: store,
        now,
        agents: identity.agents,
        sessions: identity.sessions,
        killSwitch: identity.killSwitch,
        flow,
      },
      credentialOf: identity.credentialOf.bind(identity),
      leases: () => credentials.broker.leases(),
      credentialsOf: (agent) => bound.filter(({ agents }) => agents.includes(agent)).map(({ name }) => name),
      hostsOf: (agent) => egress.book.hostsOf(agent),
      tools: () => catalogue.registry.all().flatMap(({ id, name }) => (pseudoMethod(name) === undefined ? [id] : [])),
    }),
    ...toolReviewRoutes({
      ...{ catalogue, log: store, now },
      findings: (said) => detector.scan(said, { channel: 'content' }).findings,
    }),
    ...vaultUsageRoutes({
      ...{ log: store, now },
      credentials: () =>
        bound.map(({ name, secret, category, agents, hosts, form, permissions = [] }) => ({
          ...{ name, secret, category, agents, permissions },
          hosts: hosts.map(({ text }) => text),
          form: form.kind === 'header' ? `header ${form.name}` : form.kind,
        })),
    }),
    ...egressViewRoutes({ log: store, now, rules: egress.routes.rules, live: egress.live, note }),
  ]
}
