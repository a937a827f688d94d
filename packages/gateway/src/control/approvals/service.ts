import type {
  Approval,
  ApprovalRequest,
  ApprovalState,
  ApprovalView,
  Grant,
  GrantScope,
  Json,
  JsonObject,
  Principal,
} from '@sallyport/core'
import type { ApprovalPort, Clock, EvidencePort, Random, Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { PresenceProof, SignedChallenge } from '../presence/challenge.ts'
import type { Presence } from '../presence/presence.ts'
import type { WebhookApprovers } from './asserted.ts'
import type { Background } from './background.ts'
import type { Standing, Standings } from './standing.ts'

export interface ApprovalLimits {
  /** Requests of one agent instance that may wait for a human at once (T-048, HB-21). */
  readonly maxPending: number
  /** Lifetime of a request where the demand names none, ms (AC-5.3.3). There is no setting for what happens then: denied. */
  readonly ttlMs: number
  /** Grants that may be in force at once. */
  readonly maxGrants: number
}

export const DEFAULT_APPROVAL_LIMITS: ApprovalLimits = Object.freeze({ maxPending: 5, ttlMs: 300_000, maxGrants: 500 })

export interface ApprovalsDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly presence: Presence
  readonly keys: { readonly mac: Uint8Array }
  readonly limits?: Partial<ApprovalLimits>
  /** Redacts arguments for the log, as the inspector does; without it they are left out of the record. */
  readonly redact?: (args: JsonObject) => Json
  /** What surrounds a request; without it the view has the call alone. */
  readonly background?: Background
  /** Channels that decide for people by signed messages; up to medium severity. */
  readonly channels?: readonly WebhookApprovers[]
  /** Called after each change, for notification channels. Must not throw or block. */
  readonly notify?: (approval: Approval) => void
}

export interface Decided {
  readonly id: string
  readonly state: ApprovalState
}

/** Approvals as operators use them. A refusal is a value; only a failing store or log throws. */
export interface ApprovalService extends ApprovalPort {
  /** `decided`: all that is over, newest first. */
  list(query?: { readonly state?: ApprovalState | 'decided'; readonly limit?: number }): Promise<readonly Approval[]>
  show(id: string): Promise<Verdict<ShownApproval>>
  /** Who may approve what, as of now. */
  standings(): Promise<Standings>
  /** Requests of one agent instance that may wait at once. */
  readonly maxPending: number
  /** Challenge for approving this request, signed for the client's nonce. */
  challenge(id: string, clientNonce: string): Promise<Verdict<SignedChallenge>>
  /**
   * Counts an operator's proof. `view` is the digest of what was shown; `source` is what guesses are counted by (T-017).
   */
  approve(id: string, proof: ApproveInput, source: string, via?: ProofPath): Promise<Verdict<Decided>>
  /** Whether this person may agree to low severity for this agent without another proof. */
  holds(id: string, operator: string, connection: string): Promise<boolean>
  /** Needs no proof: it only narrows what may happen. `by` is the authenticated principal. */
  deny(id: string, by: Principal, reason: string): Promise<Verdict<Decided>>
  /** The agent withdraws its request, or its session is killed. */
  cancel(id: string, reason: string): Promise<Verdict<Decided>>
  cancelInstance(instance: string, reason: string): Promise<void>
  /** What the agent's own client answered. Counts for low severity that is not grave, and nothing else (T-064). */
  clientAsserted(approvalId: string, accepted: boolean, by: { readonly instance: string }): Promise<Verdict<Decided>>
  /** A decision from the signed webhook, after its transport signature was checked. */
  webhookDecided(id: string, vote: WebhookVote): Promise<Verdict<Decided>>
  /** What a webhook receiver needs to prove an approval. */
  webhookSubject(request: ApprovalRequest): { readonly call: string; readonly view: string; readonly notAfter: number }
  grants(): Promise<readonly Grant[]>
  revokeGrant(id: string, by: Principal): Promise<Verdict<null>>
  /** Every change from now on, on all nodes, until the signal aborts. Slow readers lose the oldest, not the newest. */
  watch(signal: AbortSignal): AsyncIterable<Approval>
  /** Expires what is due now; runs every second by itself. */
  sweep(): Promise<void>
  close(): void
}

/** The way a proof came. */
interface ProofPath {
  /** Network address, `unix` for the operator socket; default: this machine. */
  readonly peer?: string
  /** The console's session, or the connection to the operator socket. */
  readonly connection?: string
}

/** A request as people see it. */
interface ShownApproval {
  readonly approval: Approval
  readonly view: ApprovalView
  /** Everybody who could be asked, and why some may not approve it. */
  readonly people: readonly Standing[]
  /** How long a decision may be remembered, as far as policy lets it. */
  readonly scopes: readonly GrantScope['kind'][]
}

/** Low severity only: whoever proved presence here a moment ago for the same agent. */
interface HeldProof {
  readonly operator: string
  readonly held: true
}

export type ApproveInput = (PresenceProof | HeldProof) & {
  readonly view: string
  readonly scope: GrantScope
  readonly reason: string
}

interface WebhookVote {
  readonly verdict: 'approve' | 'deny'
  readonly approver: string
  readonly nonce: string
  readonly view: string
  readonly notAfter: number
  readonly proof: string
  readonly reason: string
}
