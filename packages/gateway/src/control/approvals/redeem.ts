import {
  callDigest,
  checkProofs,
  grantTerms,
  whyGrantDoesNotCover,
  type ApprovalDemand,
  type CallBinding,
  type Grant,
  type ProofChecker,
} from '@sallyport/core'
import { pass, refuse, type Clock, type ReleaseEvidence, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { approvalOf, grantOf } from './documents.ts'

export interface RedeemDeps {
  readonly store: Pick<Store, 'get' | 'spend'>
  readonly clock: Clock
  /** A checker over the operators enrolled now. */
  readonly checker: () => Promise<ProofChecker>
  /** Moves the request to `consumed`; refuses when something else came first. */
  readonly consume: (approvalId: string) => Promise<Verdict<null>>
  /** Says that a stored decision does not verify. */
  readonly forged: (what: { readonly id: string; readonly reason: string }) => void
}

const SPENT_MEMORY_MS = 24 * 3_600_000

/**
 * Redeems evidence for one call (T-004, T-009). Everything is computed anew: the digest from the binding the executor made
 * itself, the view from the request, each proof with the keys of the people enrolled now. The row's state only decides
 * races; without proofs it opens nothing.
 */
export function createRedeem({ store, clock, checker, consume, forged }: RedeemDeps) {
  /** Second line behind `spend`, for the life of this process: an older copy of the store revives nothing. */
  const used = new Map<string, number>()
  const turns = new Map<string, Promise<unknown>>()

  function useHere(id: string): boolean {
    const now = clock.now()
    for (const [old, until] of used) {
      if (until > now) break
      used.delete(old)
    }
    if (used.has(id)) return false
    used.set(id, now + SPENT_MEMORY_MS)
    return true
  }

  /** One redemption of an approval at a time; whoever comes after the one that succeeded never reaches the store. */
  async function approval(id: string, digest: string): Promise<Verdict<null>> {
    const mine = (turns.get(id) ?? Promise.resolve()).then(() => approvalNow(id, digest))
    const settled = mine.catch(() => undefined)
    turns.set(id, settled)
    try {
      return await mine
    } finally {
      if (turns.get(id) === settled) turns.delete(id)
    }
  }

  async function approvalNow(id: string, digest: string): Promise<Verdict<null>> {
    if (used.has(id)) return refuse('SP_APPROVAL_STATE', 'It has been used.')
    const stored = approvalOf(await store.get('approval', id))
    if (stored === undefined) return refuse('SP_APPROVAL_EVIDENCE', 'There is no such approval.')
    const { request, state } = stored.approval
    if (request.callDigest !== digest) return refuse('SP_APPROVAL_EVIDENCE', 'The approval is for another call.')
    if (state !== 'approved')
      return refuse(state === 'denied' ? 'SP_APPROVAL_DENIED' : 'SP_APPROVAL_STATE', `It is ${state}.`)
    const proofs = checkProofs(stored.approval, await checker())
    if (!proofs.ok) {
      forged({ id, reason: proofs.reason })
      return refuse(proofs.code, proofs.reason)
    }
    if (clock.now() >= Math.min(proofs.notAfter, request.expiresAt)) return refuse('SP_APPROVAL_EXPIRED')
    if (!useHere(id) || !(await store.spend(`approval:${id}`, request.expiresAt + SPENT_MEMORY_MS))) {
      return refuse('SP_APPROVAL_STATE', 'It has been used.')
    }
    return consume(id)
  }

  async function grant(id: string, binding: CallBinding): Promise<Verdict<null>> {
    const found = grantOf(await store.get('grant', id))
    if (found === undefined) return refuse('SP_APPROVAL_EVIDENCE', 'There is no such grant.')
    const why = await whyNot(found, binding, found.origin.request.demand)
    return why === undefined ? pass(null) : refuse('SP_APPROVAL_EVIDENCE', why)
  }

  /** Why a grant does not stand for a decision on this call, proofs included. */
  async function whyNot(found: Grant, binding: CallBinding, demand: ApprovalDemand): Promise<string | undefined> {
    const why = whyGrantDoesNotCover(found, binding, demand, clock.now())
    if (why !== undefined) return `The grant does not cover this call: ${why}.`
    const proofs = checkProofs(found.origin, await checker())
    const terms = proofs.ok ? grantTerms(found.origin) : undefined
    if (proofs.ok && terms !== undefined && found.until <= terms.until && found.createdAt >= terms.createdAt)
      return undefined
    const reason = proofs.ok ? 'Nobody agreed to a grant this long.' : proofs.reason
    forged({ id: found.id, reason })
    return reason
  }

  async function redeem(evidence: ReleaseEvidence, binding: CallBinding): Promise<Verdict<null>> {
    if (evidence.kind === 'policy') return pass(null)
    const digest = callDigest(binding)
    if (digest !== evidence.callDigest) return refuse('SP_APPROVAL_EVIDENCE', 'The call is not the one that was shown.')
    return evidence.kind === 'approval' ? approval(evidence.approvalId, digest) : grant(evidence.grantId, binding)
  }

  return { redeem, whyGrantFails: whyNot }
}
