import { get, post } from '../../api/client.ts'
import { digests } from '../../presence/digests.ts'
import { freshNonce } from '../../presence/encoding.ts'
import { notTheSame, signed, type Challenge } from '../../presence/prove.ts'
import { pathOf, type Decided, type Scope } from './decide.ts'
import type { Answer } from './model.ts'

/**
 * Approves with a passkey. What is signed is computed here, from the very rows on the screen; a gateway that asks to sign
 * something else gets nothing (T-024).
 * @throws Problem, Cancelled
 */
export async function approve(shown: Answer, scope: Scope, reason: string, operator: string): Promise<Decided> {
  const [challenge, { decisionDigestWeb, viewDigestWeb }] = await Promise.all([
    get<Challenge>(`${pathOf(shown.id)}/challenge`, { nonce: freshNonce() }),
    digests(),
  ])
  const view = await viewDigestWeb(shown.view as unknown as Parameters<typeof viewDigestWeb>[0])
  if (challenge.view !== view || challenge.call !== shown.callDigest) throw notTheSame()
  const { notAfter, nonce } = challenge
  const decision = await decisionDigestWeb({ approvalId: shown.id, call: challenge.call, view, scope, notAfter, nonce })
  const proof = await signed(challenge, decision, operator)
  return post<Decided>(`${pathOf(shown.id)}/approve`, { ...proof, view, scope, reason })
}
