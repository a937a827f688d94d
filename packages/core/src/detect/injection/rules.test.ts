import { describe, expect, it } from 'vitest'
import { fold } from '../text/fold.ts'
import { createLexicon } from './lexicon.ts'
import { createMatcher } from './match.ts'
import { INJECTION_CATEGORIES } from './rule.ts'
import { INJECTION_RULES } from './rules.ts'
import { createTokens, tokenise } from './tokens.ts'

const lexicon = createLexicon()
const tokens = createTokens()
const match = createMatcher(INJECTION_RULES)
const hits = (text: string): readonly string[] => {
  const folded = fold(text).text
  return match(folded, tokenise(folded, tokens, lexicon)).map(({ rule }) => rule.id)
}

describe('ND-3.1.a: rules', () => {
  for (const { id, positive, negative } of INJECTION_RULES) {
    it(`ND-3.1.a: ${id} hits what it is for`, () => {
      for (const text of positive) expect(hits(whole(id, text)), text).toContain(id)
    })
    it(`ND-3.1.a: ${id} spares near misses`, () => {
      for (const text of negative) expect(hits(text), text).not.toContain(id)
    })
  }

  it('ND-3.1.b E-41: covers the ten categories, and AC-3.1.3 the four severities', () => {
    const seen = new Set(INJECTION_RULES.map(({ category }) => category))
    expect(INJECTION_CATEGORIES.filter((category) => !seen.has(category))).toEqual([])
    expect(new Set(INJECTION_RULES.map(({ severity }) => severity)).size).toBe(4)
  })

  it('E-39: what honest code and logs hold is weak', () => {
    for (const id of ['rm-rf', 'eval-call', 'base64-marker', 'unicode-escapes', 'angle-brackets', 'bracketed-role'])
      expect(INJECTION_RULES.find((rule) => rule.id === id)?.points).toBeLessThan(0.3)
  })
})

/** The bar cuts examples apart, except where it belongs to them. */
const whole = (id: string, text: string): string =>
  id === 'chat-template' ? text.replace(/(?<=>)\|/, '') : text.replaceAll('|', '')
