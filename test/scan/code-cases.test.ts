import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createReadSource } from '../../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { CATEGORIES, type Category } from '../../packages/gateway/src/assurance/scan/code/rule.ts'
import { createCodeScanner } from '../../packages/gateway/src/assurance/scan/code/scan-code.ts'
import type { Language } from '../../packages/gateway/src/assurance/scan/code/syntax.ts'

interface Case {
  readonly category: Category
  readonly lang: Language
  readonly label: 'vulnerable' | 'safe'
  readonly input?: string
  readonly parts?: readonly string[]
}

const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))
const cases = readFileSync(new URL('fixtures/code-cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
const textOf = ({ input, parts }: Case): string => input ?? parts?.join('') ?? ''
const isHit = (one: Case): boolean =>
  scan(textOf(one), one.lang).findings.some(({ category }) => category === one.category)

describe.each(CATEGORIES)('HB-97 HB-98 HB-99 HB-100 HB-101 HB-102 HB-103: %s, twins in seven languages', (wanted) => {
  const own = cases.filter(({ category }) => category === wanted)

  it('finds what is dangerous', () => {
    const missed = own.filter((one) => one.label === 'vulnerable' && !isHit(one))
    expect(missed.map(textOf)).toEqual([])
  })

  it('leaves the safe twin alone', () => {
    const wrong = own.filter((one) => one.label === 'safe' && isHit(one))
    expect(wrong.map(textOf)).toEqual([])
  })
})

it('E-80 HB-107: the same code in a comment or a string is no finding, but a secret in a comment is', () => {
  for (const [lang, mark] of [
    ['python', '#'],
    ['javascript', '//'],
    ['go', '//'],
    ['ruby', '#'],
    ['java', '//'],
    ['bash', '#'],
  ] as const) {
    const inner = cases.filter((one) => one.lang === lang && one.label === 'vulnerable' && one.input !== undefined)
    for (const one of inner) {
      const commented = textOf(one)
        .split('\n')
        .map((line) => `${mark} ${line}`)
        .join('\n')
      const found = scan(commented, lang).findings.filter(({ category }) => category !== 'hardcoded_credentials')
      expect(found, commented).toEqual([])
    }
    const token = ['ghp', '_', 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo'].join('')
    expect(scan(`${mark} old token: ${token}\n`, lang).findings).toHaveLength(1)
  }
})
