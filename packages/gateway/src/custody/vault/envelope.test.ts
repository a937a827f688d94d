import { randomBytes } from 'node:crypto'
import { toSallyportError } from '@sallyport/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open, rewrap, seal, type Envelope, type MasterKey } from './envelope.ts'

const random = { bytes: (length: number) => randomBytes(length) }
const master: MasterKey = { id: 'k1', key: randomBytes(32) }
const other: MasterKey = { id: 'k2', key: randomBytes(32) }
const find =
  (...keys: MasterKey[]) =>
  (id: string) =>
    keys.find((key) => key.id === id)
const row = { name: 'github', version: 1 }
const sealed = (value = 'the value', of = row): Envelope => seal(Buffer.from(value), of, master, random)

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (thrown) {
    return toSallyportError(thrown).code
  }
}
/** Each place where one bit of a base64 text can be another one. */
const flipped = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'base64')
  const byte = at % bytes.length
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (at % 8))
  return bytes.toString('base64')
}

describe('envelopes', () => {
  test('SEC-4.1: any bytes come back as they were, and no two envelopes are alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 40 }), (value, name) => {
        const of = { name, version: 3 }
        const [one, two] = [seal(value, of, master, random), seal(value, of, master, random)]
        expect(open(one, of, find(master)).equals(value)).toBe(true)
        expect(one.key === two.key || one.value === two.value).toBe(false)
      }),
    )
  })

  test('T-129: any bit that is flipped, anywhere, is found', () => {
    const envelope = sealed()
    for (let at = 0; at < 1_000; at++) {
      const part = at % 2 === 0 ? 'key' : 'value'
      const bad = { ...envelope, [part]: flipped(envelope[part], at) }
      expect(
        codeOf(() => open(bad, row, find(master))),
        `${part} ${at}`,
      ).toBe('SP_VAULT_TAMPERED')
    }
  })

  test('T-129: a row cannot stand for another one, nor one of its parts', () => {
    const [mine, theirs] = [sealed('mine'), sealed('theirs', { name: 'stripe', version: 1 })]
    expect(codeOf(() => open(theirs, row, find(master)))).toBe('SP_VAULT_TAMPERED')
    expect(codeOf(() => open({ ...mine, value: theirs.value }, row, find(master)))).toBe('SP_VAULT_TAMPERED')
    expect(codeOf(() => open({ ...mine, key: theirs.key }, row, find(master)))).toBe('SP_VAULT_TAMPERED')
    expect(codeOf(() => open(mine, { ...row, version: 2 }, find(master)))).toBe('SP_VAULT_TAMPERED')
  })

  test('T-129: without its master key, with another one under its name, or under another name, nothing opens', () => {
    expect(codeOf(() => open(sealed(), row, find(other)))).toBe('SP_VAULT_KEY_MISSING')
    expect(codeOf(() => open(sealed(), row, find({ ...other, id: 'k1' })))).toBe('SP_VAULT_TAMPERED')
    expect(codeOf(() => open({ ...sealed(), master: 'k2' }, row, find({ ...master, id: 'k2' })))).toBe(
      'SP_VAULT_TAMPERED',
    )
  })

  test('T-129: another spelling of the same bytes is not the same row', () => {
    const envelope = sealed()
    expect(codeOf(() => open({ ...envelope, value: `${envelope.value}\n` }, row, find(master)))).toBe(
      'SP_VAULT_TAMPERED',
    )
    expect(codeOf(() => open({ ...envelope, value: '' }, row, find(master)))).toBe('SP_VAULT_TAMPERED')
  })

  test('SEC-4.3: under a new master key the value is untouched and the old key opens nothing', () => {
    const before = sealed()
    const after = rewrap(before, row, find(master), other, random)
    expect(after.value).toBe(before.value)
    expect(open(after, row, find(other)).toString()).toBe('the value')
    expect(codeOf(() => open(after, row, find(master)))).toBe('SP_VAULT_KEY_MISSING')
  })
})
