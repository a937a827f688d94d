import { webcrypto } from 'node:crypto'

/** Signs for a few hosts, and says so itself by a critical constraint (RFC 5280 section 4.2.1.10). */
export interface Issuer {
  /** PEM, for clients to trust. */
  readonly certificate: string
  /** PKCS #8, PEM. */
  readonly key: () => Promise<string>
  /** A certificate for one host with this P-256 key; the issuer does not check that the host is one of its own. */
  issue(host: string, publicKey: webcrypto.CryptoKey, validity: Validity): Promise<string>
}

interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface IssuerOptions extends Validity {
  readonly name: string
  /** Canonical host names; `*.example.com` for all below one. */
  readonly hosts: readonly string[]
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

// loaded where something is signed: many gateways never do
async function library() {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto)
  return x509
}

/** A P-256 pair for signatures; what makes it is the platform, not our injected randomness. */
export const newKeyPair = async (): Promise<webcrypto.CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair

export async function createIssuer({ name, hosts, notBefore, notAfter }: IssuerOptions): Promise<Issuer> {
  const x509 = await library()
  const keys = await newKeyPair()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=${name}`, notBefore, notAfter, signingAlgorithm: CURVE, keys },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.Extension('2.5.29.30', true, nameConstraints(hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return issuerOf(certificate.toString('pem'), keys)
}

/** An issuer from what an earlier one was written as. Rejects for what is no certificate or no P-256 key. */
export async function readIssuer(certificate: string, key: string): Promise<Issuer> {
  const x509 = await library()
  const der = Buffer.from(key.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, CURVE, true, ['sign'])
  const publicKey = await new x509.X509Certificate(certificate).publicKey.export(CURVE, ['verify'])
  return issuerOf(certificate, { privateKey, publicKey: publicKey as unknown as webcrypto.CryptoKey })
}

async function issuerOf(certificate: string, keys: webcrypto.CryptoKeyPair): Promise<Issuer> {
  const x509 = await library()
  const own = new x509.X509Certificate(certificate)
  return {
    certificate,
    key: () => privatePem(keys.privateKey),
    async issue(host, publicKey, validity) {
      const issued = await x509.X509CertificateGenerator.create({
        ...{ subject: '', issuer: own.subject, signingAlgorithm: CURVE, ...validity },
        ...{ publicKey, signingKey: keys.privateKey },
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }], true),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      return issued.toString('pem')
    },
  }
}

export async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${(text.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** `permittedSubtrees` with these names, in DER (RFC 5280 section 4.2.1.10). */
function nameConstraints(hosts: readonly string[]): ArrayBuffer {
  const subtrees = hosts.map((host) => der(0x30, der(0x82, Buffer.from(host.replace(/^\*\./, ''), 'ascii'))))
  return new Uint8Array(der(0x30, der(0xa0, Buffer.concat(subtrees)))).buffer
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
