import { NO_FLOW, type FlowFacts } from '../flow/facts.ts'
import type { ArgumentFacts, PolicyContext } from './request.ts'
import type { JsonObject } from '../json/types.ts'

/** Facts of a call without arguments. */
export const NO_FACTS: ArgumentFacts = Object.freeze({
  hosts: [],
  domains: [],
  schemes: [],
  ports: [],
  networks: [],
  urlSigns: [],
  addresses: [],
  paths: [],
  named: [],
  canonical: [],
  where: [],
  places: [],
  pathSigns: [],
  hostUnresolved: false,
  pathUnresolved: false,
  commands: [],
  command: 'none',
  commandEffects: [],
  count: 0,
  amountMinor: 0,
  omitted: [],
  undeclared: [],
  bytes: 2,
})

export interface ContextOverrides {
  readonly args?: JsonObject
  readonly facts?: Partial<ArgumentFacts>
  readonly tool?: Partial<PolicyContext['tool']>
  readonly labels?: Partial<PolicyContext['labels']>
  readonly flow?: Partial<FlowFacts>
  readonly session?: Partial<PolicyContext['session']>
  readonly approved?: boolean
}

/** A whole context from a few members; the rest is an ordinary call in a clean session. For tests, `explain` and the self-check. */
export function contextOf(overrides: ContextOverrides): PolicyContext {
  const session = {
    key: 'main',
    surface: 'local',
    channel: '',
    chatType: '',
    contentTrust: 'trusted',
    trustLevel: 2,
    ingress: 'mcp-stdio',
    purpose: '',
  } as const
  const tool = {
    name: 'tool',
    effect: 'external',
    groups: [],
    irreversible: false,
    persist: false,
    sensitive: false,
    annotated: true,
    elevated: false,
  }
  return {
    args: overrides.args ?? {},
    facts: { ...NO_FACTS, ...overrides.facts },
    tool: { ...tool, ...overrides.tool },
    labels: { tainted: false, integrity: 3, confidentiality: 0, ...overrides.labels },
    flow: { ...NO_FLOW, ...overrides.flow },
    session: { ...session, ...overrides.session },
    approved: overrides.approved ?? false,
  }
}
