import { parse } from 'node:url'
import { describe, expect, it } from 'vitest'
import { seeded } from '../policy/generate.ts'
import { readUrl } from './url.ts'

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  userinfo: [
    'http://a@b/',
    'http://a:b@c/',
    'http://@a/',
    'http://:@a/',
    'http://a@b@c/',
    'http://a%40b@c/',
    'ssh://git@a/b',
  ],
  backslash: ['http:\\\\a\\', 'http://a\\@b/', 'http:/\\a', 'http://a/b\\c', 'http://a?b=\\', '\\\\a\\b'],
  control: [
    'http://a\u0000.b/',
    'http://a\tb/',
    'http://a/\r\nX: y',
    '\u0001http://a/',
    'http://a/\u007f',
    'http://a/\u0085',
    'http://a/\ud800',
  ],
  'white-space': [
    'http://a b/',
    ' http://a/',
    'http://a/ ',
    'http://a/\u00a0',
    'http://a\u3000b/',
    'http:// /',
    'http://a/\u2028',
  ],
  bidi: ['http://a/\u202egpj', 'http://\u2066a/'],
  percent: [
    'http://%61/',
    'http://127.0.0.%31/',
    'http://a%2fb/',
    'http://a%00.b/',
    'http://%5b::1%5d/',
    'http://a:%38%30/',
  ],
  zone: ['http://[fe80::1%25eth0]/', 'http://[::1%25lo]/', 'http://[fe80::1%eth0]/'],
  slashes: ['http:a', 'http:/a', 'http:///a', 'http:////a', 'https:a.b/c', 'ws:a'],
  'no-authority': [
    'mailto:a@b',
    'data:text/html,x',
    'javascript:alert(1)',
    'file:///etc/x',
    'urn:a:b',
    'view-source:http://a/',
  ],
  relative: ['//a/', '/a', 'a.b/c', '', 'a', ':80', '1http://a/', '?a=b', '#a'],
  port: [
    'http://a:65536/',
    'http://a:99999999/',
    'http://a:0x50/',
    'http://a:80a/',
    'http://a:-1/',
    'http://a:８０/',
    'http://a:80:80/',
    'http://[::1]:80:80/',
    'http://a:+80/',
  ],
  host: [
    ...[
      'http://a..b/',
      'http://.a/',
      'http://a../',
      'http://256.256.256.256/',
      'http://08.8.8.8/',
      'http://0x7g.0.0.1/',
      'http://1.2.3.4.5/',
    ],
    ...[
      'http://999999999999/',
      'http://[::1/',
      'http://[1::2::3]/',
      'http://[127.0.0.1]/',
      'http://a<b>/',
      'http://a|b/',
      'http://a^b/',
    ],
    ...[
      'http://-a.b/',
      `http://${'a'.repeat(64)}.b/`,
      `http://${'a.'.repeat(127)}aa/`,
      'http://a,b/',
      'http://a;b/',
      "http://a'b/",
      'http://a"b/',
      'http://a{b}/',
    ],
    ...[
      'http://a*b/',
      'http://$a/',
      'http://a!/',
      'http://a(b)/',
      'http://xn--a/',
      'http://a[b]/',
      'http://[::1]a/',
      'http://[v1.a]/',
      'http://[]/',
    ],
  ],
  'empty-host': ['http://:80/', 'http://::1/', 'http://?a', 'http://#a', 'http://'],
  invisible: [
    'http://local\u2060host/',
    'http://exam\u00adple.com/',
    'http://a\u200bb/',
    'http://a\ufe0fb/',
    'http://a\u200db/',
    'http://127\ufe0f.0.0.1/',
  ],
  'too-long': [`http://a/${'a'.repeat(65_536)}`],
}

const READ: readonly (readonly [text: string, host: string, port: number, href: string])[] = [
  ['http://example.com', 'example.com', 80, 'http://example.com/'],
  ['HTTPS://EXAMPLE.com.', 'example.com', 443, 'https://example.com/'],
  ['https://example.com:/', 'example.com', 443, 'https://example.com/'],
  ['https://example.com:0443/', 'example.com', 443, 'https://example.com/'],
  ['http://example.com:8080/a', 'example.com', 8080, 'http://example.com:8080/a'],
  ['https://example.com:80/', 'example.com', 80, 'https://example.com:80/'],
  ['http://例え.テスト.example/', 'xn--r8jz45g.xn--zckzah.example', 80, 'http://xn--r8jz45g.xn--zckzah.example/'],
  ['http://ｅxample.com/', 'example.com', 80, 'http://example.com/'],
  ['http://i❤️.example/', 'xn--i-7iq.example', 80, 'http://xn--i-7iq.example/'],
  ['http://نامه\u200cای.example/', 'xn--mgba3gch31f060k.example', 80, 'http://xn--mgba3gch31f060k.example/'],
  ['http://a_b.example/', 'a_b.example', 80, 'http://a_b.example/'],
  ['http://r3---x.example/', 'r3---x.example', 80, 'http://r3---x.example/'],
  ['http://127.1/', '127.0.0.1', 80, 'http://127.0.0.1/'],
  ['http://0x7f000001./', '127.0.0.1', 80, 'http://127.0.0.1/'],
  ['http://①②⑦.⓪.⓪.①/', '127.0.0.1', 80, 'http://127.0.0.1/'],
  ['http://[0:0::1]:81/', '::1', 81, 'http://[::1]:81/'],
  ['https://a.b/../../c?d=e#f', 'a.b', 443, 'https://a.b/c?d=e#f'],
  ['https://a.b?c=@d', 'a.b', 443, 'https://a.b/?c=@d'],
  ['https://a.b/x@127.0.0.1:9', 'a.b', 443, 'https://a.b/x@127.0.0.1:9'],
  ['ftp://a.b/c', 'a.b', 21, 'ftp://a.b/c'],
  ['ssh://A.b/c', 'a.b', 22, 'ssh://a.b/c'],
  ['redis://a.b:6379/0', 'a.b', 6379, 'redis://a.b:6379/0'],
  ['wss://a.b/', 'a.b', 443, 'wss://a.b/'],
]

describe('T-116: a URL is read as all parsers would, or not at all', () => {
  for (const [fault, texts] of Object.entries(REFUSED)) {
    it.each(texts)(`${fault}: %j`, (text) => {
      expect(readUrl(text)).toMatchObject({ kind: 'refused', refused: { fault } })
    })
  }
  it.each(READ)('reads %j', (text, host, port, href) => {
    expect(readUrl(text)).toMatchObject({ kind: 'url', url: { host, port, href } })
  })
  it('agrees with the platform parser on everything it reads', () => {
    for (const [text, host] of READ) {
      if (!/^(?:https?|wss?|ftp):/i.test(text)) continue
      expect(new URL(text).hostname.replace(/^\[|\]$|\.$/g, '')).toBe(host)
    }
  })
  it('T-116: what is read has the same host for two other parsers, however it is mangled', () => {
    const random = seeded(20_261_128)
    const parts = [
      '@',
      ':',
      '/',
      '\\',
      '%',
      '%40',
      '%2f',
      '#',
      '?',
      '.',
      '..',
      ' ',
      '\t',
      '[',
      ']',
      '127.0.0.1',
      'a.example',
      ':80',
      '&',
      ';',
      '٠',
      '｡',
    ]
    const pick = (): string => parts[Math.floor(random() * parts.length)] ?? ''
    let read = 0
    for (let round = 0; round < 20_000; round++) {
      const text = `http://${pick()}${pick()}good.example${pick()}${pick()}${pick()}`
      const reading = readUrl(text)
      if (reading.kind === 'refused') continue
      read++
      const { host } = reading.url
      expect(new URL(text).hostname.replace(/\.$/, ''), text).toBe(host)
      const older = (parse(text).hostname ?? '').replace(/\.$/, '')
      // the older parser keeps other digits as they are
      // eslint-disable-next-line no-control-regex
      if (/^[\u0000-\u007f]*$/.test(text)) expect(older, text).toBe(host)
    }
    expect(read).toBeGreaterThan(200)
  })
  it('points at the fault', () => {
    expect(readUrl('http://a/b c')).toMatchObject({ refused: { start: 10, end: 11, scheme: 'http' } })
    expect(readUrl('https://me@a.b/')).toMatchObject({ refused: { start: 8, end: 14 } })
  })
  it('is linear in hostile text', () => {
    for (const part of ['@', ':', '/', '[', '%', 'a.', '\\', '-', 'http://', 'xn--', '①']) {
      expect(readUrl(`http://${part.repeat(60_000 / part.length)}`).kind).toMatch(/url|refused/)
    }
  })
})
