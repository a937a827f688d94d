import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../json/parse.ts'
import { entrySpans, memberSpans, memberText, withMember, withoutMembers } from './spans.ts'

/** JSON text of objects with odd white space, escapes and number lexemes, as no serialiser would write it. */
const space = fc.constantFrom('', ' ', '\n', ' \t')
const leaf = fc.constantFrom(
  '1.0',
  '-0.5e3',
  '"a\\u0062"',
  '"\\\\"',
  '"}"',
  '"\\""',
  'null',
  'true',
  '[]',
  '{}',
  '[ 1 ,{"x":[2]} ]',
)
const key = fc.constantFrom('a', 'b', 'é', 'a b', 'x"y', '\\', '_meta', 'name')
const objectText = fc
  .uniqueArray(fc.tuple(key, leaf, space, space), { selector: ([name]) => name })
  .map(
    (members) =>
      `{${members.map(([name, value, s, t]) => `${s}${JSON.stringify(name)}${t}:${s}${value}${t}`).join(',')} }`,
  )

describe('spans', () => {
  it('T-075: a member’s text is its lexeme', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        for (const [name, { start, end }] of memberSpans(text)) {
          expect(parseJson(text.slice(start, end))).toEqual((parseJson(text) as Record<string, unknown>)[name])
        }
      }),
    )
  })

  it('T-074: setting a member changes that member and no other byte', () => {
    fc.assert(
      fc.property(objectText, key, (text, name) => {
        const before = memberSpans(text).get(name)
        const after = withMember(text, name, '[ 7.0]')
        expect(memberText(after, name)).toBe('[ 7.0]')
        if (before !== undefined) {
          expect(after.slice(0, before.start)).toBe(text.slice(0, before.start))
          expect(after.slice(before.start + 6)).toBe(text.slice(before.end))
        }
      }),
    )
  })

  it('T-069: dropping members keeps the others byte for byte', () => {
    fc.assert(
      fc.property(objectText, key, (text, name) => {
        const after = withoutMembers(text, (one) => one === name)
        expect(memberText(after, name)).toBeUndefined()
        for (const one of memberSpans(text).keys()) {
          if (one !== name) expect(memberText(after, one)).toBe(memberText(text, one))
        }
        expect(() => parseJson(after)).not.toThrow()
      }),
    )
  })

  it('T-075: array entries keep their text', () => {
    const text = '[ 1.0, "a]" ,{"b":[1,2]},[] ]'
    expect(entrySpans(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      '1.0',
      '"a]"',
      '{"b":[1,2]}',
      '[]',
    ])
  })
})
