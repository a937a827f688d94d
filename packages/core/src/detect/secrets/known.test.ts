import { expect, it } from 'vitest'
import { findSecrets } from './find.ts'
import { createKnownSecrets, fingerprintOf, type KnownSecret } from './known.ts'
import { redact, redactText } from './redact.ts'

const key = new Uint8Array(32).fill(3)
const VALUE = 'correct horse battery staple'
const entries = [
  fingerprintOf(key, 'db', 'vault', VALUE),
  fingerprintOf(key, 'trap', 'canary', 'plain-looking-word'),
].filter((entry): entry is KnownSecret => entry !== undefined)
const known = createKnownSecrets(key, entries)
const names = (text: string): readonly string[] => findSecrets(text, 'result', { known }).map(({ family }) => family)

it('HB-77: an unpatterned value that the vault issued is found wherever it stands', () => {
  for (const text of [VALUE, `x${VALUE}y`, `{"a":"${VALUE}"}`, `${'z'.repeat(5000)}${VALUE}`, `${VALUE} ${VALUE}`]) {
    expect(new Set(names(text)), text.slice(0, 40)).toEqual(new Set(['vault']))
    expect(redactText(text, 'result', { known }).text).not.toContain('horse')
  }
  expect(findSecrets(VALUE, 'result')).toEqual([])
})

it('HB-77: also encoded, and in arguments on their way to the log', () => {
  expect(names(`p=${Buffer.from(VALUE).toString('base64')}`)).toEqual(['vault'])
  expect(names(encodeURIComponent(VALUE))).toEqual(['vault'])
  const value = { note: [`it is ${VALUE}`] }
  expect(JSON.stringify(redact(value, { sensitive: [], tagKey: key, known }))).not.toContain('horse')
})

it('HB-77: a canary is told apart', () => expect(names('see plain-looking-word here')).toEqual(['canary']))

it('T-112: no part of a value is reported, and nothing of the value is kept', () => {
  for (let cut = 1; cut < VALUE.length; cut++) {
    expect(names(VALUE.slice(0, cut))).toEqual([])
    expect(names(VALUE.slice(cut))).toEqual([])
    expect(names(`${VALUE.slice(0, cut)}#${VALUE.slice(cut + 1)}`)).toEqual([])
  }
  expect(JSON.stringify(entries)).not.toMatch(/horse|plain-looking/)
})

it('T-112: another key finds nothing; values too short to tell from words are refused', () => {
  const other = createKnownSecrets(new Uint8Array(32).fill(4), entries)
  expect(findSecrets(VALUE, 'result', { known: other })).toEqual([])
  expect(fingerprintOf(key, 'pin', 'vault', '1234567')).toBeUndefined()
})
