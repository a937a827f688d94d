import { escapeText, unescapeText } from '@sallyport/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segments, segmentsOfEscaped } from '../../packages/console/src/ui/segments.ts'

const shown = (text: string): string =>
  segments(text)
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'break' ? part.sign : `[${part.shown}]`))
    .join('')

describe('words of others in the console', () => {
  it('T-032: every character that would not be seen is a chip with its code point', () => {
    expect(shown('a\u202eb\u202c')).toBe('a[U+202E]b[U+202C]')
    expect(shown('pay\u200bpal')).toBe('pay[U+200B]pal')
    expect(shown('one\ttwo\nthree')).toBe('one→two↵three')
    expect(shown('end\u{e0041}\u{e0042}\u{e0043}\u{e0044}')).toBe('end[4 tag characters]')
    expect(shown('a\u00a0b')).toBe('a[U+00A0]b')
    expect(shown('back\\u{41}slash')).toBe('back\\u{41}slash')
  })

  it('T-032: letters that reorder their neighbours stand alone in their chip', () => {
    expect(shown('a\u05d0b')).toBe('a[\u05d0 U+05D0]b')
  })

  it('T-034: whatever the text, the pieces are the escaped text and nothing of it is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const parts = segmentsOfEscaped(escapeText(text))
        for (const part of parts)
          if (part.kind === 'text') expect(escapeText(part.text).replaceAll('\\\\', '\\')).toBe(part.text)
        expect(unescapeText(escapeText(text))).toBe(text)
      }),
    )
  })
})
