import type { Approval, ApprovalState, ApprovalView, Grant, GrantScope, Principal } from '@sallyport/core'
import type { Verdict } from '../../boundary/ports.ts'
import type { ProofOfPresence } from './ports.ts'

interface Standing {
  readonly operator: string
  readonly may: boolean
  readonly why: string
}

export interface Standings {
  of(operator: string, approval: Approval): Standing
}

/** What the routes need of the approval workflow; `createApprovals` gives it. */
export interface ApprovalsApi {
  list(query: { readonly state?: ApprovalState | 'decided'; readonly limit: number }): Promise<readonly Approval[]>
  show(id: string): Promise<
    Verdict<{
      readonly approval: Approval
      readonly view: ApprovalView
      readonly people: readonly Standing[]
      readonly scopes: readonly string[]
    }>
  >
  standings(): Promise<Standings>
  readonly maxPending: number
  holds(id: string, operator: string, connection: string): Promise<boolean>
  challenge(id: string, clientNonce: string): Promise<Verdict<unknown>>
  approve(
    id: string,
    decision: ApproveDecision,
    source: string,
    via: { readonly peer: string; readonly connection: string },
  ): Promise<Verdict<unknown>>
  deny(id: string, by: Principal, reason: string): Promise<Verdict<unknown>>
  grants(): Promise<readonly Grant[]>
  revokeGrant(id: string, by: Principal): Promise<Verdict<null>>
  watch(signal: AbortSignal): AsyncIterable<Approval>
}

/** An operator's decision with its proof, as it came over the wire. */
type ApproveDecision = (ProofOfPresence | { readonly operator: string; readonly held: true }) & {
  readonly view: string
  readonly scope: GrantScope
  readonly reason: string
}

/** Decisions of a signed notification channel. */
export interface WebhookInbox {
  receive(headers: Readonly<Record<string, string>>, bodyText: string): Promise<Verdict<unknown>>
}
