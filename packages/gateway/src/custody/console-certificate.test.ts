import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownCertificate } from './console-certificate.ts'

const DAY = 86_400_000
const NOW = Date.now()
let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sallyport-certificate-'))
})
afterEach(() => rmSync(place, { recursive: true }))

const made = async (name = 'desk.test', now = NOW, of?: string) => {
  const { cert, key } = await ownCertificate(place, name, now, of)
  const text = readFileSync(cert, 'utf8')
  return { cert, key, text, leaf: new X509Certificate(text) }
}
const authority = (): X509Certificate => new X509Certificate(readFileSync(join(place, 'authority.pem')))

test('E-21: a certificate is for one name, by an authority that can sign for that name alone, with keys of the owner’s', async () => {
  const { key, leaf } = await made()
  expect(leaf.subjectAltName).toBe('DNS:desk.test')
  expect(leaf.verify(authority().publicKey)).toBe(true)
  expect(Date.parse(leaf.validTo) - NOW).toBeLessThanOrEqual(91 * DAY)
  for (const file of [key, join(place, 'authority.key')]) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(place).mode & 0o777).toBe(0o700)
})

test('it stays while it is good for a month more, and then is made anew by the same authority', async () => {
  const first = await made()
  const before = authority().fingerprint256
  expect((await made('desk.test', NOW + 59 * DAY)).text).toBe(first.text)
  const next = await made('desk.test', NOW + 61 * DAY)
  expect(next.text).not.toBe(first.text)
  expect(authority().fingerprint256).toBe(before)
})

test('another name has another authority: what people trusted signs for nothing else', async () => {
  await made()
  const before = authority().fingerprint256
  const other = await made('other.test')
  expect(other.leaf.subjectAltName).toBe('DNS:other.test')
  expect(authority().fingerprint256).not.toBe(before)
})

test('two listeners have a key each and one authority', async () => {
  const [console, agents] = [await made(), await made('desk.test', NOW, 'agents')]
  expect(agents.key).not.toBe(console.key)
  expect(readFileSync(agents.key, 'utf8')).not.toBe(readFileSync(console.key, 'utf8'))
  expect(agents.leaf.verify(authority().publicKey)).toBe(true)
})

test('what is damaged or lost is made anew', async () => {
  const first = await made()
  writeFileSync(first.cert, 'no certificate')
  const second = await made()
  expect(second.leaf.subjectAltName).toBe('DNS:desk.test')
  rmSync(second.key)
  expect((await made()).text).not.toBe(second.text)
})
