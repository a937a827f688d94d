import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText, unescapeText } from './escape.ts'
import { spansOf } from './spans.ts'
import { warningsFor } from './warnings.ts'

const HIDDEN = [
  ...Array.from(
    '\u202e\u202d\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u061c\u200e\u200f\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f',
  ),
  ...Array.from(
    '\u1160\u17b4\u3164\uffa0\u180e\ufe0f\ufe00\u2028\u2029\u0085\u00a0\u2003\u0301\u0336\u20dd\u0489\u0000\u0007\b\u001b\u007f\u009b',
  ),
  ...['\u{e0100}', '\u{e0041}', '\u{e007f}', '\ud800', '\udfff', '\ue000', '\u{f0000}', '\u0378', 'א', 'ب'],
]
const AROUND = [
  (one: string) => `pay${one}pal.com`,
  (one: string) => `${one}${one}${one}bob@corp.com`,
  (one: string) => `rm -rf /tmp/x${one}\n`,
  (one: string) => `https://corp.com/${one}?a=1`,
]
const joined = (value: string): string =>
  (spansOf(value) ?? [{ text: escapeText(value) }]).map(({ text }) => text).join('')

describe('what is marked in a value', () => {
  it('T-032: 200 hostile strings: the pieces are what every other surface shows, and read back as the same bytes', () => {
    const corpus = HIDDEN.flatMap((one) => AROUND.map((around) => around(one)))
    expect(corpus.length).toBeGreaterThanOrEqual(200)
    for (const value of corpus) {
      expect(joined(value), JSON.stringify(value)).toBe(escapeText(value))
      expect(unescapeText(joined(value))).toBe(value)
      expect(
        spansOf(value)?.some(({ kind }) => kind === 'hidden'),
        JSON.stringify(value),
      ).toBe(true)
    }
  })

  it('T-032: any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (value) => {
        expect(joined(value)).toBe(escapeText(value))
        expect(unescapeText(joined(value))).toBe(value)
      }),
      { numRuns: 2000 },
    )
  })

  it('hidden characters carry their code point and how many there are', () => {
    expect(spansOf('a\u{e0041}\u{e0041}\u202eb\n')).toEqual([
      { text: 'a', kind: 'plain' },
      { text: '\\u{e0041}\\u{e0041}', kind: 'hidden', code: 'U+E0041', count: 2 },
      { text: '\\u{202e}', kind: 'hidden', code: 'U+202E' },
      { text: 'b', kind: 'plain' },
      { text: '\\n', kind: 'break', code: 'U+000A' },
    ])
  })

  it('T-033: the part that has an owner, letters that imitate others, and words of two scripts', () => {
    const kinds = (value: string, kind: string) =>
      (spansOf(value) ?? []).flatMap((span) => (span.kind === kind ? [span.text] : []))
    expect(kinds('bob@mail.corp.co.uk', 'domain')).toEqual(['corp.co.uk'])
    expect(kinds('https://corp.com.evil.example.com/corp.com', 'domain')).toEqual(['example.com'])
    expect(kinds('p\u0430ypal.com', 'lookalike')).toEqual(['\u0430'])
    expect(kinds('p\u0430ypal.com', 'mixed').join('')).toBe('pypal')
    expect(spansOf('just words, and a file.txt in /home')).toBeUndefined()
    expect(spansOf('Grüße aus Köln')).toBeUndefined()
  })
})

describe('T-033: look-alikes of known counterparties', () => {
  const NAMES = [
    'paypal',
    'microsoft',
    'wikipedia',
    'clover',
    'billing',
    'modern',
    'meridian',
    'globalbank',
    'dropbox',
    'cloudpeak',
    'windmill',
  ]
  const CHANGES: readonly ((name: string) => string)[] = [
    (name) => name.replace('a', '\u0430'),
    (name) => name.replace('o', '\u043e'),
    (name) => name.replace('e', '\u0435'),
    (name) => name.replace('i', '\u0456'),
    (name) => name.replace('p', '\u0440'),
    (name) => name.replace('c', '\u0441'),
    (name) => name.replace('l', 'I'),
    (name) => name.replace('l', '1'),
    (name) => name.replace('o', '0'),
    (name) => name.replace('m', 'rn'),
    (name) => name.replace('w', 'vv'),
    (name) => name.replace('d', 'cl'),
    (name) => name.replace('i', '\u00ed'),
    (name) => name.replace(/^./, (first) => String.fromCodePoint((first.codePointAt(0) ?? 0) + 0xfee0)),
    (name) => `${name}-login`,
    (name) => name.replace(/(.)(.)(.)$/, '$1$3$2'),
    (name) => name.slice(0, 3) + name.slice(4),
    (name) => name.slice(0, 3) + (name[2] ?? '') + name.slice(3),
  ]
  const pairs = NAMES.flatMap((name) =>
    CHANGES.map((change) => [change(name), name] as const)
      .filter(([like]) => like.toLowerCase() !== name)
      .flatMap(([like]) => [
        [`${like}.com`, `${name}.com`] as const,
        [`accounts@${like}.com`, `accounts@${name}.com`] as const,
        [`https://${like}.com/pay`, `https://${name}.com/pay`] as const,
      ]),
  )

  it('each of 300 pairs is warned about, and the known one itself is not', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(300)
    const silent = pairs.filter(([value, known]) => warningsFor(value, [known]).length === 0)
    expect(silent).toEqual([])
    for (const [, known] of pairs) expect(warningsFor(known, [known])).toEqual([])
  })
})
