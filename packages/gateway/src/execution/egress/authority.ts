import { webcrypto } from 'node:crypto'
import type { SecureContext } from 'node:tls'

/** Signs for a few hosts and for one sandbox. Its key is in no file and never leaves this process (T-123). */
export interface Authority {
  /** PEM, for the sandbox to trust. */
  readonly certificate: string
  /** Whether it may sign for this host. */
  covers(host: string): boolean
  /** What answers as a host; rejects for one that it may not sign for. */
  contextFor(host: string): Promise<SecureContext>
}

const DAY = 86_400_000
/** Longest that one sandbox lives with it. */
const LIFE = 7 * DAY
/** Clocks of both ends are the same; a start in the past spares those that round. */
const EARLIER = 60_000
/** Names that are signed for are a few, but below a `*.` there may be any. */
const MOST_KEPT = 1_024
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Makes an authority that can sign for these hosts and no others: it says so itself, as a critical constraint (RFC 5280 section 4.2.1.10).
 * @param hosts canonical names; `*.example.com` for all below one
 * @param clock ms since 1970
 */
export async function createAuthority(hosts: readonly string[], clock: () => number): Promise<Authority> {
  // loaded where something is intercepted: few gateways do
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const { createSecureContext } = await import('node:tls')
  x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto)
  const now = clock()
  const notBefore = new Date(now - EARLIER)
  const notAfter = new Date(now + LIFE)
  const keys = (await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const leafKeys = (await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const leafKey = pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey))
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=Sallyport for one sandbox', notBefore, notAfter, signingAlgorithm: CURVE, keys },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.Extension('2.5.29.30', true, nameConstraints(hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const leaf = async (host: string, from: number): Promise<SecureContext> => {
    const certificate = await x509.X509CertificateGenerator.create({
      ...{ subject: '', issuer: authority.subject, signingAlgorithm: CURVE },
      ...{ notBefore: new Date(from - EARLIER), notAfter: new Date(from + DAY) },
      ...{ publicKey: leafKeys.publicKey, signingKey: keys.privateKey },
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }], true),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return createSecureContext({ cert: certificate.toString('pem'), key: leafKey, minVersion: 'TLSv1.2' })
  }
  const covers = (host: string): boolean =>
    hosts.some((each) => (each.startsWith('*.') ? host.endsWith(each.slice(1)) : host === each))
  const contexts = new Map<string, { readonly context: Promise<SecureContext>; readonly from: number }>()
  return {
    certificate: authority.toString('pem'),
    covers,
    contextFor(host) {
      if (!covers(host)) return Promise.reject(new Error('This host is not one of those.'))
      const known = contexts.get(host)
      if (known !== undefined && clock() - known.from < DAY / 2) return known.context
      const made = { context: leaf(host, clock()), from: clock() }
      contexts.set(host, made)
      const [oldest] = contexts.keys()
      if (contexts.size > MOST_KEPT && oldest !== undefined) contexts.delete(oldest)
      return made.context
    },
  }
}

/** `permittedSubtrees` with these names, in DER (RFC 5280 section 4.2.1.10). */
function nameConstraints(hosts: readonly string[]): ArrayBuffer {
  const subtrees = hosts.map((host) => der(0x30, der(0x82, Buffer.from(host.replace(/^\*\./, ''), 'ascii'))))
  const bytes = der(0x30, der(0xa0, Buffer.concat(subtrees)))
  return new Uint8Array(bytes).buffer
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const pem = (label: string, bytes: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`
