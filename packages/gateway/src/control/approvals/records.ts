import type { Approval, ApprovalRequest, ApprovalVote, Json, JsonObject, LogRecord } from '@sallyport/core'

/** How a request ended, or one step towards it: each is a record of its own (AC-5.3.3). */
export type Resolution = 'approve' | 'deny' | 'expire' | 'cancel' | 'supersede'

const DECISION = {
  approve: 'allowed',
  deny: 'denied',
  expire: 'denied',
  cancel: 'denied',
  supersede: 'denied',
} as const

function base(kind: 'approval.requested' | 'approval.resolved', request: ApprovalRequest, at: number): JsonObject {
  const { binding } = request
  return {
    kind,
    auditId: request.auditId,
    timestamp: new Date(at).toISOString(),
    toolName: binding.tool,
    sessionId: request.sessionId,
    requestId: request.requestId.slice(0, 200),
    actor: [...binding.chain, binding.principal].join(' > '),
    agentId: binding.principal,
    instance: binding.instance,
    policyRule: request.policyRule,
    bundle: binding.bundle,
    parameterHash: binding.argsDigest,
    approvalId: request.id,
    callDigest: request.callDigest,
  }
}

/** A human is asked. `parameters` must be redacted already. */
export function requestedRecord(request: ApprovalRequest, parameters: Json): LogRecord {
  const demand = request.demand as unknown as JsonObject
  const more = { level: 'info', policyDecision: 'approval_required', parameters, demand, expiresAt: request.expiresAt }
  return { ...base('approval.requested', request, request.createdAt), ...more } as unknown as LogRecord
}

/** With the proofs, so that a verifier can check each approval again years later. */
export function resolvedRecord(
  approval: Approval,
  resolution: Resolution,
  at: number,
  more: { readonly vote?: ApprovalVote; readonly reason?: string } = {},
): LogRecord {
  const { vote, reason } = more
  return {
    ...base('approval.resolved', approval.request, at),
    level: resolution === 'approve' ? 'info' : 'warn',
    policyDecision: DECISION[resolution],
    resolution,
    status: approval.state,
    ...(vote === undefined ? {} : { decidedBy: vote.approver, vote: vote as unknown as JsonObject }),
    ...(reason === undefined || reason === '' ? {} : { reason: reason.slice(0, 500) }),
  } as unknown as LogRecord
}
