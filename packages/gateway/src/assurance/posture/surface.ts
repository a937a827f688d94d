import { reachOf, type Reach } from '@sallyport/core'
import { bindingFactsOf } from './binding-facts.ts'
import type { Facts } from './facts.ts'

/** One way in: who can reach it, and what it asks for. */
interface Exposure {
  readonly surface: string
  readonly at: string
  readonly from: Reach | 'this account'
  readonly tls: boolean
  readonly asks: string
}

/** One server, and what it can do when it turns bad. */
interface ServerExposure {
  readonly server: string
  readonly kind: 'command' | 'commands' | 'requests' | 'remote'
  readonly confined: boolean
  readonly trust: string
  /** Hosts that its settings name; everything else is asked about or refused. */
  readonly reaches: readonly string[]
}

/** Numbers of what can be attacked, and the matrix of who reaches what (ND-7.1.b). */
export interface AttackSurface {
  readonly counts: Readonly<Record<string, number>>
  readonly exposure: readonly Exposure[]
  readonly servers: readonly ServerExposure[]
}

/** Null where the configuration is not known. */
export function surfaceOf({ config: known, agents, gateway }: Facts): AttackSurface | null {
  if (known.state !== 'known') return null
  const { config } = known.value
  const { listeners } = bindingFactsOf(config, [], false)
  const servers = Object.entries(config.servers).filter(([, { enabled }]) => enabled)
  const exposure: Exposure[] = [
    {
      ...{ surface: 'agents', at: 'agent.sock', from: 'this account', tls: false },
      asks: 'the credential of an agent',
    },
    {
      ...{ surface: 'operators', at: 'operator.sock', from: 'this account', tls: false },
      asks: 'this account; a proof to decide',
    },
    ...listeners.map(({ name, address, port, tls }): Exposure => ({
      ...{ surface: name, at: `${address}:${port}`, from: reachOf(address), tls },
      asks: ASKS[name] ?? 'a credential',
    })),
  ]
  const rules = Object.values(config.egress.rules)
  return {
    counts: {
      listeners: listeners.length,
      exposed: listeners.filter(({ address }) => reachOf(address) !== 'loopback').length,
      agents: agents.state === 'known' ? agents.value.length : 0,
      servers: servers.length,
      remoteServers: servers.filter(([, { url }]) => url !== undefined).length,
      tools: gateway.state === 'known' ? gateway.value.tools.length : 0,
      elevatedTools: config.tools.elevated.length,
      egressRules: rules.length,
      egressHosts: new Set(rules.flatMap(({ hosts = [] }) => hosts)).size,
      egressExceptions: Object.keys(config.egress.exceptions).length,
      credentials: Object.keys(config.credentials).length,
      alertSinks: Object.keys(config.alerts.sinks).length,
      outsideApprovers:
        Object.keys(config.approvals.slack?.people ?? {}).length + (config.approvals.webhook?.approvers.length ?? 0),
      acknowledged: Object.keys(config.acknowledgeInsecure).length,
    },
    exposure,
    servers: servers.map(([server, { command, commands, requests, url, trust }]): ServerExposure => {
      const kind = command ? 'command' : commands ? 'commands' : requests ? 'requests' : 'remote'
      const confined = kind === 'requests' || (kind !== 'remote' && config.sandbox.mode !== 'off')
      const reaches = [
        ...(url === undefined || !URL.canParse(url) ? [] : [new URL(url).host]),
        ...(requests?.web_fetch?.hosts ?? []),
        ...(requests?.http?.hosts ?? []),
        ...rules.filter(({ agents: who }) => who?.includes(`server:${server}`)).flatMap(({ hosts = [] }) => hosts),
      ]
      return { server, kind, confined, trust, reaches: [...new Set(reaches)].sort() }
    }),
  }
}

const ASKS: Readonly<Record<string, string>> = {
  agents: 'the credential of an agent',
  console: 'a person; a proof to decide',
  egress: 'name and key of an agent',
}
