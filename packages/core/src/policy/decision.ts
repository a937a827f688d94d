import type { ErrorCode } from '../errors/codes.ts'

export type Outcome = 'allow' | 'deny' | 'ask'
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

/** What a human has to do before an `ask` may go ahead; merged over all asking policies (quorum max, ttl min). */
export interface ApprovalDemand {
  readonly approvers: readonly string[]
  readonly quorum: number
  readonly ttlSeconds: number
  readonly severity: Severity
  /** False when no grant may stand in for a decision (`@remember("never")`). */
  readonly remember: boolean
  /** `device`: only a passkey on another machine than the gateway's counts (`@presence("device")`, threat-model §3.4). */
  readonly presence?: 'device'
}

/** The answer of the policy engine. A gate returns this, never a boolean. */
export interface Decision {
  readonly outcome: Outcome
  /** Absent on allow. */
  readonly code?: ErrorCode
  /** Short text for the agent: the `@advice` of a determining policy or the title of the code. Never detector internals. */
  readonly reason: string
  /** Ids of the policies that produced the outcome. */
  readonly determining: readonly string[]
  readonly severity: Severity
  /** True when a determining policy is marked `@alert("true")`. */
  readonly alert?: true
  /** Present when outcome is `ask`. */
  readonly demand?: ApprovalDemand
  /** SHA-256 of the bundle and its version: which policy this was. */
  readonly bundle: string
  readonly version: string
}
