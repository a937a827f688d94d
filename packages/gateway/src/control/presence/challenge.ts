import { sign, verify, type KeyObject } from 'node:crypto'
import { digest, type JsonObject } from '@sallyport/core'
import type { ScryptParams } from './pin.ts'

/** What the gateway asks a human to prove, signed so that no squatter can ask in its place (T-015, threat-model §4). */
export interface PresenceChallenge {
  /** `approval`, or the kind of operator decision. */
  readonly kind: string
  /** Approval id, or '' for other decisions. */
  readonly subject: string
  /** Digest of the call or of the decision's payload. */
  readonly call: string
  /** Digest of the view the human must have been shown. */
  readonly view: string
  /** 32 bytes, hex: 16 random ones and a MAC over all of the above, so that the gateway need not remember it. */
  readonly nonce: string
  /** ms since 1970 */
  readonly notAfter: number
  /** Who may prove it, with what their PIN is derived by. */
  readonly operators: readonly { readonly id: string; readonly salt: string; readonly cost: ScryptParams }[]
  /** The approval request, from which the CLI rebuilds call digest and view; null for other decisions. */
  readonly request: JsonObject | null
}
export type SignedChallenge = PresenceChallenge & { readonly signature: string }

/** What comes back: who, for which challenge, and HMAC(scrypt(PIN), decision digest). Never the PIN. */
export interface PresenceProof {
  readonly operator: string
  readonly nonce: string
  readonly notAfter: number
  readonly proof: string
}

const challengeDigest = (challenge: PresenceChallenge, clientNonce: string): Buffer =>
  Buffer.from(digest('sallyport/challenge/1', { clientNonce, challenge: challenge as unknown as JsonObject }), 'hex')

/** Signs with the gateway's Ed25519 identity; the client's nonce makes old answers worthless. */
export function signChallenge(challenge: PresenceChallenge, clientNonce: string, identity: KeyObject): SignedChallenge {
  return { ...challenge, signature: sign(null, challengeDigest(challenge, clientNonce), identity).toString('hex') }
}

/** True when the holder of `identity` signed exactly this answer to exactly this client nonce. */
export function isSignedBy(
  { signature, ...challenge }: SignedChallenge,
  clientNonce: string,
  identity: KeyObject,
): boolean {
  const bytes = Buffer.from(signature, 'hex')
  return bytes.length === 64 && verify(null, challengeDigest(challenge, clientNonce), identity, bytes)
}

/** Digest that a proof for a decision other than an approval is computed over. */
export const operatorDecisionDigest = (
  challenge: Pick<PresenceChallenge, 'kind' | 'call' | 'view' | 'notAfter' | 'nonce'>,
): string =>
  digest('sallyport/operator-decision/1', [
    challenge.kind,
    challenge.call,
    challenge.view,
    'approve',
    challenge.notAfter,
    challenge.nonce,
  ])
