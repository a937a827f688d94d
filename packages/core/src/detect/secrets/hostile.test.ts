import { describe, expect, it } from 'vitest'
import { TOKEN_FAMILIES } from './anchors.ts'
import { PATTERNS } from './families/patterns.ts'
import { findSecrets } from './find.ts'
import { createSecretStream } from './stream.ts'

const FILLERS = [
  'a',
  'aB3',
  ':',
  '-',
  '_',
  ' ',
  '=',
  '/',
  '.',
  '@',
  '"',
  "'",
  '\\',
  '%',
  '&',
  '\n',
  '\u200b',
  'é',
  '0, ',
]
const MORE = [
  '\\n',
  'a-',
  'eyJ.',
  '%25',
  '\\u005c',
  '&amp;',
  '"+"',
  'a\n',
  '://a:',
  'key=',
  'password is ',
  ' -p',
  '- ',
  'A ',
  '\ud83d',
]
const SIZE = 60_000
const fill = (filler: string): string => filler.repeat(Math.ceil(SIZE / filler.length))

/** Each of these is done in milliseconds when the work is linear, and never when it is not: the runner's limit is the judge. */
describe('T-160: hostile texts', () => {
  it('one sign, again and again', () => {
    for (const filler of [...FILLERS, ...MORE]) expect(Array.isArray(findSecrets(fill(filler), 'log'))).toBe(true)
  })

  it('after every prefix and every word that begins a form', () => {
    const anchors = [
      ...TOKEN_FAMILIES.map(({ prefixes }) => prefixes[0] ?? ''),
      ...PATTERNS.flatMap((family) => family.anchors),
    ]
    for (const anchor of anchors) {
      for (const filler of ['a', 'aB3', ' ', '-', 'x ', ':', '\n'])
        findSecrets(`${anchor}${filler.repeat(3000)}`, 'log')
    }
    expect(anchors.length).toBeGreaterThan(250)
  })

  it('every prefix and every word, many times', () => {
    for (const { anchors } of PATTERNS) {
      for (const anchor of anchors) {
        for (const joint of ['', ' ', 'x ', '\n', ':', ' -p ', '="']) {
          expect(Array.isArray(findSecrets(fill(anchor + joint).slice(0, 20_000), 'log'))).toBe(true)
        }
      }
    }
  }, 60_000)

  it('names that give nothing a value', () => {
    for (const name of [
      'password',
      'the password for x is',
      'token = ',
      'KEY:',
      'secret -> "',
      'a.b.c.token(',
      '<password>',
    ]) {
      expect(Array.isArray(findSecrets(fill(`${name} `), 'result'))).toBe(true)
    }
  })

  it('base64 of base64 of base64 …', () => {
    let text = 'x'.repeat(2000)
    for (let i = 0; i < 8; i++) text = Buffer.from(text).toString('base64')
    expect(Array.isArray(findSecrets(text, 'result'))).toBe(true)
  })

  it('a stream in single characters without a break', () => {
    const stream = createSecretStream('text')
    let sent = 0
    for (let i = 0; i < 20_000; i++) sent += stream.push('aB3-'[i % 4] ?? '').length
    expect(sent + stream.end().length).toBe(20_000)
  })
})
