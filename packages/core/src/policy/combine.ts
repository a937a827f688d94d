import { CODES } from '../errors/codes.ts'
import { DEFAULT_TTL_SECONDS, type PolicyMeta } from './annotations.ts'
import type { ApprovalDemand, Decision, Severity } from './decision.ts'
import type { CompiledPolicy } from './compile.ts'
import { refusalRisk } from './groups.ts'
import type { PolicyRequest } from './request.ts'

/** Policies that matched, by what they do. */
export interface Matches {
  readonly forbids: readonly CompiledPolicy[]
  readonly asks: readonly CompiledPolicy[]
  readonly permits: readonly CompiledPolicy[]
  readonly advisory: readonly CompiledPolicy[]
  readonly errors: readonly CompiledPolicy[]
  /** Why something could not be evaluated; empty when everything could. */
  readonly problem: string
  /** True when an error was a number beyond ±(2^53−1), where stock Cedar counts on to 2^63. */
  readonly overflow: boolean
}

interface Version {
  readonly digest: string
  readonly version: string
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']
const worst = (policies: readonly CompiledPolicy[], fallback: Severity): Severity =>
  policies.length === 0
    ? fallback
    : (ORDER.find((severity) => policies.some((policy) => (policy.meta.severity ?? fallback) === severity)) ?? fallback)

const ids = (policies: readonly CompiledPolicy[]): readonly string[] => policies.map((policy) => policy.meta.id)

/** Deny > error > no permit > ask > allow (E-53), whatever the order of the policies. */
export function combine(bundle: Version, request: PolicyRequest, matches: Matches): Decision {
  const { forbids, asks, permits, errors, problem } = matches
  const risk = refusalRisk(request.context.tool.groups)
  if (forbids.length > 0) {
    return {
      ...deny(bundle, 'SP_POLICY_DENIED', ids(forbids), worst(forbids, risk), reason(forbids, request)),
      ...alert(forbids),
    }
  }
  if (errors.length > 0 || problem !== '') {
    return deny(bundle, 'SP_POLICY_ERROR', ids(errors), worst(errors, 'high'), CODES.SP_POLICY_ERROR.title)
  }
  if (permits.length === 0) {
    return deny(bundle, 'SP_POLICY_DENIED', [], risk, `No policy allows this call. ${CODES.SP_POLICY_DENIED.title}`)
  }
  if (asks.length === 0) return allow(bundle, permits, matches.advisory)
  const demand = mergeDemands(asks.map((policy) => policy.meta))
  if (demand === undefined) {
    const text = 'The policies that ask for approval name no approver in common, so nobody can approve this call.'
    return deny(bundle, 'SP_POLICY_DENIED', ids(asks), worst(asks, 'high'), text)
  }
  return {
    outcome: 'ask',
    code: 'SP_APPROVAL_REQUIRED',
    reason: reason(asks, request),
    determining: ids(asks),
    severity: demand.severity,
    demand,
    bundle: bundle.digest,
    version: bundle.version,
    ...alert(asks),
  }
}

const alert = (policies: readonly CompiledPolicy[]): Pick<Decision, 'alert'> =>
  policies.some(({ meta }) => meta.alert) ? { alert: true } : {}

function allow(bundle: Version, permits: readonly CompiledPolicy[], advisory: readonly CompiledPolicy[]): Decision {
  return {
    outcome: 'allow',
    reason: advisory.length === 0 ? '' : `advisory: ${ids(advisory).join(', ')} would not have allowed this`,
    determining: ids(permits),
    severity: 'info',
    bundle: bundle.digest,
    version: bundle.version,
    ...alert(permits),
  }
}

function deny(
  { digest, version }: Version,
  code: 'SP_POLICY_DENIED' | 'SP_POLICY_ERROR',
  determining: readonly string[],
  severity: Severity,
  text: string,
): Decision {
  return { outcome: 'deny', code, reason: text, determining, severity, bundle: digest, version }
}

/** Advice of every determining policy that has one, in the order of their ids; else the title of the code. */
function reason(policies: readonly CompiledPolicy[], request: PolicyRequest): string {
  if (policies.every(({ meta }) => meta.advice === undefined)) return title(policies)
  const texts = new Set<string>()
  for (const { meta } of policies) if (meta.advice !== undefined) texts.add(fill(meta.advice, request))
  return [...texts].sort().join(' ')
}

const title = (policies: readonly CompiledPolicy[]): string =>
  policies[0]?.meta.kind === 'ask' ? CODES.SP_APPROVAL_REQUIRED.title : CODES.SP_POLICY_DENIED.title

const fill = (advice: string, request: PolicyRequest): string =>
  advice.replace(/\{(count|tool|server)\}/g, (_, name: string) => {
    if (name === 'count') return String(request.context.facts.count)
    return name === 'tool' ? request.context.tool.name : request.resource.id
  })

type Terms = Pick<PolicyMeta, 'approvers' | 'quorum' | 'ttlSeconds' | 'severity' | 'remember' | 'presence'>

/**
 * What all asking policies want together: the largest quorum, the shortest time, the worst severity, a grant only where
 * every one allows it, and approvers whom every one names. Undefined when no approver suits them all.
 */
export function mergeDemands(metas: readonly Terms[]): ApprovalDemand | undefined {
  let approvers: readonly string[] = []
  for (const meta of metas) {
    if (meta.approvers.length === 0) continue
    approvers = approvers.length === 0 ? meta.approvers : approvers.filter((name) => meta.approvers.includes(name))
    if (approvers.length === 0) return undefined
  }
  return {
    approvers: [...new Set(approvers)].sort(),
    quorum: Math.max(1, ...metas.map((meta) => meta.quorum)),
    ttlSeconds: Math.min(...metas.map((meta) => meta.ttlSeconds), metas.length === 0 ? DEFAULT_TTL_SECONDS : Infinity),
    severity: ORDER.find((severity) => metas.some((meta) => (meta.severity ?? 'medium') === severity)) ?? 'medium',
    remember: metas.every((meta) => meta.remember),
    ...(metas.some((meta) => meta.presence === 'device') ? { presence: 'device' as const } : {}),
  }
}
