import { expect, test } from 'vitest'
import { decodedForms, turnedForms } from './decode.ts'

const TEXT = 'the code is QX-4711'

test('base64, hex, percent and escapes are read', () => {
  const base64 = Buffer.from(TEXT).toString('base64')
  for (const hidden of [
    base64,
    Buffer.from(TEXT).toString('base64url'),
    `x=${base64}&y`,
    Buffer.from(TEXT).toString('hex'),
    encodeURIComponent(TEXT),
    Array.from(TEXT, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  ]) {
    expect(decodedForms(hidden).some((form) => form.includes(TEXT))).toBe(true)
  }
})

test('words are no code, and what is not text is left out', () => {
  expect(decodedForms('Nothing of this is encoded, honestly. Responsibilities!')).toEqual([])
  expect(decodedForms('AAAAAAAAAAAA/////w==')).toEqual([])
  expect(decodedForms('A1'.repeat(10_000))).toEqual([])
})

test('cheap disguises', () => {
  expect(turnedForms('1174-XQ edoc')).toContain('code QX-4711')
  expect(turnedForms('pbqr QX')).toContain('code DK')
})
