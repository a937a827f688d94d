import { describe, expect, it } from 'vitest'
import { SPECIAL_BLOCKS } from './special-blocks.ts'
import { judgeUrl, tableHost, type ChainInput, type UrlVerdict } from './url-chain.ts'
import { STRICT_GUARD, type UrlGuard } from './url-guard.ts'

const PUBLIC = '93.184.215.14'
const judge = (url: string, given: Partial<ChainInput> = {}, guard: Partial<UrlGuard> = {}): UrlVerdict =>
  judgeUrl({ url, answers: [[PUBLIC]], redirects: [], names: new Map(), ...given }, { ...STRICT_GUARD, ...guard })

describe('T-116: what a URL says by itself', () => {
  it.each([
    ['http://127.1/', 'ip_loopback'],
    ['http://0x7f.1/', 'ip_loopback'],
    ['http://[::1]/', 'ip_loopback'],
    ['http://10.0.0.1/', 'ip_private'],
    ['http://169.254.169.254/', 'ip_metadata'],
    ['http://169.254.7.7/', 'ip_link_local'],
    ['http://[64:ff9b::7f00:1]/', 'ip_embedded'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'ip_embedded'],
    ['http://[2002:808:808::]/', 'ip_embedded'],
    ['http://[::ffff:0:8.8.8.8]/', 'ip_embedded'],
    ['http://224.0.0.1/', 'ip_special'],
    ['http://134744072/', 'malformed'],
    ['http://8.8.2056/', 'malformed'],
    ['http://localhost/', 'ip_loopback'],
    ['http://a.b.LOCALHOST./', 'ip_loopback'],
    ['http://ip6-localhost/', 'ip_loopback'],
    ['http://localhost.localdomain/', 'ip_loopback'],
    ['http://ｌｏｃａｌｈｏｓｔ/', 'ip_loopback'],
    ['http://metadata.google.internal./x', 'ip_metadata'],
    ['http://metadata/', 'ip_metadata'],
    ['http://metadata.eu-1.internal/', 'ip_metadata'],
    ['http://instance-data.ec2.internal/', 'ip_metadata'],
    ['http://x.metadata.google.internal/', 'ip_metadata'],
    ['http://user@example.com/', 'userinfo'],
    ['http://example.com:22/', 'port'],
    ['http://example.com:0/', 'port'],
    ['http://example.com:99999/', 'port'],
    ['ftp://example.com/', 'scheme'],
    ['gopher://127.0.0.1:70/_x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['//example.com/', 'malformed'],
    ['http:\\\\example.com', 'malformed'],
  ])('refuses %s: %s', (url, reason) => {
    expect(judge(url)).toMatchObject({ verdict: 'block', reason, connect: [], findings: [{ category: 'ssrf' }] })
  })
  it.each([
    'https://example.com/',
    'http://example.com:443/',
    'https://mylocalhost.com/',
    'https://localhost.example.com/',
    'https://metadata.example.com/',
    'https://127.0.0.1.example.com/',
    'https://0x7f.example.com/',
    'https://intranet/',
    'https://printer.local/',
    'https://xn--bcher-kva.example/',
    'https://example.com/?next=http://127.0.0.1/',
  ])('lets %s through when it resolves to public addresses', (url) => {
    expect(judge(url)).toMatchObject({ verdict: 'clean', connect: [PUBLIC] })
  })
  it('connects to an address without asking a resolver', () => {
    expect(judge('https://[2606:4700::1111]/', { answers: [['127.0.0.1']] }).connect).toEqual(['2606:4700::1111'])
    expect(judge('https://1.1.1.1/', { answers: [] }).connect).toEqual(['1.1.1.1'])
  })
})

/** One IPv4 address in every spelling that some program takes. */
function spellings(address: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  const [hi, lo] = [(whole >>> 16).toString(16), (whole & 0xff_ff).toString(16)]
  const circled = (text: string): string =>
    text.replace(/\d/g, (digit) => (digit === '0' ? '⓪' : String.fromCodePoint(0x24_5f + Number(digit))))
  const wide = (text: string): string =>
    text.replace(/[\d.]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0))
  const octal = (part: number): string => `0${part.toString(8)}`
  const hex = (part: number): string => `0x${part.toString(16)}`
  return [
    address,
    `${address}.`,
    String(whole),
    hex(whole),
    hex(whole).toUpperCase().replace('0X', '0x'),
    octal(whole),
    [a, b, c, d].map(octal).join('.'),
    [a, b, c, d].map(hex).join('.'),
    [hex(a), octal(b), c, d].join('.'),
    `${a}.${(b << 16) | (c << 8) | d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `000${octal(a)}.${b}.${c}.${d}`,
    circled(address),
    wide(address),
    address.replaceAll('.', '。'),
    `[::ffff:${address}]`,
    `[::ffff:${hi}:${lo}]`,
    `[0:0:0:0:0:FFFF:${hi}:${lo}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${address}]`,
    `[2002:${hi}:${lo}::]`,
    `[2001:0:${hi}:${lo}::]`,
    `%3${address}`,
    `user@${address}`,
    `good.example@${address}`,
    `good.example\\@${address}`,
    `[${address}]`,
  ]
}

describe('T-116: every special IPv4 block in every spelling', () => {
  const bases = SPECIAL_BLOCKS.filter(({ block }) => !block.includes(':')).map(({ block }) => block.replace(/\/.*/, ''))
  it.each(bases)('%s is blocked as a URL, as a redirect and as an answer', (base) => {
    for (const host of spellings(base)) {
      expect(judge(`http://${host}/`).verdict, host).toBe('block')
      expect(judge('https://a.example/', { redirects: [`http://${host}/x`] }).verdict, host).toBe('block')
      expect(judge('https://a.example/', { answers: [[host.replace(/^\[|\]$/g, '')]] }).verdict, host).toBe('block')
    }
  })
  it('a public address is let through in its usual spellings', () => {
    for (const host of ['1.1.1.1', '1.1.1.1.', '[::ffff:1.1.1.1]', '[::FFFF:101:101]', '[64:ff9b::1.1.1.1]'])
      expect(judge(`http://${host}/`).verdict, host).toBe('clean')
  })
})

describe('T-117: what a resolver says', () => {
  it.each<[readonly unknown[], string]>([
    [[], 'dns_failed'],
    [['127.0.0.1 '], 'dns_failed'],
    [['0x7f.1'], 'dns_failed'],
    [[42], 'dns_failed'],
    [['fe80::1%eth0'], 'dns_failed'],
    [['10.0.0.1'], 'ip_private'],
    [[PUBLIC, '10.0.0.1'], 'dns_mixed'],
    [['::1', PUBLIC], 'dns_mixed'],
    [['::ffff:127.0.0.1'], 'ip_loopback'],
    [['fd00:ec2::254'], 'ip_metadata'],
    [['64:ff9b::a00:1'], 'ip_embedded'],
  ])('refuses %j: %s', (answers, reason) => {
    expect(judge('https://example.com/', { answers: [answers] })).toMatchObject({ verdict: 'block', reason })
  })
  it('pins the first answer, whatever comes later (rebinding)', () => {
    const redirects = ['/again', 'https://rebind.example/third']
    const answers = [[PUBLIC, '1.1.1.1'], ['10.0.0.1'], []]
    const names = new Map([['rebind.example', ['127.0.0.1']]])
    expect(judge('https://rebind.example/', { answers, redirects, names })).toMatchObject({
      verdict: 'clean',
      connect: [PUBLIC, '1.1.1.1'],
    })
  })
  it('does not ask again when the first answer is refused', () => {
    expect(judge('https://a.example/', { answers: [['10.0.0.1'], [PUBLIC]] }).reason).toBe('ip_private')
  })
  it('never says what a name resolved to', () => {
    expect(JSON.stringify(judge('https://a.example/', { answers: [['10.9.8.7']] }))).not.toContain('10.9.8.7')
  })
})

describe('HB-70: redirects are judged hop by hop', () => {
  const names = new Map([
    ['good.example', ['1.1.1.1']],
    ['bad.example', ['192.168.0.1']],
  ])
  it.each([
    ['http://127.0.0.1/', 'ip_loopback'],
    ['//169.254.169.254/', 'ip_metadata'],
    ['\\\\10.0.0.1\\x', 'malformed'],
    ['http:/10.0.0.1', 'malformed'],
    ['http://u:p@example.com/', 'userinfo'],
    ['http://example.com:22/', 'port'],
    ['gopher://127.0.0.1/', 'scheme'],
    ['javascript:x', 'scheme'],
    ['https://bad.example/', 'ip_private'],
    ['https://unknown.example/', 'dns_failed'],
    ['///10.0.0.1/', 'malformed'],
    ['/a\r\nb', 'malformed'],
    ['/a b', 'malformed'],
    ['http://localhost/', 'ip_loopback'],
  ])('refuses a redirect to %j: %s', (location, reason) => {
    expect(judge('https://a.example/', { redirects: ['/fine', location], names })).toMatchObject({
      verdict: 'block',
      reason,
      findings: [{ category: 'ssrf-redirect' }],
    })
  })
  it.each(['/else?u=http://127.0.0.1', '?a=b', 'x/y', '#z', 'https://good.example/', '//good.example/x', '../..', ''])(
    'follows %j',
    (location) => {
      expect(judge('https://a.example/b', { redirects: [location], names }).verdict).toBe('clean')
    },
  )
  it('follows five and refuses the sixth', () => {
    const hops = (count: number): UrlVerdict =>
      judge('https://a.example/', { redirects: Array<string>(count).fill('/x') })
    expect([hops(5).verdict, hops(6).reason]).toEqual(['clean', 'redirects'])
  })
  it('names every address that may be connected to', () => {
    expect(judge('https://a.example/', { redirects: ['https://good.example/'], names }).connect).toEqual([
      PUBLIC,
      '1.1.1.1',
    ])
  })
})

describe('settings where products differ', () => {
  it('NAT64 and 6to4 with a public address', () => {
    expect(judge('http://[64:ff9b::808:808]/').verdict).toBe('clean')
    expect(judge('http://[64:ff9b::808:808]/', {}, { nat64: 'refuse' }).reason).toBe('ip_embedded')
    expect(judge('http://[2002:808:808::]/', {}, { sixToFour: 'embedded' }).verdict).toBe('clean')
    expect(judge('http://[2002:a00:1::]/', {}, { sixToFour: 'embedded' }).reason).toBe('ip_embedded')
    expect(judge('http://[2001::1]/', {}, { nat64: 'embedded' }).reason).toBe('ip_embedded')
  })
  it('odd spellings, private names, mixed scripts, mixed answers', () => {
    expect(judge('http://134744072/', {}, { oddSpellings: 'accept' }).verdict).toBe('clean')
    expect(judge('http://127.1/', {}, { oddSpellings: 'accept' }).verdict).toBe('block')
    expect(judge('http://a.local/', {}, { privateNames: 'refuse' }).reason).toBe('ip_private')
    expect(judge('http://pаypal.com/').verdict).toBe('clean')
    expect(judge('http://pаypal.com/', {}, { mixedScripts: 'refuse' }).reason).toBe('malformed')
    expect(judge('http://例えtest.example/', {}, { mixedScripts: 'refuse' }).verdict).toBe('clean')
    const answers = [['10.0.0.1', PUBLIC]]
    expect(judge('http://a.example/', { answers }, { mixedAnswers: 'drop' }).connect).toEqual([PUBLIC])
  })
  it('T-120: own addresses are refused, intranet blocks may be allowed by port, metadata never', () => {
    expect(judge('http://a.example/', {}, { refuse: [`${PUBLIC}/32`] }).reason).toBe('ip_private')
    expect(judge('http://[::ffff:1.1.1.1]/', {}, { refuse: ['1.1.1.1'] }).reason).toBe('ip_private')
    const allow = [
      { block: '10.0.0.0/8', ports: [8443] },
      { block: '169.254.0.0/16', ports: [80] },
    ]
    const answers = [['10.1.1.1']]
    expect(judge('https://a.example:8443/', { answers }, { allow }).connect).toEqual(['10.1.1.1'])
    expect(judge('https://a.example:8443/', {}, { allow }).reason).toBe('port')
    expect(judge('https://a.example/', { answers }, { allow }).reason).toBe('ip_private')
    expect(judge('https://10.1.1.1:8443/', {}, { allow }).verdict).toBe('clean')
    expect(judge('http://169.254.169.254/', {}, { allow }).reason).toBe('ip_metadata')
  })
  it('reads the names of a table as hosts', () => {
    expect([tableHost('Bücher.Example.'), tableHost('not a host')]).toEqual(['xn--bcher-kva.example', 'not a host'])
  })
})
