import { describe, expect, it } from 'vitest'
import { TOKEN_FAMILIES } from './anchors.ts'
import type { Body } from './family.ts'
import { PATTERNS } from './families/patterns.ts'
import { findSecrets } from './find.ts'
import { issuedAt } from './issued.ts'

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const ALPHABETS: Readonly<Record<Body, string>> = {
  alnum: ALNUM,
  base64: `${ALNUM}+/`,
  base64url: `${ALNUM}_-`,
  dotted: `${ALNUM}_-.`,
  hex: '0123456789abcdef',
  lower: ALNUM.slice(26),
  upper: `${ALNUM.slice(0, 26)}0123456789`,
  uuid: '0123456789abcdef',
  wide: ALNUM,
}
/** A body of a family: true to its alphabet, without meaning, another for each `turn`. */
function body(kind: Body, length: number, turn: number): string {
  const alphabet = ALPHABETS[kind]
  let state = turn * 7919 + 17
  let text = ''
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += alphabet[(state >>> 16) % alphabet.length] ?? ''
  }
  // No sign at either end, where it would belong to the sentence.
  return text.replace(/^\W/, 'k').replace(/\W$/, '7')
}

const families = [...new Set(TOKEN_FAMILIES.map(({ id }) => id))].map(
  (id) => [id, TOKEN_FAMILIES.filter((family) => family.id === id)] as const,
)

describe('issued tokens', () => {
  it('HB-74: the table knows 60 issuers and more', () => expect(families.length).toBeGreaterThan(180))

  it.each(families)('HB-74: %s is found at every length from the least on, in every surrounding', (_, rows) => {
    let samples = 0
    for (const { prefixes, body: kind, min, max } of rows) {
      for (const [turn, prefix] of [...prefixes, ...prefixes, ...prefixes].entries()) {
        for (const more of [0, 1, 4]) {
          const length = Math.min(min + more, max ?? Infinity)
          const token = prefix + body(kind, length, turn)
          for (const text of [token, `key ${token}, and`, `"${token}"`, `X=${token}\n`, `\\n${token}`]) {
            const at = text.indexOf(token)
            const found = findSecrets(text, 'result').find(
              ({ start, end }) => start <= at && end >= at + token.length - 1,
            )
            expect(found, text).toBeDefined()
            samples++
          }
        }
      }
    }
    expect(samples).toBeGreaterThanOrEqual(5)
  })

  it.each(families)('HB-74: no near miss of %s is taken for one', (_, rows) => {
    for (const { id, prefixes, body: kind, min } of rows) {
      for (const prefix of prefixes) {
        const short = body(kind, Math.max(0, Math.min(min - 8, 10)), 1)
        const near = [
          prefix,
          prefix + short,
          `${prefix}${'x'.repeat(min + 2)}`,
          `${prefix}your_token_goes_here_and_not_there_or_anywhere`,
          `${prefix} ${body(kind, min + 2, 1)}`,
          `q${prefix}${body(kind, min + 2, 1)}`,
        ]
        for (const text of near) expect(issuedAt(text, 0, false)?.family, text).not.toBe(id)
      }
    }
  })
})

describe('other forms', () => {
  it.each(PATTERNS.map((family) => [family.id, family] as const))(
    'HB-74: %s hits every sample and no near miss',
    (_, family) => {
      expect(family.positive.length).toBeGreaterThanOrEqual(5)
      expect(family.negative.length).toBeGreaterThanOrEqual(5)
      for (const sample of family.positive.map((s) => s.replace('|', ''))) {
        expect(findSecrets(sample, 'result'), sample).not.toEqual([])
        expect(findSecrets(sample, 'log'), sample).not.toEqual([])
      }
      for (const sample of family.negative) expect(findSecrets(sample, 'result'), sample).toEqual([])
    },
  )
})

describe('keys of Nango, whose form nobody has confirmed', () => {
  it.each([
    ['by what they begin with', `x-nango-${'a1B2c3D4e5'.repeat(4)}`],
    [
      'by the header they go in',
      'curl https://api.nango.dev/connection -H "Authorization: Bearer 3fa85f64-5717-4562-b3fc-2c963f66afa6"',
    ],
    ['by the variable they stand in', 'NANGO_SECRET_KEY=3fa85f64-5717-4562-b3fc-2c963f66afa6'],
  ])('SYS-11: are found %s', (_how, text) => {
    expect(findSecrets(text, 'result')).not.toEqual([])
    expect(findSecrets('connection 3fa85f64-5717-4562-b3fc-2c963f66afa6', 'result')).toEqual([])
  })
})
