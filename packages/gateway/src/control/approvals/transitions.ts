import { isOpen, reduceApproval, type Approval, type ApprovalEvent, type JsonObject } from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { approvalOf, approvalRow, type StoredApproval } from './documents.ts'
import { resolvedRecord, type Resolution } from './records.ts'

export interface TransitionDeps {
  readonly store: Pick<Store, 'get' | 'put'>
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly alert: (name: string, severity: string, details: JsonObject) => void
  /** Told after each change that took effect. */
  readonly changed: (approval: Approval) => void
}

const CAS_TRIES = 20

/** The state machine on the store: one change at a time per request in this process, compare-and-set between processes. */
export function createTransitions({ store, evidence, clock, alert, changed }: TransitionDeps) {
  const turns = new Map<string, Promise<unknown>>()

  /** One change of one request: record first, then compare-and-set, so that nothing takes effect without evidence. */
  async function transition(
    id: string,
    eventAt: (at: number) => ApprovalEvent,
    resolution?: Resolution,
    reason = '',
  ): Promise<Verdict<Approval>> {
    return inTurn(id, async () => {
      let recorded = false
      for (let tries = 0; tries < CAS_TRIES; tries++) {
        const stored = approvalOf(await store.get('approval', id))
        if (stored === undefined) return refuse('SP_APPROVAL_UNKNOWN')
        const event = eventAt(clock.now())
        const reduction = reduceApproval(stored.approval, event)
        if (!reduction.changed) {
          if (recorded) alert('approval.overtaken', 'low', { approvalId: id, resolution: resolution ?? '' })
          return refuse(reduction.code, reduction.reason)
        }
        const next = reduction.approval
        if (!recorded && resolution !== undefined) {
          const vote = event.kind === 'vote' ? { vote: event.vote } : {}
          await writeFirst(
            resolution,
            evidence.append([resolvedRecord(next, resolution, clock.now(), { ...vote, reason })]),
          )
          recorded = true
        }
        if (await store.put(approvalRow(next), stored.version)) {
          changed(next)
          return pass(next)
        }
      }
      return refuse('SP_APPROVAL_STATE', 'Too many decisions at once.')
    })
  }

  /** A log that fails stops an approval; it never stops what only narrows (deny, expire, cancel, supersede). */
  async function writeFirst(resolution: Resolution, written: Promise<void>): Promise<void> {
    if (resolution === 'approve') return written
    await written.catch(() => alert('approval.unrecorded', 'high', { resolution }))
  }

  async function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(id) ?? Promise.resolve()
    const mine = before.then(work)
    const settled = mine.catch(() => undefined)
    turns.set(id, settled)
    try {
      return await mine
    } finally {
      if (turns.get(id) === settled) turns.delete(id)
    }
  }

  /** The request as it is now; expires it when its time has come. */
  async function current(id: string): Promise<StoredApproval | undefined> {
    const stored = approvalOf(await store.get('approval', id))
    if (stored === undefined || !isOpen(stored.approval.state)) return stored
    if (clock.now() < stored.approval.request.expiresAt) return stored
    await transition(id, (at) => ({ kind: 'expire', at }), 'expire')
    return approvalOf(await store.get('approval', id))
  }

  return { transition, current }
}
