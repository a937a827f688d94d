import { describe, expect, it } from 'vitest'
import { misleadingCharacters } from './characters.ts'

describe('misleading characters', () => {
  it.each([
    ['rm\u200b -rf x', 'U+200B'],
    ['echo \u202ecba', 'U+202E'],
    ['c\u0430t /etc/hosts', 'U+0430'],
    ['a\u00a0b', 'U+00A0'],
    ['a\x1b[2Kb', 'U+001B'],
    ['a\rb', 'U+000D'],
    ['ls \u{e0041}', 'U+E0041'],
    ['r\u00adm', 'U+00AD'],
    ['a\u2028b', 'U+2028'],
  ])('TM-EXEC-004: %j', (source, name) => {
    expect(misleadingCharacters(source)).toBe(name)
  })

  it('TM-EXEC-004: text in other scripts, accents, units and emoji are ordinary', () => {
    for (const text of [
      'größe café',
      '修正（バグ）',
      '10 μs',
      'Δx Ω',
      'привет мир',
      '👩\u200d💻 ✔️',
      'a\r\nb',
      'naïve\ttab',
    ]) {
      expect([text, misleadingCharacters(text)]).toEqual([text, undefined])
    }
  })
})
