import 'reflect-metadata'
import { createHash, generateKeyPairSync, KeyObject, sign, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto)

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 86_400_000
/** When what is made here was signed, unless it says otherwise. */
export const SIGNED = Date.parse('2026-11-20T10:00:00Z')
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const FULCIO = '1.3.6.1.4.1.57264.1.'
const SCTS = '1.3.6.1.4.1.11129.2.4.2'
const LOG = 'rekor.test.example'

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const number = (value: number | bigint, bytes: number): Buffer =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  )

/** DER of a value with a tag. */
function der(tag: number, value: Uint8Array): Buffer {
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}

/** The first member of a sequence, with its tag and length: of a certificate what is signed. */
function firstIn(sequence: Buffer): Buffer {
  const lengthAt = (at: number): readonly [start: number, size: number] => {
    const first = sequence[at + 1] ?? 0
    if (first < 0x80) return [at + 2, first]
    const more = first - 0x80
    return [at + 2 + more, sequence.readUIntBE(at + 2, more)]
  }
  const [inside] = lengthAt(0)
  const [start, size] = lengthAt(inside)
  return sequence.subarray(inside, start + size)
}

/** A log: of certificates, or of signatures. */
export interface Log {
  readonly key: KeyObject
  readonly spki: Buffer
  readonly id: Buffer
}

export function newLog(): Log {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { key: privateKey, spki, id: sha256(spki) }
}

/** Signs certificates for ten minutes each. */
export interface Ca {
  readonly keys: webcrypto.CryptoKeyPair
  readonly certificate: x509.X509Certificate
}

const newKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair

export async function newCa(): Promise<Ca> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=test authority, O=test.example', keys, signingAlgorithm: CURVE, serialNumber: '01' },
    ...{ notBefore: new Date(SIGNED - 300 * DAY), notAfter: new Date(SIGNED + 3_000 * DAY) },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { keys, certificate }
}

/** A workflow, as certificates name it. */
export const WORKFLOW = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v2.1.0',
  repository: 'https://github.com/acme/tools',
  commit: '8a2ee2fd20dda58ffa4a8d808a65cb1e04711c03',
  ref: 'refs/tags/v2.1.0',
}

/** What is made differently than it should be. */
export interface Lies {
  readonly who?: Partial<typeof WORKFLOW>
  readonly ca?: Ca
  /** Log of certificates; null: the certificate is in none. */
  readonly ct?: Log | null
  readonly purpose?: string
  readonly rekor?: Log
  /** Time in the log, ms. */
  readonly logged?: number
  /** What the entry of the log says instead. */
  readonly entry?: { readonly signature?: string; readonly verifier?: string | null; readonly hash?: string }
  /** What the proof is of, instead of the entry. */
  readonly proven?: Buffer
  readonly promise?: false
  readonly proof?: false
  readonly checkpointName?: string
  /** Entries are of the second version of the log. */
  readonly isSecond?: boolean
  /** Who signs the checkpoint. */
  readonly prover?: Log
  /** Is in place of what was signed. */
  readonly payload?: Buffer
  /** Changes a signature before it goes into the log. */
  readonly signature?: (signature: Buffer) => Buffer
  /** A key instead of a certificate. */
  readonly key?: { readonly hint: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
}

/** What tests change in a bundle after it was made. */
interface Made {
  readonly mediaType: string
  readonly verificationMaterial: { tlogEntries: LogEntry[] }
}
export interface LogEntry {
  integratedTime: string
  inclusionProof?: { hashes: string[] }
}
export interface Attestation extends Made {
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] }
}
interface SignedArchive extends Made {
  messageSignature: { messageDigest: { algorithm: string; digest: string }; signature: string }
}

/** A small sigstore of one's own: authority, log of certificates, log of signatures. */
export interface Authority {
  readonly ca: Ca
  readonly ct: Log
  readonly rekor: Log
  /** Its trusted root, as a file has it. */
  readonly root: object
  /** A bundle with an attestation. */
  attest(statement: object, lies?: Lies): Promise<Attestation>
  /** A bundle over bytes. */
  sign(bytes: Buffer, lies?: Lies): Promise<SignedArchive>
}

export async function newAuthority(): Promise<Authority> {
  const [ca, ct, rekor] = [await newCa(), newLog(), newLog()]
  const logOf = (log: Log, baseUrl: string) => ({
    ...{ baseUrl, hashAlgorithm: 'SHA2_256', logId: { keyId: log.id.toString('base64') } },
    publicKey: {
      ...{ rawBytes: log.spki.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
      validFor: { start: '2026-01-01T00:00:00Z' },
    },
  })
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(rekor, `https://${LOG}`)],
    ctlogs: [logOf(ct, 'https://ct.test.example')],
    certificateAuthorities: [
      {
        ...{ subject: { organization: 'test.example', commonName: 'test authority' }, uri: 'https://ca.test.example' },
        certChain: { certificates: [{ rawBytes: Buffer.from(ca.certificate.rawData).toString('base64') }] },
        validFor: { start: '2026-01-01T00:00:00Z' },
      },
    ],
    timestampAuthorities: [],
  }
  const own = { ca, ct, rekor }
  return {
    ...{ ...own, root },
    attest: async (statement, lies = {}) => {
      const payload = Buffer.from(JSON.stringify(statement))
      const type = 'application/vnd.in-toto+json'
      const signer = await signerOf(lies, own)
      const raw = sign('sha256', preAuthentication(type, payload), signer.key)
      const signature = (lies.signature?.(raw) ?? raw).toString('base64')
      const second = {
        payloadHash: { algorithm: 'SHA2_256', digest: sha256(payload).toString('base64') },
        signatures: [{ content: signature, verifier: verifierOf(signer, lies) }],
      }
      const entry = {
        ...{ apiVersion: '0.0.1', kind: 'dsse' },
        spec: {
          envelopeHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
          payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex'), ...hashOf(lies) },
          signatures: [{ signature, verifier: signer.pem.toString('base64'), ...lies.entry }],
        },
      }
      return {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {
          ...signer.material,
          tlogEntries: [logged(inVersion(entry, { dsseV002: second }, lies), lies, rekor)],
        },
        dsseEnvelope: {
          ...{ payload: (lies.payload ?? payload).toString('base64'), payloadType: type },
          signatures: [{ sig: signature, keyid: '' }],
        },
      }
    },
    sign: async (bytes, lies = {}) => {
      const signer = await signerOf(lies, own)
      const raw = sign('sha256', bytes, signer.key)
      const signature = (lies.signature?.(raw) ?? raw).toString('base64')
      const second = {
        data: { algorithm: 'SHA2_256', digest: sha256(bytes).toString('base64') },
        signature: { content: signature, verifier: verifierOf(signer, lies) },
      }
      const entry = {
        ...{ apiVersion: '0.0.1', kind: 'hashedrekord' },
        spec: {
          data: { hash: { algorithm: 'sha256', value: sha256(bytes).toString('hex'), ...hashOf(lies) } },
          signature: { content: signature, publicKey: { content: signer.pem.toString('base64') } },
        },
      }
      return {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {
          ...signer.material,
          tlogEntries: [logged(inVersion(entry, { hashedRekordV002: second }, lies), lies, rekor)],
        },
        messageSignature: {
          messageDigest: { algorithm: 'SHA2_256', digest: sha256(bytes).toString('base64') },
          signature,
        },
      }
    },
  }
}

const verifierOf = ({ der: rawBytes }: Signing, { entry }: Lies): object => ({
  keyDetails: 'PKIX_ECDSA_P256_SHA_256',
  x509Certificate: { rawBytes: entry?.verifier === undefined ? rawBytes.toString('base64') : entry.verifier },
})
interface Entry {
  readonly kind: string
  readonly apiVersion: string
  readonly spec: object
}
/** An entry in the version that is wanted. */
const inVersion = (entry: Entry, spec: object, { isSecond = false }: Lies): Entry =>
  isSecond ? { apiVersion: '0.0.2', kind: entry.kind, spec } : entry

const hashOf = ({ entry }: Lies): object => (entry?.hash === undefined ? {} : { value: entry.hash })

const preAuthentication = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])

interface Signing {
  readonly key: KeyObject
  readonly pem: Buffer
  readonly der: Buffer
  readonly material: object
}

async function signerOf({ key, ...lies }: Lies, own: Pick<Authority, 'ca' | 'ct'>): Promise<Signing> {
  if (key !== undefined) {
    const pem = Buffer.from(key.publicKey.export({ type: 'spki', format: 'pem' }))
    return { key: key.privateKey, pem, der: Buffer.alloc(0), material: { publicKey: { hint: key.hint } } }
  }
  const keys = await newKeys()
  const certificate = await certify(keys.publicKey, lies, own)
  const raw = Buffer.from(certificate.rawData)
  return {
    ...{ key: KeyObject.from(keys.privateKey), material: { certificate: { rawBytes: raw.toString('base64') } } },
    der: raw,
    pem: Buffer.from(certificate.toString('pem')),
  }
}

/** A certificate, in a log of certificates before it is made (RFC 6962 section 3.2). */
async function certify(
  publicKey: webcrypto.CryptoKey,
  lies: Lies,
  own: Pick<Authority, 'ca' | 'ct'>,
): Promise<x509.X509Certificate> {
  const { ca = own.ca, ct = own.ct, purpose = CODE_SIGNING } = lies
  const who = { ...WORKFLOW, ...lies.who }
  const text = (member: number, value: string): x509.Extension =>
    new x509.Extension(`${FULCIO}${member}`, false, der(0x0c, Buffer.from(value)))
  const extensions = [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
    new x509.SubjectAlternativeNameExtension(
      [{ type: who.subject.includes('://') ? 'url' : 'email', value: who.subject }],
      true,
    ),
    text(8, who.issuer),
    text(12, who.repository),
    text(13, who.commit),
    text(14, who.ref),
  ]
  const make = async (more: readonly x509.Extension[]): Promise<x509.X509Certificate> =>
    x509.X509CertificateGenerator.create({
      ...{
        serialNumber: '0a0b0c',
        subject: '',
        issuer: ca.certificate.subject,
        publicKey,
        signingKey: ca.keys.privateKey,
      },
      ...{ notBefore: new Date(SIGNED - 60_000), notAfter: new Date(SIGNED + 540_000), signingAlgorithm: CURVE },
      extensions: [...extensions, ...more],
    })
  if (ct === null) return make([])
  const tbs = firstIn(Buffer.from((await make([])).rawData))
  const issuer = sha256(Buffer.from(ca.certificate.publicKey.rawData))
  const time = number(SIGNED - 1_000, 8)
  const precertificate = Buffer.concat([issuer, number(tbs.length, 3), tbs])
  const signed = Buffer.concat([Buffer.from([0, 0]), time, number(1, 2), precertificate, number(0, 2)])
  const signature = sign('sha256', signed, ct.key)
  const sct = Buffer.concat([
    ...[Buffer.from([0]), ct.id, time, number(0, 2), Buffer.from([4, 3])],
    ...[number(signature.length, 2), signature],
  ])
  const list = Buffer.concat([number(sct.length + 2, 2), number(sct.length, 2), sct])
  return make([new x509.Extension(SCTS, false, der(0x04, list))])
}

const leafOf = (body: Buffer): Buffer => sha256(Buffer.from([0]), body)
const nodeOf = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right)

/** An entry of a log of three, with its promise, its proof and the checkpoint of the log. */
function logged(entry: Entry, lies: Lies, own: Log): LogEntry {
  const { rekor = own, prover = rekor, logged: at = SIGNED } = lies
  const body = Buffer.from(JSON.stringify(entry))
  const [before, after] = [leafOf(Buffer.from('first')), leafOf(Buffer.from('last'))]
  const root = nodeOf(nodeOf(before, leafOf(lies.proven ?? body)), after)
  const note = `${LOG} - 1\n3\n${root.toString('base64')}\n`
  const signature = Buffer.concat([prover.id.subarray(0, 4), sign('sha256', Buffer.from(note), prover.key)])
  const integratedTime = Math.floor(at / 1000)
  const [encoded, logID] = [body.toString('base64'), own.id.toString('hex')]
  const promised = `{"body":"${encoded}","integratedTime":${integratedTime},"logID":"${logID}","logIndex":1}`
  const inclusionPromise = {
    signedEntryTimestamp: sign('sha256', Buffer.from(promised), rekor.key).toString('base64'),
  }
  const inclusionProof = {
    ...{ logIndex: '1', treeSize: '3', rootHash: root.toString('base64') },
    hashes: [before.toString('base64'), after.toString('base64')],
    checkpoint: { envelope: `${note}\n\u2014 ${lies.checkpointName ?? LOG} ${signature.toString('base64')}\n` },
  }
  return {
    ...{ logIndex: '1', logId: { keyId: own.id.toString('base64') }, integratedTime: String(integratedTime) },
    ...{ kindVersion: { kind: entry.kind, version: entry.apiVersion }, canonicalizedBody: encoded },
    ...(lies.promise === false ? {} : { inclusionPromise }),
    ...(lies.proof === false ? {} : { inclusionProof }),
  }
}
