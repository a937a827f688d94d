import { X509Certificate } from 'node:crypto'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'

/** Which authenticators may be enrolled (threat-model §3.2). */
export interface AttestationPolicy {
  /** `none`: any, its model is only shown. `direct`: only models of the list, attested by a maker of the list. */
  readonly attestation: 'none' | 'direct'
  /** AAGUIDs, lower-case. */
  readonly aaguids: readonly string[]
  /** PEM certificates of makers. */
  readonly roots: readonly string[]
}

const MOST_CERTIFICATES = 6

/**
 * Why an attestation is not enough; undefined when it is. Under `direct` a software authenticator is refused: self-attestation
 * and none carry no certificate, and a certificate must lead to a maker of the list (T-022). The statement's signature was
 * checked before.
 */
export function whyAttestationFails(
  {
    fmt,
    aaguid,
    attestationObject,
  }: { readonly fmt: string; readonly aaguid: string; readonly attestationObject: Uint8Array },
  { attestation, aaguids, roots }: AttestationPolicy,
): string | undefined {
  if (attestation === 'none') return undefined
  if (!aaguids.includes(aaguid.toLowerCase())) return `Authenticators of model ${aaguid} are not on the list.`
  const statement = decodeAttestationObject(new Uint8Array(attestationObject)).get('attStmt')
  const chain = statement.get('x5c') ?? []
  if (fmt === 'none' || chain.length === 0) return 'This passkey says nothing of who made it.'
  if (chain.length > MOST_CERTIFICATES) return 'The attestation has too many certificates.'
  try {
    const certificates = chain.map((der) => new X509Certificate(der))
    const trusted = roots.map((pem) => new X509Certificate(pem))
    return leadsTo(certificates, trusted) ? undefined : 'The maker of this passkey is not on the list.'
  } catch {
    return 'The attestation certificates cannot be read.'
  }
}

/** Each certificate is valid now and signed by the next; the last one is, or is signed by, one of `trusted`. */
function leadsTo(chain: readonly X509Certificate[], trusted: readonly X509Certificate[]): boolean {
  const links = chain.every((certificate, index) => {
    const next = chain[index + 1]
    return next === undefined || (next.ca && isSignedBy(certificate, next))
  })
  const last = chain.at(-1)
  if (!links || last === undefined) return false
  return trusted.some((root) => root.raw.equals(last.raw) || (root.ca && isSignedBy(last, root)))
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
