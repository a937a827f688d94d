import { readFileSync } from 'node:fs'
import { SallyportError } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { createReadSource } from '../../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { createCodeScanner } from '../../packages/gateway/src/assurance/scan/code/scan-code.ts'
import type { Language } from '../../packages/gateway/src/assurance/scan/code/syntax.ts'

const LANGUAGES: readonly Language[] = ['javascript', 'typescript', 'python', 'go', 'ruby', 'java', 'bash']
const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))
const cases = readFileSync(new URL('fixtures/code-cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly lang: Language; readonly input?: string })

/** Scans, and lets only errors of our own pass. @returns milliseconds */
function survive(text: string, language: Language): number {
  const started = performance.now()
  try {
    scan(text, language)
  } catch (thrown) {
    expect(thrown, `${language}: ${text.slice(0, 80)}`).toBeInstanceOf(SallyportError)
  }
  return performance.now() - started
}

/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

describe('hostile programs', () => {
  it('cut anywhere, they neither crash nor hang', () => {
    const random = numbers(7)
    for (const { lang, input } of cases) {
      if (input === undefined) continue
      for (let i = 0; i < 3; i++) survive(input.slice(0, Math.floor(random() * input.length)), lang)
      survive(input.slice(Math.floor(random() * input.length)), lang)
    }
  })

  it('a branch that gives 80 000 names a value is followed to its end', () => {
    const all = (between: string): string => Array.from({ length: 80_000 }, (_, i) => `n${i} = ${i}`).join(between)
    const javascript = `if (x) {\n${all(';\n')}\n} else {\n${all(';\n')}\n}\neval(y)`
    const python = `if x:\n  ${all('\n  ')}\nelse:\n  ${all('\n  ')}\neval(y)`
    expect(scan(javascript, 'javascript').complete).toBe(true)
    expect(scan(python, 'python').complete).toBe(true)
  })

  it('shuffled and read as another language, they neither crash nor hang', () => {
    const random = numbers(11)
    for (const [i, { input }] of cases.entries()) {
      if (input === undefined) continue
      const characters = [...input]
      for (let swaps = 0; swaps < 12; swaps++) {
        const [a, b] = [Math.floor(random() * characters.length), Math.floor(random() * characters.length)]
        ;[characters[a], characters[b]] = [characters[b] as string, characters[a] as string]
      }
      survive(characters.join(''), LANGUAGES[i % LANGUAGES.length] as Language)
    }
  })

  it.each(LANGUAGES)(
    'deep, long and repeated %s ends in bounded time',
    (language) => {
      const deep = 20_000
      const texts = [
        '('.repeat(deep),
        '['.repeat(deep) + ']'.repeat(deep),
        '{'.repeat(deep),
        `x = ${'f('.repeat(deep)}1${')'.repeat(deep)}`,
        `x = ${'a+'.repeat(deep)}a`,
        `x = "${'a'.repeat(400_000)}"`,
        'if (x) '.repeat(5_000),
        `${'a.'.repeat(deep)}b()`,
        '"'.repeat(9_999),
        '`${'.repeat(5_000),
        '\u0000\ud800\uffff'.repeat(1_000),
        'x = x + x\n'.repeat(5_000),
      ]
      for (const text of texts) expect(survive(text, language), text.slice(0, 20)).toBeLessThan(30_000)
    },
    300_000,
  )

  it('functions that call each other do not multiply', () => {
    const calls = Array.from(
      { length: 40 },
      (_, i) => `function f${i}(a) { ${Array.from({ length: 40 }, (_n, j) => `f${j}(a)`).join('; ')}; return eval(a) }`,
    )
    expect(survive(calls.join('\n'), 'javascript')).toBeLessThan(30_000)
    const aliases = Array.from({ length: 2_000 }, (_, i) => `const v${i + 1} = c ? v${i} : w${i}`)
    expect(survive(aliases.join('\n'), 'javascript')).toBeLessThan(30_000)
  }, 120_000)

  it('T-145: an object that is filled 60 000 times is followed to its end', () => {
    const filled = Array.from({ length: 60_000 }, (_, i) => `o["k${i}"] = o`)
    const text = [
      'import os',
      'def f(name):',
      ...['o = {}', ...filled, 'os.system("ls " + name)'].map((line) => `  ${line}`),
    ]
    expect(scan(text.join('\n'), 'python').findings.map(({ rule }) => rule)).toEqual(['code.dangerous_execution.shell'])
  }, 60_000)

  it('T-145: a parameter that is passed on 60 000 times is followed to its end', () => {
    const text = [
      'function g(x) {}',
      'function f(a) {',
      ...Array<string>(60_000).fill('g(a)'),
      '}',
      'f("x")',
      'eval(y)',
    ]
    expect(scan(text.join('\n'), 'javascript').findings.map(({ rule }) => rule)).toEqual([
      'code.dangerous_execution.code',
    ])
  }, 15_000)

  it('T-145: branches behind branches do not multiply, and what they make is followed', () => {
    const branches = Array.from({ length: 1_000 }, (_, i) => `  if v.a${i}:\n    x = x + v.b${i}\n`)
    const started = performance.now()
    const { findings } = scan(`def f(v):\n  x = ""\n${branches.join('')}  os.system(x)\n`, 'python')
    expect(findings.map(({ rule }) => rule)).toEqual(['code.dangerous_execution.shell'])
    expect(performance.now() - started).toBeLessThan(15_000)
  }, 120_000)

  it.each([2, 5, 30])(
    'T-145: what strangers choose is followed through %i calls, and what they do not is not',
    (depth) => {
      const calls = Array.from({ length: depth }, (_, i) => `function f${i}(x) { return f${i + 1}(x) }\n`).join('')
      const program = `${calls}function f${depth}(x) { eval(x) }\n`
      expect(scan(`${program}app.get('/', (req) => f0(req.query.x))`, 'javascript').findings.length).toBe(1)
      expect(scan(program, 'javascript').findings.length).toBe(1)
      expect(scan(`${program}f0('1 + 1')`, 'javascript').findings).toEqual([])
    },
  )

  it('T-145: a program with more steps than are followed is an error and never clean', () => {
    const text = `${'x=1\n'.repeat(450_000)}import os\nos.system(input())\n`
    expect(() => scan(text, 'python')).toThrow(/too much to be followed/)
  }, 120_000)

  it('a file without a parser, or too large, is an error and never clean', () => {
    expect(() => scan('x'.repeat(5 * 1024 * 1024), 'python')).toThrow(/characters/)
    expect(() => scan('const = = ;', 'javascript')).toThrow(/cannot be read/)
  })
})
