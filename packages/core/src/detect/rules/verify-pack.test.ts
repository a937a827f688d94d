import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../json/canonical.ts'
import type { JsonObject } from '../../json/types.ts'
import { PACK_FORMAT, type PackKey, type PackRule, type RulePack } from './pack.ts'
import { packKeyId, signPack, verifyPack, type VerifiedPack } from './verify-pack.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(12)
const KEYS: readonly PackKey[] = [{ id: packKeyId(raw), publicKey: raw.toString('base64') }]

const RULE: PackRule = {
  id: 'injection.vault-door',
  category: 'indirect',
  severity: 'high',
  points: 60,
  anchors: ['vault'],
  pattern: String.raw`\bopen\s+the\s+vault\b`,
  positive: ['please Open  the vault now'],
  negative: ['the vault is open'],
}
const pack = (change: Partial<RulePack> = {}, rule: Partial<PackRule> = {}): RulePack => ({
  format: PACK_FORMAT,
  name: 'house',
  version: { number: 4, date: '2026-11-28' },
  rules: [{ ...RULE, ...rule }],
  ...change,
})
const bytesOf = (value: object): Uint8Array => Buffer.from(JSON.stringify(value, null, 2))
const signed = bytesOf(signPack(pack(), privateKey))
/** Signed over what no publisher of ours would sign. */
const forced = (body: object): Uint8Array => {
  const text = `${PACK_FORMAT}\n${canonicalJson(body as JsonObject)}`
  const value = sign(null, Buffer.from(text), privateKey).toString('base64')
  return bytesOf({ ...body, signature: { key: packKeyId(raw), value } })
}
const codeOf = (bytes: Uint8Array, keys = KEYS, current: readonly VerifiedPack[] = []): string => {
  const verdict = verifyPack(bytes, keys, current)
  return verdict.ok ? 'ok' : verdict.code
}
const inForce = (number: number, name = 'house'): VerifiedPack => ({
  ...{ name, digest: '', key: '', rules: [] },
  version: { number, date: '2026-01-01' },
})

describe('a signed pack', () => {
  test('HB-19: holds, and its rules run without regard to case', () => {
    const verdict = verifyPack(signed, KEYS)
    if (!verdict.ok) throw new Error(verdict.detail)
    expect(verdict.pack).toMatchObject({ name: 'house', version: { number: 4 }, key: KEYS[0]?.id })
    const [rule] = verdict.pack.rules
    expect(rule?.find('so OPEN the Vault')).toEqual({ start: 3, end: 17 })
    expect(rule?.find('so open the vault', 4)).toBeUndefined()
    expect(rule?.find('x', 9)).toBeUndefined()
  })

  test('HB-19: says the same of every way to write it', () => {
    const value = JSON.parse(Buffer.from(signed).toString()) as Record<string, unknown>
    const reversed = Object.fromEntries(Object.entries(value).reverse())
    expect(codeOf(Buffer.from(JSON.stringify(reversed)))).toBe('ok')
  })

  test.each([
    ['no signature', bytesOf(pack())],
    ['another key', bytesOf({ ...pack(), signature: { key: '0'.repeat(16), value: 'AA==' } })],
    ['another pack', Buffer.from(Buffer.from(signed).toString().replace('please', 'pleased'))],
    [
      'a signature with another spelling',
      Buffer.from(
        Buffer.from(signed)
          .toString()
          .replace(/("value": ")/, '$1 '),
      ),
    ],
    [
      'a signature without the domain',
      bytesOf({
        ...pack(),
        signature: {
          key: packKeyId(raw),
          value: sign(null, Buffer.from(canonicalJson(pack() as unknown as JsonObject)), privateKey).toString('base64'),
        },
      }),
    ],
  ])('HB-19: is refused with %s', (_, bytes) => {
    expect(codeOf(bytes)).toBe('SP_RULES_SIGNATURE')
  })

  test('HB-19: is refused where its key is not trusted, or the key is not what its id says', () => {
    expect(codeOf(signed, [])).toBe('SP_RULES_SIGNATURE')
    expect(codeOf(signed, [{ id: packKeyId(raw), publicKey: Buffer.alloc(32).toString('base64') }])).toBe(
      'SP_RULES_SIGNATURE',
    )
  })

  test('HB-19: is refused where it does not follow the one in force: older, or the same again', () => {
    expect(codeOf(signed, KEYS, [inForce(3)])).toBe('ok')
    expect(codeOf(signed, KEYS, [inForce(4)])).toBe('SP_RULES_OLDER')
    expect(codeOf(signed, KEYS, [inForce(5)])).toBe('SP_RULES_OLDER')
    expect(codeOf(signed, KEYS, [inForce(9, 'other')])).toBe('ok')
  })

  test.each([
    ['a positive example that it misses', pack({}, { positive: ['close the vault'] })],
    ['a positive example without an anchor', pack({}, { anchors: ['safe'] })],
    ['a negative example that it finds', pack({}, { negative: ['open the vault'] })],
    ['no negative example', pack({}, { negative: [] })],
    ['a pattern that looks back', pack({}, { pattern: '(?<=a)vault' })],
    ['a pattern that refers back', pack({}, { pattern: String.raw`(v)\1` })],
    ['a pattern that matches nothing', pack({}, { pattern: '(vault)*' })],
    ['a pattern that does not close', pack({}, { pattern: '(' })],
    ['a category of its own', pack({}, { category: 'rude' as never })],
    ['too many points', pack({}, { points: 101 })],
    ['an anchor in capitals', pack({}, { anchors: ['Vault'] })],
    ['a rule twice', pack({ rules: [RULE, RULE] })],
    ['no rules', pack({ rules: [] })],
    ['a version that is none', pack({ version: { number: 0, date: '2026-11-28' } })],
    ['a day that is none', pack({ version: { number: 5, date: 'today' } })],
    ['a name with a path', pack({ name: '../x' })],
    ['another format', pack({ format: 'sallyport/rules/2' as never })],
    ['a member that is not known', { ...pack(), eval: 'x' }],
  ])('HB-19: is refused with %s, whoever signed it', (_, body) => {
    expect(codeOf(forced(body))).toBe('SP_RULES_INVALID')
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('rules')],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['half a pack', Buffer.from(signed).subarray(0, signed.length >> 1)],
    ['a list', Buffer.from('[]')],
    ['a key twice', Buffer.from(Buffer.from(signed).toString().replace('{', '{"name":"house",'))],
    ['too much', Buffer.alloc(2_000_001, ' ')],
  ])('HB-19: is refused when it is %s', (_, bytes) => {
    expect(codeOf(bytes)).toBe('SP_RULES_INVALID')
  })

  test('HB-19 T-177: is refused after any change that says something else', () => {
    const text = Buffer.from(signed).toString()
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('"', '0', 'a', '{', ' ', '\\'), (at, unit) => {
        const changed = text.slice(0, at) + unit + text.slice(at + 1)
        const same = (() => {
          try {
            return canonicalJson(JSON.parse(changed) as JsonObject) === canonicalJson(JSON.parse(text) as JsonObject)
          } catch {
            return false
          }
        })()
        expect(codeOf(Buffer.from(changed)) === 'ok').toBe(same)
      }),
    )
  })

  test('T-148: its patterns stay linear', () => {
    const verdict = verifyPack(
      bytesOf(signPack(pack({}, { pattern: '(a+)+vault', positive: ['aavault'], negative: ['vault'] }), privateKey)),
      KEYS,
    )
    if (!verdict.ok) throw new Error(verdict.detail)
    expect(verdict.pack.rules[0]?.find('a'.repeat(100_000))).toBeUndefined()
  })

  test('is not signed when it would be refused', () => {
    expect(() => signPack(pack({}, { positive: ['nothing'] }), privateKey)).toThrow(/positive example 0/)
  })
})
