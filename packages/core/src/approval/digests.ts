import { digest } from '../json/digest.ts'
import type { Json, JsonObject } from '../json/types.ts'
import type { CallBinding, GrantScope } from './approval.ts'
import type { ApprovalView } from './view.ts'

/** What a human's proof is computed over (threat-model §3.1). */
export interface DecisionSubject {
  readonly approvalId: string
  readonly call: string
  readonly view: string
  readonly scope: GrantScope
  /** ms since 1970; the proof is worthless afterwards. */
  readonly notAfter: number
  /** 32 bytes of fresh gateway randomness, hex: no proof can be harvested ahead of time. */
  readonly nonce: string
}

const asJson = (value: object): JsonObject => value as JsonObject

/** `call_digest`: everything that makes the call this call; one different byte gives another digest (T-028, T-030). */
export const callDigest = (binding: CallBinding): string => digest('sallyport/call/1', asJson(binding))

/** `view_digest`: every row exactly as rendered, with renderer version and locale (T-024). */
export const viewDigest = (view: ApprovalView): string => digest('sallyport/view/1', asJson(view))

/** `decision_digest` of an approval. There is none for a denial, which needs no proof. */
export const decisionDigest = (subject: DecisionSubject): string =>
  digest('sallyport/decision/1', [
    subject.approvalId,
    subject.call,
    subject.view,
    'approve',
    asJson(subject.scope),
    subject.notAfter,
    subject.nonce,
  ])

/** Digest of an operator's decision that is not about a call (resume, accept a policy, raise a trust level). */
export const operatorDigest = (kind: string, payload: Json): string => digest('sallyport/operator/1', [kind, payload])

/** What a proof for a decision other than an approval is computed over. */
export interface OperatorDecision {
  readonly kind: string
  /** `operatorDigest` of the act. */
  readonly call: string
  readonly view: string
  /** ms since 1970 */
  readonly notAfter: number
  readonly nonce: string
}

export const operatorDecisionDigest = ({ kind, call, view, notAfter, nonce }: OperatorDecision): string =>
  digest('sallyport/operator-decision/1', [kind, call, view, 'approve', notAfter, nonce])
