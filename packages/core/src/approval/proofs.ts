import type { ErrorCode } from '../errors/codes.ts'
import type { Principal } from '../identity/principal.ts'
import type { Approval, ApprovalRequest, ApprovalVote } from './approval.ts'
import { callDigest, decisionDigest, viewDigest } from './digests.ts'
import { whyClassIsTooWeak, whyMayNotApprove } from './eligible.ts'
import { approvalView } from './view.ts'

/** How the executor learns who an approver is and whether a proof is that person's. Nothing of it comes from the request. */
export interface ProofChecker {
  /** The enrolled approver, or nothing. */
  approver(vote: ApprovalVote): Principal | undefined
  /** True when `vote.proof` or `vote.assertion` is a MAC or signature of that approver over `decision`. */
  proves(vote: ApprovalVote, decision: string): boolean
  /** Why what was used to prove it is not good for this request, e.g. enrolled after it; undefined when it is. */
  whyUnfit?(vote: ApprovalVote, request: ApprovalRequest): string | undefined
}

export type ProofResult =
  | { readonly ok: true; readonly voters: readonly string[]; readonly notAfter: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string }

/**
 * Verifies an approval from its proofs alone (T-004): digests are computed anew from the binding and the request, every
 * approving vote must be proved by an eligible human over exactly this call, this view and this scope, and there must be
 * enough different ones. The stored state is not looked at. The caller compares `notAfter` (ms since 1970) with the clock.
 */
export function checkProofs({ request, votes }: Omit<Approval, 'state'>, checker: ProofChecker): ProofResult {
  const call = callDigest(request.binding)
  if (call !== request.callDigest) return bad('The request does not fit its digest.')
  const view = viewDigest(approvalView({ request }))
  const voters = new Set<string>()
  const nonces = new Set<string>()
  let earliest = request.expiresAt
  for (const vote of votes) {
    if (vote.verdict !== 'approve') return { ok: false, code: 'SP_APPROVAL_DENIED', reason: '' }
    const approver = checker.approver(vote)
    if (approver === undefined) return bad('The approver is not enrolled.')
    const why = whyMayNotApprove(approver, request) ?? whyClassIsTooWeak(vote.class, request)
    if (why !== undefined) return { ok: false, code: why.code, reason: why.reason }
    const unfit = checker.whyUnfit?.(vote, request)
    if (unfit !== undefined) return { ok: false, code: 'SP_AUTHN_PRESENCE', reason: unfit }
    if (vote.viewDigest !== view) return bad('What was shown is not this call.')
    const { scope, notAfter, nonce } = vote
    if (vote.at >= notAfter) return bad('The proof was given too late.')
    if (nonces.has(nonce)) return bad('Two proofs share one nonce.')
    nonces.add(nonce)
    earliest = Math.min(earliest, notAfter)
    const decision = decisionDigest({ approvalId: request.id, call, view, scope, notAfter, nonce })
    if (!checker.proves(vote, decision)) return bad('The proof does not verify.')
    voters.add(approver.id)
  }
  if (voters.size < Math.max(1, request.demand.quorum)) return bad('Not enough people have approved.')
  return { ok: true, voters: [...voters], notAfter: earliest }
}

const bad = (reason: string): ProofResult => ({ ok: false, code: 'SP_APPROVAL_EVIDENCE', reason })
