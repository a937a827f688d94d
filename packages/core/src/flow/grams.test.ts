import { expect, test } from 'vitest'
import { eachPiece } from './grams.ts'

function pieces(text: string) {
  const grams: string[] = []
  const tokens: { readonly key: string; readonly telling: boolean; readonly letters: number; readonly end: number }[] =
    []
  let odd = 0
  const count = eachPiece(text, {
    take: ({ low, high, end, token, size }) => {
      for (let at = 0; at < size; at++) {
        const key = `${high[at]}:${low[at]}`
        const kind = token[at] ?? 0
        if (kind === 0) grams.push(key)
        else tokens.push({ key, telling: (kind & 1) === 1, letters: kind >> 1, end: end[at] ?? 0 })
      }
    },
    odd: (found) => void (odd = found),
  })
  return { count, grams, tokens, odd }
}
const grams = (text: string) => pieces(text).grams

test('letters and digits make the runs, however they are cased, spaced and marked', () => {
  expect(grams('Abc Def-GH')).toHaveLength(1)
  expect(grams('a.b c\nd_E(f)g h')).toEqual(grams('abcdefgh'))
  expect(pieces('abcdefghij').count).toBe(10)
  expect(grams('abcdefghij')).toHaveLength(3)
  expect(grams('abcdefg')).toHaveLength(0)
})

test('T-105: runs of ASCII letters have keys of their own: no two share one', () => {
  const seen = new Set<string>()
  let text = ''
  for (let at = 0; at < 40_000; at++)
    text += Math.imul(at ^ (at >>> 3), 0x9e3779b1)
      .toString(36)
      .replace('-', 'q')
  const compact = text.toLowerCase()
  for (let at = 0; at + 8 <= compact.length; at++) seen.add(compact.slice(at, at + 8))
  expect(new Set(grams(text)).size).toBe(seen.size)
})

test('T-101: a key of a run is never the key of a token, and look-alikes differ', () => {
  const all = pieces('abcdefgh').tokens.map(({ key }) => key)
  expect(all).not.toContain(grams('abcdefgh')[0])
  expect(grams('аbcdefgh')).not.toEqual(grams('abcdefgh'))
  expect(grams('ａｂｃｄｅｆｇｈ')).toEqual(grams('abcdefgh'))
  expect(grams('abc\u200bdefgh')).toEqual(grams('abcdefgh'))
  expect(grams('ГРАНИЦЫ1')).toEqual(grams('границы1'))
})

test('a token goes from its first to its last letter or digit', () => {
  const of = (text: string) => pieces(text).tokens.map(({ key }) => key)
  expect(of('"bob@corp.com",')).toEqual(of('Bob@Corp.com'))
  expect(of('(--bob@corp.com...)')).toEqual(of('bob@corp.com'))
  expect(of('bob@corp.com')).not.toEqual(of('bob.corp@com'))
  expect(of('a b')).toHaveLength(2)
  expect(of('https://x.io/aB')).not.toEqual(of('https://x.io/ab'))
  expect(of('X.io')).toEqual(of('x.io'))
  expect(of('été@corp.fr')).not.toEqual(of('étè@corp.fr'))
})

test('codes, addresses and numbers are telling, words are not', () => {
  const telling = (text: string) => pieces(text).tokens.map((each) => each.telling)
  expect(telling('QX-4711 bob@corp.com 4711 a.b.c.d')).toEqual([true, true, true, true])
  expect(telling('problem-solving and/or word 42')).toEqual([false, false, false, false])
})

test('T-105: what no piece shows is counted when there is more of it than honest text has', () => {
  expect(pieces('Hello, world! (See "notes"; it’s here: a/b.) 🎉').odd).toBe(0)
  expect(pieces(`| a | b |\n|---|---|\n| one | two |`).odd).toBe(0)
  expect(pieces('function f(a, b) {\n    return (a + b) * 2;\n}\n').odd).toBe(0)
  expect(pieces(`Hi${'\u200b\u200c'.repeat(50)}`).odd).toBe(96)
  expect(pieces('!?'.repeat(50)).odd).toBeGreaterThan(50)
  expect(pieces(' \t'.repeat(200)).odd).toBeGreaterThan(300)
})

test('batches hide no piece', () => {
  const text = Array.from({ length: 2_000 }, (_, at) => `w${at}`).join(' ')
  const found = pieces(text)
  expect(found.tokens).toHaveLength(2_000)
  expect(found.grams).toHaveLength(found.count - 7)
})
