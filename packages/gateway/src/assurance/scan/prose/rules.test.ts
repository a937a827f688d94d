import { describe, expect, test } from 'vitest'
import { LEXICON } from './lexicon.ts'
import { matchProse } from './match.ts'
import { readProse } from './read.ts'
import { parseTerms } from './rule.ts'
import { PROSE_RULES } from './rules.ts'

const concepts = new Set(LEXICON.map(({ id }) => id))

describe('rules over prose', () => {
  test('HB-34: every term of every rule is a concept of the lexicon', () => {
    const unknown = PROSE_RULES.flatMap(({ id, when }) =>
      when.flatMap((row) =>
        parseTerms(row)
          .flatMap(({ first, second }) => [...first, ...second])
          .filter((term) => !concepts.has(term))
          .map((term) => `${id}: ${term}`),
      ),
    )
    expect(unknown).toEqual([])
  })

  for (const [index, rule] of PROSE_RULES.entries()) {
    const place = rule.places?.[0] ?? 'skill'
    const hits = (text: string) => matchProse(readProse(text), [rule], place)
    test(`HB-28: ${rule.id} (${index}) finds what it is for and nothing near it`, () => {
      expect(rule.positive.filter((text) => hits(text).length === 0)).toEqual([])
      expect(rule.negative.filter((text) => hits(text).length > 0)).toEqual([])
    })
  }

  test('HB-28: no rule takes a near miss of another for an attack', () => {
    const wrong = PROSE_RULES.flatMap((rule) =>
      rule.negative.flatMap((text) =>
        matchProse(readProse(text), PROSE_RULES, 'skill')
          .filter(({ taught }) => !taught)
          .map((hit) => `${hit.rule.id}: ${text}`),
      ),
    )
    expect(wrong).toEqual([])
  })
})
