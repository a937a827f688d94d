import { sign, verify, type KeyObject } from 'node:crypto'
import { digest, isJsonObject, type Json, type JsonObject, type PasskeyAssertion } from '@sallyport/core'
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
  /** Who may prove it with a passkey, and by which credentials. */
  readonly passkeys: readonly { readonly id: string; readonly operator: string }[]
  /** Name that passkeys belong to; '' where there is no console. */
  readonly rpId: string
  /** The approval request, from which the CLI rebuilds call digest and view; null for other decisions. */
  readonly request: JsonObject | null
}
export type SignedChallenge = PresenceChallenge & { readonly signature: string }

interface ProofBase {
  readonly operator: string
  readonly nonce: string
  readonly notAfter: number
}
/** HMAC(scrypt(PIN), decision digest), never the PIN. */
export interface PinProof extends ProofBase {
  readonly proof: string
}
/** The assertion of a passkey whose challenge is the decision digest. */
interface PasskeyProof extends ProofBase {
  readonly assertion: PasskeyAssertion
}
/** What comes back: who, for which challenge, and what proves it. */
export type PresenceProof = PinProof | PasskeyProof

/** Reads a proof from a request body; undefined for any other form. */
export function readPresenceProof(value: Json | PresenceProof | undefined): PresenceProof | undefined {
  if (!isJsonObject(value as Json)) return undefined
  const { operator, nonce, notAfter, proof, assertion, ...rest } = value as JsonObject
  if (typeof operator !== 'string' || typeof nonce !== 'string' || !Number.isSafeInteger(notAfter)) return undefined
  if (Object.keys(rest).length > 0) return undefined
  const base = { operator, nonce, notAfter: notAfter as number }
  if (assertion === undefined) return typeof proof === 'string' ? { ...base, proof } : undefined
  const read = proof === undefined ? readAssertion(assertion) : undefined
  return read === undefined ? undefined : { ...base, assertion: read }
}

function readAssertion(value: Json): PasskeyAssertion | undefined {
  if (!isJsonObject(value) || Object.keys(value).length !== 4) return undefined
  const { credential, authenticatorData, clientDataJSON, signature } = value
  const whole = [credential, authenticatorData, clientDataJSON, signature].every((part) => typeof part === 'string')
  return whole ? (value as unknown as PasskeyAssertion) : undefined
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
