import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { decodeUtf8, escapeText, parseJson, type Json, type JsonObject } from '@sallyport/core'
import { bundleFromJSON, ValidationError, type Bundle } from '@sigstore/bundle'
import { toSignedEntity, VerificationError, Verifier, type Signer, type TrustMaterial } from '@sigstore/verify'
import type { Certified } from './identities.ts'
import { broken, type NpmKey } from './signature.ts'

/** Entries of logs, stamps of time: bundles have one of each. */
const MOST = 4
const MOST_HASHES = 64
/** UTF-16 units. */
const MOST_OF_A_CHECKPOINT = 16_384
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
/** Members of certificates of Fulcio. */
const MEMBERS = {
  repository: '1.3.6.1.4.1.57264.1.12',
  commit: '1.3.6.1.4.1.57264.1.13',
  ref: '1.3.6.1.4.1.57264.1.14',
} as const

/**
 * A bundle of sigstore within bounds, so that holding it against a trusted root is short work.
 * @throws SallyportError SP_REGISTRY_SIGNATURE
 */
export function readSigstore(json: unknown): Bundle {
  const bundle = guarded(() => bundleFromJSON(json))
  const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial
  if (tlogEntries.length > MOST || (timestampVerificationData?.rfc3161Timestamps.length ?? 0) > MOST)
    throw broken('a bundle with more entries than bundles have')
  for (const { inclusionProof } of tlogEntries) {
    const checkpoint = inclusionProof?.checkpoint?.envelope ?? ''
    if ((inclusionProof?.hashes.length ?? 0) > MOST_HASHES || checkpoint.length > MOST_OF_A_CHECKPOINT)
      throw broken('a bundle with a longer proof than logs give')
    // what verifies them takes these names for patterns
    for (const [, name = ''] of checkpoint.matchAll(/\u2014 (\S+)/g))
      if (!/^[\w./:@-]{1,255}$/.test(name)) throw broken('a bundle with a log of a name that is none')
  }
  return bundle
}

/** The name of the key that a bundle says it is signed with; undefined for one with a certificate. */
export function hintOf({ verificationMaterial: { content } }: Bundle): string | undefined {
  return content.$case === 'publicKey' ? content.publicKey.hint : undefined
}

/**
 * Holds an attestation, or what is signed over an archive, against authorities and logs that an operator pinned: chain and purpose of the
 * certificate, the log that it is in, that it was in force when it was used, and the entry of the log, which has to be about this signature
 * by this key. Nobody is asked.
 * @throws SallyportError SP_REGISTRY_SIGNATURE
 */
export function verifyCertified(bundle: Bundle, trust: TrustMaterial, archive?: Buffer<ArrayBuffer>): Certified {
  const signer = verified(bundle, trust, archive)
  requirePurpose(bundle)
  const { subjectAlternativeName: subject, extensions } = signer.identity ?? {}
  if (subject === undefined || extensions?.issuer === undefined) throw broken('by a certificate that names nobody')
  return { issuer: extensions.issuer, subject, ...membersOf(signer) }
}

/**
 * The same for an attestation by a key of the configuration, which has to have been in force when it was used.
 * @throws SallyportError SP_REGISTRY_SIGNATURE
 */
export const verifyByKey = (bundle: Bundle, trust: TrustMaterial, key: NpmKey): void =>
  void verified(bundle, { ...trust, publicKey: () => key })

/**
 * Who signed an archive, by a bundle in a file beside it.
 * @throws SallyportError SP_REGISTRY_SIGNATURE
 */
export function verifyArchive(file: Buffer, archive: Buffer<ArrayBuffer>, trust: TrustMaterial): Certified {
  const bundle = readSigstore(guarded(() => parseJson(decodeUtf8(file), { maxLength: file.length + 1, maxDepth: 64 })))
  if (bundle.content.$case !== 'messageSignature') throw broken('an attestation where a signature is due')
  return verifyCertified(bundle, trust, archive)
}

function verified(bundle: Bundle, trust: TrustMaterial, archive?: Buffer<ArrayBuffer>): Signer {
  if (bundle.content.$case === 'messageSignature') requireDigest(bundle.content.messageSignature.messageDigest, archive)
  const signer = guarded(() => new Verifier(trust).verify(toSignedEntity(bundle, archive)))
  for (const { canonicalizedBody } of bundle.verificationMaterial.tlogEntries)
    if (!guarded(() => keyIn(canonicalizedBody)?.equals(signer.key) ?? false))
      throw broken('in the log for another key than it is by')
  return signer
}

/** Whatever does not hold, and whatever cannot be read, is a signature that does not hold. */
function guarded<T>(act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    const isSaid = thrown instanceof VerificationError || thrown instanceof ValidationError
    const why = isSaid ? escapeText(thrown.message.slice(0, 150)) : 'it cannot be read'
    throw broken(`a bundle of sigstore that does not hold: ${why}`)
  }
}

/** The signature is over the bytes; what the entry of the log is about is this hash alone. */
function requireDigest({ digest }: { readonly digest: Buffer }, archive: Buffer | undefined): void {
  const algorithm = ALGORITHMS.get(digest.length)
  if (archive === undefined || algorithm === undefined) throw broken('over nothing that is here')
  if (!createHash(algorithm).update(archive).digest().equals(digest)) throw broken('over another archive')
}
const ALGORITHMS: ReadonlyMap<number, string> = new Map([
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
])

/** The certificate is for signing code, and vouches for nobody else. */
function requirePurpose({ verificationMaterial: { content } }: Bundle): void {
  const certificates =
    content.$case === 'certificate'
      ? [content.certificate]
      : content.$case === 'x509CertificateChain'
        ? content.x509CertificateChain.certificates
        : []
  const { ca, keyUsage } = guarded(() => new X509Certificate(certificates[0]?.rawBytes ?? Buffer.alloc(0)))
  // Node names so what the extension for extended usage has; undefined without one, whatever its types say
  const purposes: readonly string[] | undefined = keyUsage
  if (ca || purposes?.includes(CODE_SIGNING) !== true) throw broken('by a certificate that is not for signing code')
}

function membersOf({ identity }: Signer): Pick<Certified, 'repository' | 'commit' | 'ref'> {
  const found = new Map(identity?.oids?.map(({ oid, value }) => [oid?.id.join('.'), value]))
  return Object.fromEntries(
    Object.entries(MEMBERS).flatMap(([name, oid]) => {
      const value = found.get(oid)
      // UTF8String: one byte of length, or as many after it as it says
      if (value?.[0] !== 0x0c) return []
      const length = value[1] ?? 0
      return [[name, value.subarray(length < 0x80 ? 2 : length - 0x80 + 2).toString('utf8')]]
    }),
  )
}

/** Where each kind of entry has the key or the certificate, in base64: as PEM, and as DER in the second version of the log. */
const KEYS = [
  'signature.publicKey.content',
  'signatures.0.verifier',
  'content.envelope.signatures.0.publicKey',
  'hashedRekordV002.signature.verifier.x509Certificate.rawBytes',
  'hashedRekordV002.signature.verifier.publicKey.rawBytes',
  'dsseV002.signatures.0.verifier.x509Certificate.rawBytes',
  'dsseV002.signatures.0.verifier.publicKey.rawBytes',
]

/** The key that an entry of a log is about: to one signature another key can be made that it fits, too. */
function keyIn(body: Buffer): KeyObject | undefined {
  const entry = parseJson(decodeUtf8(body), { maxLength: body.length + 1, maxDepth: 16 })
  const text = KEYS.map((path) => memberAt(entry, `spec.${path}`)).find((one) => typeof one === 'string')
  if (text === undefined) return undefined
  const bytes = Buffer.from(text, 'base64')
  try {
    return new X509Certificate(bytes).publicKey
  } catch {
    return createPublicKey(bytes[0] === 0x30 ? { key: bytes, format: 'der', type: 'spki' } : bytes)
  }
}

const memberAt = (value: Json, path: string): Json | undefined =>
  path
    .split('.')
    .reduce<Json | undefined>(
      (at, name) => (typeof at === 'object' && at !== null ? (at as JsonObject)[name] : undefined),
      value,
    )
