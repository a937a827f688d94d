import type { Confidentiality, Integrity } from '../flow/label.ts'
import { hostMatches, parseHostRule, type HostRule } from './hosts.ts'
import { EGRESS_PRESETS, type EgressPreset } from './presets.ts'
import type { EgressRuleParts, ForeignCredentials, SecretsInRequests } from './rule-parts.ts'
import { misfit, reachOf, readsBody, type RequestFacts, type RequestMember, type RequestShape } from './requests.ts'

/** A rule of egress as an operator writes it. */
export interface EgressRuleText extends EgressRuleParts {
  readonly preset?: EgressPreset | undefined
}

/** A rule of egress in force. */
export interface EgressRule {
  readonly name: string
  readonly agents: readonly string[] | undefined
  readonly hosts: readonly HostRule[]
  /** Undefined: nothing is looked into. */
  readonly requests:
    | {
        readonly allow: readonly RequestShape[]
        readonly deny: readonly RequestShape[]
        readonly credentials: ForeignCredentials
        readonly secrets: SecretsInRequests
        /** Longest body of a request. */
        readonly bodyBytes: number
        readonly confidentiality: Confidentiality
        readonly integrity: Integrity
      }
    | undefined
}

/** Bytes. */
const BODY = 4 << 20

/**
 * @throws SallyportError SP_SANDBOX_PROFILE for a host that is none
 * @throws RangeError for a rule that names no host
 */
export function egressRuleOf(name: string, given: EgressRuleText): readonly EgressRule[] {
  const parts = given.preset === undefined ? [{}] : EGRESS_PRESETS[given.preset]
  return parts.map((part) => {
    const { agents, hosts, allow, deny, ...rest } = { ...part, ...defined(given) }
    if (hosts === undefined || hosts.length === 0) throw new RangeError(`The rule ${name} names no host.`)
    const looks = allow !== undefined || deny !== undefined
    const { credentials = 'strip', secrets = 'refuse', bodyBytes = BODY, confidentiality = 3, integrity = 3 } = rest
    const labels = { confidentiality, integrity }
    const requests = { allow: allow ?? [{}], deny: deny ?? [], credentials, secrets, bodyBytes, ...labels }
    return { name, agents, hosts: hosts.map(parseHostRule), requests: looks ? requests : undefined }
  })
}

const defined = (given: EgressRuleText): EgressRuleText =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

/** The rules for one agent or server. */
export const rulesOf = (rules: readonly EgressRule[], holder: string): readonly EgressRule[] =>
  rules.filter(({ agents }) => agents === undefined || agents.includes(holder))

/** Those that look into requests to this place; none of them: it is a tunnel like any other. */
export const lookingInto = (rules: readonly EgressRule[], host: string, port: number): readonly EgressRule[] =>
  rules.filter(({ requests, hosts }) => requests !== undefined && hosts.some((rule) => hostMatches(rule, host, port)))

/** Whether a request has to be read whole before these rules can judge it. */
export const needBody = (rules: readonly EgressRule[]): boolean =>
  rules.some(({ requests }) => [...(requests?.allow ?? []), ...(requests?.deny ?? [])].some(readsBody))

export type RequestRefusal = 'request_denied' | `request_${RequestMember}`
export type RequestVerdict =
  | { readonly ok: true; readonly rule: EgressRule }
  | { readonly ok: false; readonly reason: RequestRefusal; readonly rule: string }

/**
 * Judges a request by the rules that look into its host: what one denies is refused whatever another allows, and what none allows is
 * refused (HB-45).
 * @param rules at least one, of this host
 */
export function judgeRequest(rules: readonly EgressRule[], facts: RequestFacts): RequestVerdict {
  let nearest: { readonly member: RequestMember; readonly rule: string } | undefined
  const denying = rules.find((rule) => rule.requests?.deny.some((shape) => misfit(shape, facts, 'deny') === undefined))
  if (denying !== undefined) return { ok: false, reason: 'request_denied', rule: denying.name }
  for (const rule of rules)
    for (const shape of rule.requests?.allow ?? []) {
      const member = misfit(shape, facts, 'allow')
      if (member === undefined) return { ok: true, rule }
      if (nearest === undefined || reachOf(member) > reachOf(nearest.member)) nearest = { member, rule: rule.name }
    }
  return { ok: false, reason: `request_${nearest?.member ?? 'methods'}`, rule: nearest?.rule ?? '' }
}
