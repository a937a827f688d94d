import { isJsonObject, parseJson, type Json, type JsonObject } from '@sallyport/core'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyRegistrationResponse,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { convertAAGUIDToString, decodeAttestationObject, parseAuthenticatorData } from '@simplewebauthn/server/helpers'
import { pass, refuse, type Verdict } from '../../boundary/ports.ts'
import { whyAttestationFails, type AttestationPolicy } from './attestation.ts'
import { ALGORITHMS, publicKeyOfCose } from './cose-key.ts'
import { OFFER_MS } from './offers.ts'

/** The site that credentials belong to; empty until the console listens. */
export interface RelyingParty {
  /** Scheme, name and port, exactly as a browser says it. */
  readonly origin: string
  /** The name alone. */
  readonly rpId: string
}

/** A credential that a browser has just made. */
export interface NewCredential {
  readonly id: string
  /** DER SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string
  readonly aaguid: string
  readonly signCount: number
  readonly backedUp: boolean
  /** Built into the machine, as far as the browser says. */
  readonly attached: 'platform' | 'cross'
}

/** Options for `navigator.credentials.create`: a discoverable credential that verifies its user. */
export async function enrolmentOptions(
  { rpId }: RelyingParty,
  operator: string,
  challenge: Uint8Array,
  known: readonly string[],
  attestation: AttestationPolicy['attestation'],
): Promise<Json> {
  const name = operator.replace(/^operator:/, '')
  const options = await generateRegistrationOptions({
    rpName: 'Sallyport',
    rpID: rpId,
    userName: name,
    userDisplayName: name,
    userID: new TextEncoder().encode(operator),
    challenge: new Uint8Array(challenge),
    attestationType: attestation,
    excludeCredentials: known.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: [...ALGORITHMS],
    timeout: OFFER_MS,
  })
  return options as unknown as Json
}

/** Options for `navigator.credentials.get`: any credential of this site that verifies its user. */
export async function signInOptions({ rpId }: RelyingParty, challenge: Uint8Array): Promise<Json> {
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    challenge: new Uint8Array(challenge),
    userVerification: 'required',
    timeout: OFFER_MS,
  })
  return options as unknown as Json
}

/** Reads the public key and the model out of a new credential before anybody has agreed to it; nothing is verified yet. */
export function readNewCredential(response: Json): { readonly publicKey: string; readonly aaguid: string } | undefined {
  try {
    const inner = isJsonObject(response) ? response['response'] : undefined
    const object = isJsonObject(inner) ? inner['attestationObject'] : undefined
    if (typeof object !== 'string') return undefined
    const data = decodeAttestationObject(new Uint8Array(Buffer.from(object, 'base64url'))).get('authData')
    const { credentialPublicKey, aaguid } = parseAuthenticatorData(new Uint8Array(data))
    if (credentialPublicKey === undefined || aaguid === undefined) return undefined
    const publicKey = publicKeyOfCose(credentialPublicKey)
    return publicKey === undefined ? undefined : { publicKey, aaguid: convertAAGUIDToString(aaguid) }
  } catch {
    return undefined
  }
}

/**
 * Verifies a new credential (WebAuthn §7.1): challenge, exact origin, no frame, relying party, user present and verified,
 * a key we can check, and an attestation where policy wants one.
 */
export async function verifyNewCredential(
  response: Json,
  site: RelyingParty,
  isOurs: (challenge: string) => boolean,
  policy: AttestationPolicy,
): Promise<Verdict<NewCredential>> {
  const framed = whyFramed(response)
  if (framed !== undefined) return refuse('SP_AUTHN_PRESENCE', framed)
  let verified
  try {
    verified = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: isOurs,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserPresence: true,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    })
  } catch (thrown) {
    return refuse(
      'SP_AUTHN_PRESENCE',
      `The passkey was not accepted: ${String((thrown as Error).message).slice(0, 200)}.`,
    )
  }
  if (!verified.verified) return refuse('SP_AUTHN_PRESENCE', 'The attestation of the passkey does not verify.')
  const { credential, aaguid, credentialBackedUp, attestationObject, fmt } = verified.registrationInfo
  const why = whyAttestationFails({ fmt, aaguid, attestationObject }, policy)
  if (why !== undefined) return refuse('SP_AUTHN_PRESENCE', why)
  const publicKey = publicKeyOfCose(credential.publicKey)
  if (publicKey === undefined) return refuse('SP_AUTHN_PRESENCE', 'The key of the passkey is of no known kind.')
  const attached = (response as JsonObject)['authenticatorAttachment'] === 'platform' ? 'platform' : 'cross'
  const { id, counter: signCount } = credential
  return pass({ id, publicKey, aaguid, signCount, backedUp: credentialBackedUp, attached })
}

function whyFramed(response: Json): string | undefined {
  const inner = isJsonObject(response) ? response['response'] : undefined
  const text = isJsonObject(inner) ? inner['clientDataJSON'] : undefined
  if (typeof text !== 'string') return 'This is not a new passkey.'
  try {
    const client = parseJson(Buffer.from(text, 'base64url').toString('utf8'))
    if (!isJsonObject(client)) return 'This is not a new passkey.'
    const framed = (client['crossOrigin'] ?? false) !== false || client['topOrigin'] !== undefined
    return framed ? 'A passkey is never made inside another page.' : undefined
  } catch {
    return 'This is not a new passkey.'
  }
}
