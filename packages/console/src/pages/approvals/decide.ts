import { decisionDigestWeb, viewDigestWeb } from '@sallyport/core/approval/digests-web'
import { get, post } from '../../api/client.ts'
import { freshNonce } from '../../presence/encoding.ts'
import { notTheSame, signed, type Challenge } from '../../presence/prove.ts'
import type { Answer, ApprovalState } from './model.ts'

/** What the decision covers, if it is to approve. */
export type Scope = { readonly kind: 'once' } | { readonly kind: 'value' }

export interface Decided {
  readonly id: string
  readonly state: ApprovalState
}

const path = (id: string): string => `/api/v1/approvals/${encodeURIComponent(id)}`

/** Denies; needs no passkey. `endSession` stops the agent too. @throws Problem */
export const deny = (id: string, reason: string, endSession = false): Promise<Decided> =>
  post<Decided>(`${path(id)}/deny`, { reason, endSession })

/**
 * Approves with a passkey. What is signed is computed here, from the very rows on the screen; a gateway that asks to sign
 * something else gets nothing (T-024).
 * @throws Problem, Cancelled
 */
export async function approve(shown: Answer, scope: Scope, reason: string, operator: string): Promise<Decided> {
  const challenge = await get<Challenge>(`${path(shown.id)}/challenge`, { nonce: freshNonce() })
  const view = await viewDigestWeb(shown.view as unknown as Parameters<typeof viewDigestWeb>[0])
  if (challenge.view !== view || challenge.call !== shown.callDigest) throw notTheSame()
  const { notAfter, nonce } = challenge
  const decision = await decisionDigestWeb({ approvalId: shown.id, call: challenge.call, view, scope, notAfter, nonce })
  const proof = await signed(challenge, decision, operator)
  return post<Decided>(`${path(shown.id)}/approve`, { ...proof, view, scope, reason })
}
