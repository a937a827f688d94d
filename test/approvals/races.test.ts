import {
  callDigest,
  OPEN_STATES,
  reduceApproval,
  type Approval,
  type ApprovalEvent,
  type ApprovalRequest,
  type ApprovalVote,
} from '@sallyport/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { approve, asked, binding, held, rig } from './setup.ts'

const base = asked()
const request: ApprovalRequest = {
  ...base,
  id: 'x',
  createdAt: 0,
  expiresAt: 1000,
  demand: { ...base.demand, quorum: 2 },
}
const vote = (approver: string, verdict: 'approve' | 'deny', at: number): ApprovalVote => ({
  approver,
  verdict,
  class: 'pin',
  nonce: `${approver}${at}`,
  viewDigest: '',
  notAfter: 1000,
  scope: { kind: 'once' },
  proof: '',
  at,
})

describe('T-031: decisions race', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('vote' as const), who: fc.constantFrom('ann', 'bob', 'cid'), deny: fc.boolean() }),
    fc.record({
      kind: fc.constantFrom('expire' as const, 'supersede' as const, 'cancel' as const, 'consume' as const),
    }),
  )

  it('T-031: 10 000 schedules of writers with stale reads: at most one consumption, never after a deny, never without two people', () => {
    const schedule = fc.array(
      fc.record({
        event,
        reader: fc.integer({ min: 0, max: 3 }),
        at: fc.integer({ min: 0, max: 1100 }),
        read: fc.boolean(),
      }),
      {
        maxLength: 14,
      },
    )
    fc.assert(
      fc.property(schedule, (steps) => {
        let row: { approval: Approval; version: number } = {
          approval: { request, state: 'pending', votes: [] },
          version: 1,
        }
        const seen = [row, row, row, row]
        const history: string[] = []
        for (const { event: what, reader, at, read } of steps) {
          if (read) {
            seen[reader] = row
            continue
          }
          const mine = seen[reader] ?? row
          const happening: ApprovalEvent =
            what.kind === 'vote'
              ? { kind: 'vote', vote: vote(what.who, what.deny ? 'deny' : 'approve', at) }
              : { kind: what.kind, at }
          const next = reduceApproval(mine.approval, happening)
          if (!next.changed || mine.version !== row.version) continue
          row = { approval: next.approval, version: row.version + 1 }
          history.push(next.approval.state)
        }
        const finals = history.filter((state) => !OPEN_STATES.includes(state as never))
        expect(finals.length).toBeLessThanOrEqual(1)
        if (history.includes('consumed')) {
          expect(history.at(-2)).toBe('approved')
          expect(row.approval.votes.some((each) => each.verdict === 'deny')).toBe(false)
          expect(new Set(row.approval.votes.map((each) => each.approver)).size).toBeGreaterThanOrEqual(2)
          expect(row.approval.votes.every((each) => each.at < request.expiresAt)).toBe(true)
        }
      }),
      { numRuns: 10_000 },
    )
  })

  it('T-009: 1 000 redemptions at once, and after a restart: exactly one', async () => {
    const on = await rig()
    const ann = await on.enrol('ann')
    const id = await held(on)
    await approve(on, id, ann)
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    const verdicts = await Promise.all(Array.from({ length: 500 }, () => on.approvals.redeem(evidence, binding())))
    await on.restart()
    const later = await Promise.all(Array.from({ length: 500 }, () => on.approvals.redeem(evidence, binding())))
    expect([...verdicts, ...later].filter(({ ok }) => ok)).toHaveLength(1)
    await on.close()
  })

  it('T-031: approve, deny, expire, supersede and release at the same time on the real store: what denies wins', async () => {
    const on = await rig()
    const ann = await on.enrol('ann')
    const human = { kind: 'human', id: 'operator:local', chain: [], scopes: [], trustLevel: 0, instance: '' } as const
    for (let round = 0; round < 25; round++) {
      const of = { instance: `r${round}`, argsDigest: `${round}`.padStart(64, '0') }
      const id = await held(on, asked({}, of))
      const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) } as const
      const released: boolean[] = []
      const release = async (): Promise<void> =>
        void released.push((await on.approvals.redeem(evidence, binding(of))).ok)
      await Promise.all([
        approve(on, id, ann)
          .then(release)
          .catch(() => undefined),
        on.approvals.deny(id, human, ''),
        release(),
        round % 2 === 0 ? on.approvals.supersede(id, 'x') : on.approvals.cancel(id, 'x'),
      ])
      const shown = await on.approvals.show(id)
      const state = shown.ok ? shown.value.approval.state : ''
      expect(released.filter(Boolean).length).toBe(state === 'consumed' ? 1 : 0)
      expect((await on.approvals.redeem(evidence, binding(of))).ok).toBe(false)
    }
    await on.close()
  })
})
