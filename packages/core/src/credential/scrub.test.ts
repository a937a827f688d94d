import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formsOf, LEAST_SCRUBBED, patternOf } from './forms.ts'
import { Scrubber } from './scrub.ts'

const SECRET = 'sk-live_4fT9/zQ+x"7&bN'
/** As long as tokens of authorisation servers are. */
const LONG = Array.from({ length: 60 }, (_, n) => `${SECRET}${n}`).join('.')
const scrubbed = (bytes: Buffer, cuts: readonly number[] = [], secret = SECRET): Buffer => {
  const scrubber = new Scrubber([Buffer.from(secret)])
  const out: Buffer[] = []
  let at = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    out.push(scrubber.push(bytes.subarray(at, Math.max(at, Math.min(cut, bytes.length)))))
    at = Math.max(at, Math.min(cut, bytes.length))
  }
  return Buffer.concat([...out, scrubber.end()])
}

/** What servers made of it; the function gives the secret back from what is left. */
const ECHOES: Readonly<Record<string, (secret: string) => Buffer | string>> = {
  plain: (s) => `token=${s}!`,
  base64: (s) => Buffer.from(s).toString('base64'),
  'base64 behind one byte': (s) => Buffer.from(`x${s}y`).toString('base64'),
  'base64 behind two bytes': (s) => Buffer.from(`ana:${s}`).toString('base64'),
  base64url: (s) => Buffer.from(`{"k":"${s}"}`).toString('base64url'),
  hex: (s) => Buffer.from(s).toString('hex'),
  HEX: (s) => Buffer.from(s).toString('hex').toUpperCase(),
  'hex with spaces': (s) => (Buffer.from(s).toString('hex').match(/../g) ?? []).join(' '),
  'hex with colons': (s) => (Buffer.from(s).toString('hex').match(/../g) ?? []).join(':'),
  percent: (s) => encodeURIComponent(s),
  'all percent': (s) => (Buffer.from(s).toString('hex').match(/../g) ?? []).map((two) => `%${two}`).join(''),
  json: (s) => JSON.stringify({ s }),
  'json escapes': (s) => Array.from(s, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  html: (s) => s.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
  'html numbers': (s) => Array.from(s, (c) => `&#${c.charCodeAt(0)};`).join(''),
  'html hex': (s) => Array.from(s, (c) => `&#x${c.charCodeAt(0).toString(16)};`).join(''),
  'utf-16': (s) => Buffer.from(s, 'utf16le'),
  'utf-16, other end first': (s) => Buffer.from(s, 'utf16le').swap16(),
  reversed: (s) => s.split('').reverse().join(''),
  'c escapes': (s) => (Buffer.from(s).toString('hex').match(/../g) ?? []).map((two) => `\\x${two}`).join(''),
  'quoted-printable': (s) =>
    (Buffer.from(s).toString('hex').toUpperCase().match(/../g) ?? []).map((two) => `=${two}`).join(''),
  'json of php': (s) => JSON.stringify(s).replaceAll('/', '\\/'),
  'json of .net': (s) => s.replace(/[+&"]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`),
  'json in json': (s) => JSON.stringify(JSON.stringify({ s })),
  'percent, but slashes': (s) => encodeURIComponent(s).replaceAll('%2F', '/'),
  'percent twice': (s) => encodeURIComponent(encodeURIComponent(s)),
  'html of go': (s) => s.replaceAll('&', '&amp;').replaceAll('+', '&#43;').replaceAll('"', '&#34;'),
  'html of mustache': (s) => s.replaceAll('&', '&amp;').replaceAll('/', '&#x2F;').replaceAll('"', '&quot;'),
  'html of php': (s) => s.replaceAll('&', '&amp;').replaceAll('"', '&#034;'),
  'base64 of mails': (s) =>
    (
      Buffer.from(`${'x'.repeat(50)}${s}`)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\r\n'),
  'base64 of json': (s) =>
    JSON.stringify(
      (
        Buffer.from(`${'x'.repeat(40)}${s}`)
          .toString('base64')
          .match(/.{1,60}/g) ?? []
      ).join('\n'),
    ),
  twice: (s) => s + s,
  'in binary': (s) => Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(s), Buffer.from([0, 1])]),
}

describe('scrubbing', () => {
  test.each(Object.entries(ECHOES))('T-126: %s', (_name, echo) => {
    const bytes = Buffer.from(echo(SECRET) as string)
    const out = scrubbed(bytes)
    expect(out.length).toBe(bytes.length)
    for (const form of formsOf(Buffer.from(SECRET)))
      expect(out.toString('latin1')).not.toMatch(new RegExp(patternOf(form)))
    // next to nothing of it is left
    const left = [...out].filter((byte, at) => byte === bytes[at] && byte !== 42).length
    expect(left).toBeLessThanOrEqual(bytes.length - SECRET.length)
  })

  test.each(Object.entries(ECHOES))('T-126: a long value, %s, to its end', (name, echo) => {
    const bytes = Buffer.concat([Buffer.from('before '), Buffer.from(echo(LONG) as string), Buffer.from(' behind')])
    const out = scrubbed(bytes, [100, 900, 2_000, 2_001], LONG)
    expect(out.length).toBe(bytes.length)
    expect(out.toString('latin1').startsWith('before ')).toBe(true)
    expect(out.toString('latin1').endsWith(' behind')).toBe(true)
    const left = [...out].filter((byte, at) => byte === bytes[at] && byte !== 42).length
    // what stands around it, and lines of mails
    expect(left, name).toBeLessThanOrEqual(name.startsWith('base64 of') ? 110 : 40)
  })

  test('T-160: a value of eight kilobytes is looked for without a halt', () => {
    const value = Buffer.from(LONG.repeat(6).slice(0, 8_000))
    const since = performance.now()
    const scrubber = new Scrubber([value])
    const out = Buffer.concat([scrubber.push(Buffer.concat([Buffer.alloc(100_000, 'x'), value])), scrubber.end()])
    expect(out.subarray(100_000).equals(Buffer.alloc(8_000, '*'))).toBe(true)
    expect(performance.now() - since).toBeLessThan(2_000)
  })

  test('T-126: wherever a stream is cut, the same comes out as from one piece', () => {
    const texts = Object.values(ECHOES).map((echo) => Buffer.from(echo(SECRET) as string))
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...texts),
            fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
          ),
          {
            maxLength: 6,
          },
        ),
        fc.array(fc.nat(2_000), { maxLength: 30 }),
        (pieces, cuts) => {
          const bytes = Buffer.concat(pieces)
          expect(scrubbed(bytes, cuts).equals(scrubbed(bytes))).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('T-126: one byte at a time', () => {
    const bytes = Buffer.from(`${SECRET} and ${SECRET}`)
    const out = scrubbed(
      bytes,
      Array.from(bytes, (_byte, at) => at),
    )
    expect(out.toString()).toBe(`${'*'.repeat(SECRET.length)} and ${'*'.repeat(SECRET.length)}`)
  })

  test('what does not hold it goes on byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(scrubbed(Buffer.from(bytes)).equals(Buffer.from(bytes))).toBe(true)
      }),
    )
  })

  test('headers are scrubbed as a whole and counted', () => {
    const scrubber = new Scrubber([Buffer.from(SECRET)])
    expect(scrubber.whole(`https://x.example/?k=${encodeURIComponent(SECRET)}`)).not.toContain('4fT9')
    expect(scrubber.count).toBe(1)
  })

  test('a value that is too short to be told from a word is refused', () => {
    expect(() => formsOf(Buffer.alloc(LEAST_SCRUBBED - 1, 'a'))).toThrow(RangeError)
  })
})
