import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'

test('T-169: the same bytes as the reference implementation of RFC 8785, for any value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(canonicalJson(value as never)).toBe(canonicalize(value))
    }),
    { numRuns: 2000 },
  )
})

test('T-169: keys that look like integers, prototypes and surrogates', () => {
  const proto = JSON.parse('{"__proto__":{"x":1},"a":2}') as never
  for (const value of [
    { 10: 1, 9: 2, a: 3 },
    proto,
    { '\ud83d\ude00': 1, '\ufb33': 2 },
    { toJSON: 1 },
    '\u2028\\ud',
    [1e21, -0, 1e-7],
  ]) {
    expect(canonicalJson(value as never)).toBe(canonicalize(value))
  }
})

test.each([
  ['NaN', Number.NaN],
  ['a lone surrogate', '\ud800'],
])('%s has no canonical form', (_what, value) => {
  expect(() => canonicalJson({ value } as never)).toThrow(/canonical form/)
})
