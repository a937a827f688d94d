import { createPublicKey } from 'node:crypto'
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers'

/** COSE algorithms that credentials may have: ES256, EdDSA, RS256. */
export const ALGORITHMS = [-7, -8, -257] as const

const KTY = 1
const ALG = 3
const CURVE = -1
const X = -2
const Y = -3
/** kty 3 (RSA) has other members under the same labels. */
const MODULUS = -1
const EXPONENT = -2

/** DER SubjectPublicKeyInfo (base64url) of a COSE key (RFC 9053); undefined for what is not of one of our three kinds. */
export function publicKeyOfCose(cose: Uint8Array): string | undefined {
  const key = decodeCredentialPublicKey(new Uint8Array(cose)) as unknown as Map<number, number | Uint8Array>
  const part = (label: number): string => Buffer.from(key.get(label) as Uint8Array).toString('base64url')
  const kind = `${String(key.get(KTY))}/${String(key.get(ALG))}`
  if (kind === '2/-7' && key.get(CURVE) === 1) return spki({ kty: 'EC', crv: 'P-256', x: part(X), y: part(Y) })
  if (kind === '1/-8' && key.get(CURVE) === 6) return spki({ kty: 'OKP', crv: 'Ed25519', x: part(X) })
  if (kind === '3/-257') return spki({ kty: 'RSA', n: part(MODULUS), e: part(EXPONENT) })
  return undefined
}

const spki = (key: Record<string, string>): string =>
  createPublicKey({ key, format: 'jwk' }).export({ format: 'der', type: 'spki' }).toString('base64url')
