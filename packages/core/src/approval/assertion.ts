import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { sha256 } from '../json/digest.ts'
import { parseJson } from '../json/parse.ts'
import { isJsonObject, type JsonObject } from '../json/types.ts'

/** What a passkey answered (WebAuthn §7.2), all base64url without padding. */
export interface PasskeyAssertion {
  /** Credential id. */
  readonly credential: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}

/** What an assertion must fit; everything here is the verifier's own knowledge. */
export interface AssertionSubject {
  /** 32 bytes, hex: the digest of the decision is the challenge (threat-model §3.1). */
  readonly challenge: string
  /** The one origin with scheme and port. Absent (in a log, years later): any origin of the host `rpId`. */
  readonly origin?: string
  readonly rpId: string
  /** DER SubjectPublicKeyInfo of the enrolled credential, base64url. */
  readonly publicKey: string
}

export type AssertionResult =
  | { readonly ok: true; readonly counter: number; readonly backedUp: boolean }
  | { readonly ok: false; readonly reason: string }

const PRESENT = 0x01
const VERIFIED = 0x04
const BACKUP_ELIGIBLE = 0x08
const BACKED_UP = 0x10

/**
 * Verifies an assertion of a passkey with the public key alone (W3C WebAuthn level 3 §7.2): type, challenge byte for byte,
 * exact origin, never in a frame of another origin, relying party, user present and verified, signature. Pure, so that the
 * approvals service, the executor and a verifier of the log years later all use the same one.
 */
export function verifyAssertion(assertion: PasskeyAssertion, subject: AssertionSubject): AssertionResult {
  const data = bytes(assertion.authenticatorData)
  const client = bytes(assertion.clientDataJSON)
  const signature = bytes(assertion.signature)
  if (data === undefined || client === undefined || signature === undefined) return bad('it is not base64url')
  const why = whyClientDataFails(client, subject)
  if (why !== undefined) return bad(why)
  if (data.length < 37) return bad('the authenticator data is too short')
  if (data.subarray(0, 32).toString('hex') !== sha256(subject.rpId)) return bad('it is for another site')
  const flags = data[32] ?? 0
  if ((flags & PRESENT) === 0) return bad('nobody touched the authenticator')
  if ((flags & VERIFIED) === 0) return bad('the authenticator did not verify who it was')
  if ((flags & BACKED_UP) !== 0 && (flags & BACKUP_ELIGIBLE) === 0) return bad('its backup flags contradict each other')
  const key = publicKeyOf(subject.publicKey)
  if (key === undefined) return bad('the enrolled key is of no known kind')
  const signed = Buffer.concat([data, Buffer.from(sha256(client), 'hex')])
  if (!signatureFits(key, signed, signature)) return bad('the signature does not verify')
  return { ok: true, counter: data.readUInt32BE(33), backedUp: (flags & BACKED_UP) !== 0 }
}

function whyClientDataFails(text: Buffer, { challenge, origin, rpId }: AssertionSubject): string | undefined {
  const client = clientData(text)
  if (client === undefined) return 'the client data cannot be read'
  if (client['type'] !== 'webauthn.get') return 'it is not an assertion'
  if (client['challenge'] !== Buffer.from(challenge, 'hex').toString('base64url')) return 'it is for another decision'
  if (origin === undefined ? !isOf(client['origin'], rpId) : client['origin'] !== origin)
    return 'it was made at another address'
  if (client['crossOrigin'] !== undefined && client['crossOrigin'] !== false) return 'it was made inside another page'
  return client['topOrigin'] === undefined ? undefined : 'it was made inside another page'
}

function clientData(text: Buffer): JsonObject | undefined {
  try {
    const value = parseJson(text.toString('utf8'))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** An origin of the host itself, by https or, for `localhost`, by http. */
function isOf(origin: unknown, rpId: string): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false
  const { protocol, hostname, origin: plain } = new URL(origin)
  return plain === origin && hostname === rpId && (protocol === 'https:' || rpId === 'localhost')
}

/** The kinds of keys that enrolment asks for: ES256, EdDSA and RS256. */
function publicKeyOf(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' })
    const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
    const fits =
      (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') ||
      key.asymmetricKeyType === 'ed25519' ||
      (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048)
    return fits ? key : undefined
  } catch {
    return undefined
  }
}

function signatureFits(key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key, signature)
  } catch {
    return false
  }
}

const BASE64URL = /^[A-Za-z0-9_-]{1,65536}$/
const bytes = (text: string): Buffer | undefined =>
  typeof text === 'string' && BASE64URL.test(text) ? Buffer.from(text, 'base64url') : undefined

const bad = (reason: string): AssertionResult => ({ ok: false, reason })
