import type { ErrorCode } from '../errors/codes.ts'
import { shareAncestor, type Principal } from '../identity/principal.ts'
import type { Severity } from '../policy/decision.ts'
import type { ApprovalRequest, EvidenceClass } from './approval.ts'

type Asked = Pick<ApprovalRequest, 'binding' | 'demand' | 'grave'>
/** Why somebody or some channel may not approve; `undefined` when it may. */
export interface Ineligible {
  readonly code: ErrorCode
  readonly reason: string
}

/**
 * Who may approve: a human with the scope, named by the demand when it names anybody, who is neither the requester nor in
 * one delegation line with it (T-003, T-008). Agents and services never.
 */
export function whyMayNotApprove(approver: Principal, { binding, demand }: Asked): Ineligible | undefined {
  const requester: Principal = {
    kind: 'agent',
    id: binding.principal,
    chain: binding.chain,
    scopes: [],
    trustLevel: 0,
    instance: binding.instance,
  }
  if (approver.kind !== 'human') return { code: 'SP_APPROVAL_SELF', reason: 'Only a human approves.' }
  if (shareAncestor(approver, requester)) return { code: 'SP_APPROVAL_SELF', reason: '' }
  if (!approver.scopes.includes('approve')) return { code: 'SP_AUTHZ_SCOPE', reason: 'The scope approve is needed.' }
  if (demand.approvers.length > 0 && !demand.approvers.includes(approver.id)) {
    return { code: 'SP_AUTHZ_SCOPE', reason: 'Policy names other approvers for this.' }
  }
  return undefined
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 2, high: 3, critical: 4 }
export const severityRank = (severity: Severity): number => RANK[severity]
/** Highest severity that each presence class can carry (threat-model §3.4 to §3.6, T-064). */
const CEILING: Readonly<Record<EvidenceClass, Severity>> = {
  client: 'low',
  webhook: 'medium',
  held: 'low',
  pin: 'high',
  passkey: 'critical',
  device: 'critical',
}

/** Whether a presence class is strong enough: an answer through the agent's own client only for what is low and not grave. */
export function whyClassIsTooWeak(channel: EvidenceClass, { demand, grave }: Asked): Ineligible | undefined {
  const ceiling = CEILING[channel] as Severity | undefined
  if (demand.presence === 'device' && channel !== 'device') {
    return { code: 'SP_AUTHN_PRESENCE', reason: 'Policy wants a passkey on another device for this call.' }
  }
  if (
    ceiling !== undefined &&
    RANK[demand.severity] <= RANK[ceiling] &&
    !(channel === 'client' && (grave || demand.quorum > 1))
  ) {
    return undefined
  }
  return {
    code: 'SP_AUTHN_PRESENCE',
    reason: channel === 'pin' ? 'A PIN is not enough for critical calls.' : 'This channel is not enough for this call.',
  }
}
