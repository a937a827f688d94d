import type { ArgRole } from '../action/tool.ts'
import type { Json, JsonObject } from '../json/types.ts'
import type { ApprovalDemand } from '../policy/decision.ts'
import type { PasskeyAssertion } from './assertion.ts'
import type { ApprovalStory } from './story.ts'

export type ApprovalState =
  'pending' | 'partially_approved' | 'approved' | 'consumed' | 'denied' | 'expired' | 'superseded' | 'cancelled'

/** One argument value with what it is for, e.g. `{ path: 'to[]', role: 'sink', value: 'bob@corp.com' }`. */
export interface ArgumentLeaf {
  readonly path: string
  readonly role: ArgRole
  readonly value: string
}

/** Everything that makes a call this call. Any difference at release voids the approval (threat-model §3.1). */
export interface CallBinding {
  readonly gateway: string
  readonly principal: string
  readonly chain: readonly string[]
  readonly instance: string
  readonly labels: JsonObject
  readonly server: string
  readonly tool: string
  readonly pin: string
  /** Digest of the exact argument bytes that will be forwarded, and of the `_meta` members that go with them. */
  readonly argsDigest: string
  readonly metaDigest: string
  readonly facts: Json
  /** Directory the arguments are relative to; '' where the gateway does not know one. */
  readonly cwd: string
  /** Leaves that decide who or what is affected: what a grant is bound to (T-114). */
  readonly sinks: readonly ArgumentLeaf[]
  readonly bundle: string
}

/**
 * Presence classes of a decision: `client` said so by the agent's own client · `webhook` · `pin` typed at a terminal ·
 * `held`: proved by PIN or passkey on the same connection for the same agent less than five minutes ago · `passkey` · `device`, a passkey that was enrolled and used from another machine than the gateway's (threat-model §3.4).
 */
export type EvidenceClass = 'pin' | 'client' | 'webhook' | 'held' | 'passkey' | 'device'

/** One human's decision and its proof. The executor checks `proof` again; a status counts for nothing (T-004). */
export interface ApprovalVote {
  readonly approver: string
  readonly verdict: 'approve' | 'deny'
  readonly class: EvidenceClass
  readonly nonce: string
  readonly viewDigest: string
  readonly notAfter: number
  readonly scope: GrantScope
  /** HMAC or signature over the decision digest, hex. Empty for deny, which needs none, and where there is an assertion. */
  readonly proof: string
  /** Why, in the person's words. Not part of what is proved. */
  readonly reason?: string
  /** Classes `passkey` and `device`: what the passkey answered, kept whole so that anybody can check it again. */
  readonly assertion?: PasskeyAssertion
  readonly at: number
}

/** `once` this call · `value` these sink values in this session · `tool` this tool and destination until a time ≤ 24 h. */
export type GrantScope =
  { readonly kind: 'once' } | { readonly kind: 'value' } | { readonly kind: 'tool'; readonly until: number }

export interface ApprovalRequest {
  readonly id: string
  readonly auditId: string
  readonly callDigest: string
  readonly binding: CallBinding
  /** Canonical arguments exactly as they will run, for the view. */
  readonly args: JsonObject
  readonly demand: ApprovalDemand
  readonly policyRule: readonly string[]
  readonly reason: string
  /** True when policy's effect is external, irreversible or persistent: then client-asserted answers never count (T-064). */
  readonly grave: boolean
  readonly requestId: string
  readonly sessionId: string
  /** What surrounds it, as it was when it was asked. */
  readonly story?: ApprovalStory
  readonly createdAt: number
  readonly expiresAt: number
}

export interface Approval {
  readonly request: ApprovalRequest
  readonly state: ApprovalState
  readonly votes: readonly ApprovalVote[]
}
