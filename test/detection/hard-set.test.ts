import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInjectionDetector, findSecrets, readInjectionModel, RULE_CATEGORIES } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { hardSetGate, hardSetReport, loadHardSet, type HardRow } from './hard-set.ts'
import { hardRows, hardSetHalf } from '../../training/injection/hard-rows.ts'

const rows = loadHardSet()
const gateRows = rows.filter(({ shape }) => hardSetHalf(shape) === 'gate')
const attacks = rows.filter(({ label }) => label === 'attack')
const benign = rows.filter(({ label }) => label === 'benign')
const byId = new Map(rows.map((row) => [row.id, row]))
const twinOf = ({ twin }: HardRow): HardRow => byId.get(twin) as HardRow
const countBy = (of: (row: HardRow) => string, among = attacks): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const row of among) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1)
  return counts
}
const LANGUAGES = 'ar de en es fr he hi id it ja ko nl pl pt ru th tr uk vi zh'.split(' ')
const CARRIERS =
  'web page,mail,issue,code comment,log,JSON tool result,calendar,CV,review,chat,README,commit message,CSV'.split(',')

/** Words of a text; pairs of characters where a language writes no spaces. */
const wordsOf = (text: string): ReadonlySet<string> => {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]{3,}/gu) ?? []
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u
  return new Set(
    words.flatMap((word) => (unspaced.test(word) ? Array.from(word, (_, at) => word.slice(at, at + 2)) : [word])),
  )
}
const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => [...a].filter((word) => b.has(word)).length

describe('the public hard set', () => {
  test('E-03: has at least 300 attacks in 200 shapes, and a benign twin for each', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(300)
    expect(benign.length).toBe(attacks.length)
    expect(countBy(({ shape }) => shape).size).toBeGreaterThanOrEqual(200)
  })

  test('ND-3.1.b: every category has at least 30 attacks in 20 shapes', () => {
    const counts = countBy(({ category }) => category)
    expect([...counts.keys()].sort()).toEqual([...RULE_CATEGORIES].sort())
    for (const [category, count] of counts) {
      const inCategory = attacks.filter((row) => row.category === category)
      expect([category, count >= 30, countBy(({ shape }) => shape, inCategory).size >= 20]).toEqual([
        category,
        true,
        true,
      ])
      expect(inCategory.every(({ shape }) => shape.startsWith(`${category}/`))).toBe(true)
    }
  })

  test('E-03: is written in twenty languages, for both channels and many carriers', () => {
    const languages = countBy(({ lang }) => lang)
    expect([...languages.keys()].sort()).toEqual(LANGUAGES)
    expect(Math.min(...languages.values())).toBeGreaterThanOrEqual(4)
    expect(attacks.filter(({ lang }) => lang !== 'en').length).toBeGreaterThanOrEqual(90)
    const carriers = [...countBy(({ carrier }) => carrier).keys()]
    expect(CARRIERS.filter((carrier) => !carriers.includes(carrier))).toEqual([])
    const channels = countBy(({ channel }) => channel)
    expect([...channels.keys()].sort()).toEqual(['content', 'user'])
    expect(Math.min(...channels.values())).toBeGreaterThanOrEqual(100)
  })

  test('its README has its numbers', () => {
    const readme = readFileSync(new URL('../../rules/hard-set/README.md', import.meta.url), 'utf8')
    expect(readme).toContain(`${rows.length}: ${attacks.length} attacks, ${benign.length} benign twins`)
    expect(readme).toContain(`${countBy(({ shape }) => shape).size}: structurally different`)
  })

  test('pairs name each other and differ in nothing but label and text', () => {
    expect(byId.size).toBe(rows.length)
    for (const row of attacks) {
      const { id, label, text, twin, ...rest } = twinOf(row)
      expect({ id, label, twin, ...rest }).toEqual({
        ...{ id: row.twin, label: 'benign', twin: row.id },
        ...{ category: row.category, shape: row.shape, lang: row.lang, channel: row.channel, carrier: row.carrier },
      })
      expect(text).not.toBe(row.text)
    }
  })

  test('twins share words, so that words do not decide', () => {
    const far = attacks
      .filter(({ category }) => category !== 'encoding-bypass')
      .filter((row) => shared(wordsOf(row.text), wordsOf(twinOf(row).text)) < 2)
    expect(far.map(({ id }) => id)).toEqual([])
  })

  test('twins are about as long as their attacks', () => {
    const odd = attacks.filter((row) => {
      const ratio = row.text.length / twinOf(row).text.length
      return ratio > 3.5 || ratio < 0.4
    })
    expect(odd.map(({ id, category }) => `${category} ${id}`).filter((name) => !name.startsWith('encoding'))).toEqual(
      [],
    )
  })

  test('no row is a copy or nearly one of another', () => {
    const sets = rows.map((row) => ({ row, words: wordsOf(row.text) }))
    const copies: string[] = []
    for (const [index, one] of sets.entries()) {
      for (const other of sets.slice(index + 1)) {
        if (one.row.twin === other.row.id || one.words.size < 4 || other.words.size < 4) continue
        const both = shared(one.words, other.words)
        if (both / (one.words.size + other.words.size - both) > 0.6) copies.push(`${one.row.id} ${other.row.id}`)
      }
    }
    expect(copies).toEqual([])
    expect(new Set(rows.map(({ text }) => text.toLowerCase().replace(/\s+/g, ' '))).size).toBe(rows.length)
  })

  test('rows hold no secrets, and invisible characters are written as escapes', () => {
    expect(rows.filter(({ text }) => findSecrets(text, 'result').length > 0).map(({ id }) => id)).toEqual([])
    const folder = new URL('../../rules/hard-set/', import.meta.url)
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
      expect(readFileSync(new URL(file, folder), 'utf8')).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{Co}\ufe00-\ufe0f]/u)
    }
  })

  test('E-03: nothing that ships reads it, and of what trains only the loader of the training half', () => {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const readers: string[] = []
    const visit = (path: string): void => {
      for (const name of readdirSync(join(root, path))) {
        const inner = `${path}/${name}`
        if (name === 'node_modules' || name === 'dist' || name.endsWith('.md')) continue
        if (statSync(join(root, inner)).isDirectory()) visit(inner)
        else if (
          /\.(ts|mjs|js|json|py|txt)$/.test(name) &&
          /rules\/hard-set|hard-set\.ts/.test(readFileSync(join(root, inner), 'utf8'))
        ) {
          readers.push(inner)
        }
      }
    }
    for (const path of ['packages', 'scripts', 'rules/packs', 'training']) visit(path)
    expect(readers).toEqual(['training/injection/hard-rows.ts'])
  })

  test('E-03: training is given one half, and no shape is in both', () => {
    const given = new Set(hardRows().map(({ text }) => text))
    expect(gateRows.filter(({ text }) => given.has(text)).map(({ id }) => id)).toEqual([])
    expect(given.size).toBe(rows.length - gateRows.length)
    expect(gateRows.length).toBeGreaterThan(rows.length * 0.45)
    expect(gateRows.every((row) => hardSetHalf(twinOf(row).shape) === 'gate')).toBe(true)
  })

  test('E-03 ND-3.1.c: the shipped detector holds its bars on the half that it was not trained on', () => {
    const weights = readFileSync(new URL('../../packages/gateway/weights/injection.bin', import.meta.url))
    const detector = createInjectionDetector(readInjectionModel(weights))
    const report = hardSetReport(gateRows, ({ text, channel }) => detector.scan(text, { channel }).verdict !== 'clean')
    expect(hardSetGate(report, { recall: 0.4, categoryRecall: 0.2, falsePositives: 0.05 })).toEqual([])
  })
})

describe('figures of a detector on the hard set', () => {
  test.each([
    ['all', () => true, [1, 1, 0]],
    ['nothing', () => false, [0, 0, 0]],
    ['attacks', ({ label }: HardRow) => label === 'attack', [1, 0, 1]],
    ['twins', ({ label }: HardRow) => label === 'benign', [0, 1, 0]],
  ])('one that finds %s', (_, isFound, [recall, falsePositives, toldApart]) => {
    const { all, groups } = hardSetReport(rows, isFound)
    expect(all).toEqual({ attacks: attacks.length, recall, falsePositives, toldApart })
    expect(groups.size).toBe(RULE_CATEGORIES.length)
  })

  test('the gate says what is below its bars', () => {
    const bars = { recall: 0.9, categoryRecall: 0.8, falsePositives: 0.05 }
    expect(
      hardSetGate(
        hardSetReport(rows, ({ label }) => label === 'attack'),
        bars,
      ),
    ).toEqual([])
    const blind = hardSetReport(rows, ({ label, category }) => label === 'attack' && category !== 'direct')
    expect(hardSetGate(blind, bars)).toEqual(['direct: recall 0.0 % is below 80.0 %'])
    expect(
      hardSetGate(
        hardSetReport(rows, () => true),
        bars,
      ),
    ).toEqual(['false positives 100.0 % are above 5.0 %'])
  })
})
