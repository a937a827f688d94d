import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIssuer, newKeyPair, privatePem } from '../packages/gateway/src/certificates.ts'

const DAY = 86_400_000

export interface TestCertificate {
  /** Files, PEM. */
  readonly cert: string
  readonly key: string
  readonly ca: string
  /** Certificate of the authority, PEM. */
  readonly authority: string
}

/** A certificate for `name` by an authority that was made for it. */
export async function certificateFor(name: string, directory: string): Promise<TestCertificate> {
  mkdirSync(directory, { recursive: true })
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) }
  const issuer = await createIssuer({ name: 'Test', hosts: [name], ...validity })
  const pair = await newKeyPair()
  const at = (end: string): string => join(directory, `${name}.${end}`)
  writeFileSync(at('pem'), `${await issuer.issue(name, pair.publicKey, validity)}\n`)
  writeFileSync(at('key'), await privatePem(pair.privateKey), { mode: 0o600 })
  writeFileSync(at('ca'), issuer.certificate)
  return { cert: at('pem'), key: at('key'), ca: at('ca'), authority: issuer.certificate }
}
