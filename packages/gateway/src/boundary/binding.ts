import {
  digest,
  isTainted,
  sha256,
  type ArgRole,
  type ArgumentProvenance,
  type CallBinding,
  type Effect,
  type FlowAssessment,
  type FlowFacts,
  type JsonObject,
  type Label,
  type RegisteredTool,
  type ArgumentFacts,
  type PolicyRequest,
} from '@sallyport/core'
import type { Caller, Leaf } from './ports.ts'

/** Digest of the exact argument text: one byte more or less is another call (T-028). */
export const argsDigest = (argsText: string): string => sha256(`sallyport/args/1\n${argsText}`)

const labelJson = (label: Label): JsonObject => ({
  integrity: label.integrity,
  confidentiality: label.confidentiality,
  sources: label.sources,
})

const WATCHED: ReadonlySet<ArgRole> = new Set<ArgRole>(['sink', 'selector', 'audience', 'quantity'])

/** Leaves that decide who, what and how much is affected, with where they came from. */
export const watchedLeaves = ({ leaves }: FlowAssessment): readonly Leaf[] =>
  leaves.flatMap(({ path, role, value, origin, why }) =>
    WATCHED.has(role) ? [{ path, role, value, origin, why }] : [],
  )

/** Arguments whose origin is told to whoever decides; a call of more is not decided by reading. */
const MOST_ORIGINS = 500

/** What is known of where each argument came from, without the values. */
export const provenanceOf = ({ leaves }: FlowAssessment): readonly ArgumentProvenance[] =>
  leaves.slice(0, MOST_ORIGINS).map(({ path, role, origin, why, from }) => ({ path, role, origin, why, from }))

/** Everything that makes this call this call; an approval is for exactly one binding (threat-model §3.1). */
export function bindCall(of: {
  readonly gateway: string
  readonly caller: Caller
  readonly tool: RegisteredTool
  readonly argsDigest: string
  readonly meta: JsonObject
  readonly label: Label
  readonly facts: ArgumentFacts
  readonly cwd: string
  readonly sinks: readonly Leaf[]
  readonly bundle: string
}): CallBinding {
  const { principal } = of.caller
  return {
    gateway: of.gateway,
    principal: principal.id,
    chain: principal.chain,
    instance: principal.instance,
    labels: labelJson(of.label),
    server: of.tool.server,
    tool: of.tool.id,
    pin: of.tool.pin,
    argsDigest: of.argsDigest,
    metaDigest: digest('sallyport/meta/1', of.meta),
    facts: of.facts as unknown as JsonObject,
    cwd: of.cwd,
    sinks: of.sinks,
    bundle: of.bundle,
  }
}

const ENTITY = { agent: 'Agent', human: 'User', service: 'Service' } as const

/** What policy is asked (HB-61): who, on what, for which purpose, under which conditions. */
export function policyRequest(of: {
  readonly caller: Caller
  readonly sessionId: string
  readonly tool: RegisteredTool
  readonly args: JsonObject
  readonly facts: ArgumentFacts
  readonly label: Label
  readonly flow: FlowFacts
  readonly effect: Effect
  readonly approved: boolean
}): PolicyRequest {
  const { caller, tool, label } = of
  const { annotation } = tool
  return {
    ...policyHead(caller, tool),
    context: {
      args: of.args,
      facts: of.facts,
      tool: {
        name: tool.name,
        effect: of.effect,
        groups: annotation.groups,
        irreversible: annotation.irreversible,
        persist: annotation.persist,
        sensitive: annotation.sensitive === true,
        annotated: tool.annotated,
        elevated: tool.elevated,
      },
      labels: { tainted: isTainted(label), integrity: label.integrity, confidentiality: label.confidentiality },
      flow: of.flow,
      session: {
        key: `${caller.ingress}:${caller.connection}`,
        surface: caller.surface,
        channel: caller.channel,
        chatType: caller.chatType,
        contentTrust: caller.contentTrust,
        trustLevel: caller.principal.trustLevel,
        ingress: caller.ingress,
        purpose: caller.purpose,
      },
      approved: of.approved,
    },
  }
}

/** The part of a request that is known before there are arguments. */
export function policyHead(
  caller: Caller,
  tool: RegisteredTool,
): Pick<PolicyRequest, 'principal' | 'action' | 'resource'> {
  return {
    principal: { type: ENTITY[caller.principal.kind], id: caller.principal.id },
    action: tool.id,
    resource: { type: 'Server', id: tool.server },
  }
}
