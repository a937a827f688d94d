import { describe, expect, test } from 'vitest'
import type { Approval, ApprovalState, ApprovalVote } from './approval.ts'
import { OPEN_STATES, reduceApproval, type ApprovalEvent } from './reduce.ts'

const END = 1_000
const STATES: readonly ApprovalState[] = [
  'pending',
  'partially_approved',
  'approved',
  'denied',
  'expired',
  'consumed',
  'superseded',
  'cancelled',
]

const vote = (approver: string, verdict: 'approve' | 'deny', at: number): ApprovalVote =>
  ({ approver, verdict, at }) as unknown as ApprovalVote
const approval = (state: ApprovalState, quorum = 1, votes: readonly ApprovalVote[] = []): Approval =>
  ({ request: { expiresAt: END, demand: { quorum } }, state, votes }) as unknown as Approval

const after = (from: Approval, ...events: readonly ApprovalEvent[]): ApprovalState =>
  events.reduce((at, event) => {
    const reduction = reduceApproval(at, event)
    return reduction.changed ? reduction.approval : at
  }, from).state

describe('time', () => {
  test.each([END, END + 1, END * 1_000])(
    'AC-5.3.3 T-165: at %d no approval counts and none is consumed, only expiry',
    (at) => {
      for (const state of OPEN_STATES) {
        expect(after(approval(state), { kind: 'vote', vote: vote('ana', 'approve', at) })).toBe(state)
        expect(after(approval(state), { kind: 'consume', at })).toBe(state)
        expect(after(approval(state), { kind: 'expire', at })).toBe('expired')
      }
    },
  )

  test('AC-5.3.3: nothing expires before its time, and the last moment still counts', () => {
    const at = END - 1
    expect(after(approval('pending'), { kind: 'expire', at })).toBe('pending')
    expect(
      after(approval('pending'), { kind: 'vote', vote: vote('ana', 'approve', at) }, { kind: 'consume', at }),
    ).toBe('consumed')
  })

  test('AC-5.3.3: from no state does time lead to approved or consumed', () => {
    for (const state of STATES) {
      for (const kind of ['expire', 'supersede', 'cancel'] as const) {
        expect(['approved', 'consumed'].filter((word) => word !== state)).not.toContain(
          after(approval(state), { kind, at: END }),
        )
      }
    }
  })
})

describe('people', () => {
  const approve = (approver: string): ApprovalEvent => ({ kind: 'vote', vote: vote(approver, 'approve', 1) })
  const deny: ApprovalEvent = { kind: 'vote', vote: vote('eve', 'deny', 2) }

  test('T-031: one person twice is not two', () => {
    expect(after(approval('pending', 2), approve('ana'), approve('ana'))).toBe('partially_approved')
    expect(after(approval('pending', 2), approve('ana'), approve('ben'))).toBe('approved')
    const once = approval('partially_approved', 2, [vote('ana', 'approve', 1)])
    expect(reduceApproval(once, approve('ana'))).toMatchObject({ changed: false, code: 'SP_APPROVAL_STATE' })
  })

  test('T-031: a deny wins until the call was released, and over nothing after that', () => {
    expect(after(approval('pending'), deny, approve('ana'))).toBe('denied')
    expect(after(approval('pending'), approve('ana'), deny, { kind: 'consume', at: 3 })).toBe('denied')
    expect(after(approval('pending'), approve('ana'), { kind: 'consume', at: 3 }, deny)).toBe('consumed')
  })

  test('T-009: what is consumed is consumed once, and nothing that is not approved ever is', () => {
    const consume: ApprovalEvent = { kind: 'consume', at: 1 }
    const consumed = STATES.filter((state) => reduceApproval(approval(state), consume).changed)
    expect(consumed).toEqual(['approved'])
  })
})
