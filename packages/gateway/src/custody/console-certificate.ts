import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIssuer, newKeyPair, privatePem, readIssuer, type Issuer } from '../certificates.ts'

const DAY = 86_400_000
/** Browsers refuse server certificates that live longer than 398 days (CA/Browser Forum, section 6.3.2). */
const LEAF_LIFE = 90 * DAY
const ISSUER_LIFE = 3650 * DAY
/** Own certificates are made anew this long before they end. */
const RENEW = 30 * DAY
const EARLIER = 3_600_000

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/**
 * A certificate by the gateway's own authority, which people trust once and which can sign for this name only. Made where it
 * is missing, is for another name, or ends soon; keys are 0600 in a directory of 0700.
 * @param now ms since 1970
 * @param of listener that serves it; each has a key of its own
 */
export async function ownCertificate(
  directory: string,
  name: string,
  now: number,
  of = 'console',
): Promise<CertificateFiles> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const files = { cert: join(directory, `${of}.pem`), key: join(directory, `${of}.key`) }
  const authority = { cert: join(directory, 'authority.pem'), key: join(directory, 'authority.key') }
  const isFresh = isUsable(authority, undefined, now) && mayIssue(authority.cert, name)
  if (isFresh && isUsable(files, name, now)) return files
  const issuer = isFresh ? await readIssuer(read(authority.cert), read(authority.key)) : await newIssuer(name, now)
  if (!isFresh) {
    write(authority.key, await issuer.key())
    write(authority.cert, `${issuer.certificate}\n`)
  }
  const pair = await newKeyPair()
  const validity = { notBefore: new Date(now - EARLIER), notAfter: new Date(now + LEAF_LIFE) }
  const leaf = await issuer.issue(name, pair.publicKey, validity)
  write(files.key, await privatePem(pair.privateKey))
  write(files.cert, `${leaf}\n${issuer.certificate}\n`)
  return files
}

const newIssuer = (name: string, now: number): Promise<Issuer> =>
  createIssuer({
    name: `Sallyport console of ${name}`,
    hosts: [name],
    notBefore: new Date(now - EARLIER),
    notAfter: new Date(now + ISSUER_LIFE),
  })

function isUsable({ cert, key }: CertificateFiles, name: string | undefined, now: number): boolean {
  if (!existsSync(cert) || !existsSync(key)) return false
  try {
    const { validTo, subjectAltName = '' } = new X509Certificate(read(cert))
    return Date.parse(validTo) - RENEW > now && (name === undefined || subjectAltName === `DNS:${name}`)
  } catch {
    return false
  }
}

const mayIssue = (cert: string, name: string): boolean =>
  new X509Certificate(read(cert)).subject === `CN=Sallyport console of ${name}`

const read = (path: string): string => readFileSync(path, 'utf8')

function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
