import type { ErrorCode } from '../errors/codes.ts'
import type { Approval, ApprovalState, ApprovalVote } from './approval.ts'

/** What may happen to a request. `at` in ms since 1970. */
export type ApprovalEvent =
  | { readonly kind: 'vote'; readonly vote: ApprovalVote }
  | { readonly kind: 'expire'; readonly at: number }
  | { readonly kind: 'supersede'; readonly at: number }
  | { readonly kind: 'cancel'; readonly at: number }
  | { readonly kind: 'consume'; readonly at: number }

export type Reduction =
  | { readonly changed: true; readonly approval: Approval }
  | { readonly changed: false; readonly code: ErrorCode; readonly reason: string }

/** States that can still change. Everything else is final. */
export const OPEN_STATES: readonly ApprovalState[] = ['pending', 'partially_approved', 'approved']
const OPEN: ReadonlySet<ApprovalState> = new Set(OPEN_STATES)

export const isOpen = (state: ApprovalState): boolean => OPEN.has(state)

/**
 * The state machine of policy.md §7, pure. Rules: final states stay; at or after `expiresAt` only `expire` succeeds, so a
 * late approval never counts; a deny wins over approvals that have not been consumed (T-031); quorum counts different
 * humans, not credentials or votes; there is no edge from time-out to approved.
 */
export function reduceApproval(approval: Approval, event: ApprovalEvent): Reduction {
  const { state, request } = approval
  if (!isOpen(state)) return FINAL[state as keyof typeof FINAL]
  const late = timeOf(event) >= request.expiresAt
  switch (event.kind) {
    case 'expire':
      return late ? to(approval, 'expired') : no('SP_APPROVAL_STATE', 'It has not expired.')
    case 'supersede':
      return to(approval, 'superseded')
    case 'cancel':
      return to(approval, 'cancelled')
    case 'consume':
      if (late) return FINAL.expired
      return state === 'approved' ? to(approval, 'consumed') : no('SP_APPROVAL_STATE', `It is ${state}.`)
    case 'vote':
      return late ? FINAL.expired : vote(approval, event.vote)
  }
}

function vote(approval: Approval, cast: ApprovalVote): Reduction {
  const votes = [...approval.votes, cast]
  if (cast.verdict === 'deny') return to(approval, 'denied', votes)
  if (approval.state === 'approved') return no('SP_APPROVAL_STATE', 'It is approved already.')
  if (approval.votes.some((other) => other.approver === cast.approver)) {
    return no('SP_APPROVAL_STATE', 'This person has approved already; another one is needed.')
  }
  return to(approval, humans(votes) >= approval.request.demand.quorum ? 'approved' : 'partially_approved', votes)
}

/** Different people among the approving votes. */
export const humans = (votes: readonly ApprovalVote[]): number =>
  new Set(votes.filter((each) => each.verdict === 'approve').map((each) => each.approver)).size

const to = (approval: Approval, state: ApprovalState, votes = approval.votes): Reduction => ({
  changed: true,
  approval: { request: approval.request, state, votes },
})
const no = (code: ErrorCode, reason: string): Reduction => ({ changed: false, code, reason })
const timeOf = (event: ApprovalEvent): number => (event.kind === 'vote' ? event.vote.at : event.at)

const FINAL = {
  consumed: no('SP_APPROVAL_STATE', 'It has been used.'),
  denied: no('SP_APPROVAL_DENIED', ''),
  expired: no('SP_APPROVAL_EXPIRED', ''),
  superseded: no('SP_APPROVAL_SUPERSEDED', ''),
  cancelled: no('SP_APPROVAL_STATE', 'It was withdrawn.'),
} as const
