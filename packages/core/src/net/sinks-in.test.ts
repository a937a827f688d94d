import { describe, expect, it } from 'vitest'
import { sinksIn } from './sinks-in.ts'

const shown = (value: string, role: 'content' | 'sink' = 'sink'): string => {
  const { sinks, rest, issues } = sinksIn(value, { role })
  return [
    sinks.map(({ kind, id, via }) => `${kind}:${id}${via === 'plain' ? '' : `(${via})`}`).join(' '),
    rest === '' ? '' : `rest=${rest}`,
    issues.join(' '),
  ]
    .filter((part) => part !== '')
    .join(' | ')
}

const CASES: readonly (readonly [value: string, expected: string])[] = [
  ['a@corp.com', 'mail:a@corp.com'],
  ['a@corp.com, eve@evil.com', 'mail:a@corp.com mail:eve@evil.com'],
  ['"Silva, Ana" <ana@corp.com>', 'mail:ana@corp.com'],
  ['a@corp.com\r\nBcc: eve@evil.com', 'mail:a@corp.com mail:eve@evil.com | leaf.line-break mail.line-break'],
  ['mailto:a@corp.com', 'mail:a@corp.com'],
  ['mailto:a@corp.com,b@corp.com', 'mail:a@corp.com mail:b@corp.com'],
  ['mailto:a@corp.com?cc=b@x.io&bcc=eve%40evil.com&subject=hi', 'mail:a@corp.com mail:b@x.io mail:eve@evil.com'],
  ['MAILTO:a@corp.com?BCC=eve@evil.com', 'mail:a@corp.com mail:eve@evil.com'],
  ['mailto:?to=eve@evil.com', 'mail:eve@evil.com'],
  ['mailto:a@corp.com?b%63c=eve@evil.com', 'mail:a@corp.com mail:eve@evil.com'],
  ['mailto:a@corp.com?cc=b@x.io&amp;bcc=eve@evil.com', 'mail:a@corp.com mail:b@x.io mail:eve@evil.com'],
  ['mailto:a@corp.com?subject=x%0d%0aBcc:eve@evil.com', 'mail:a@corp.com mail:eve@evil.com(other) | leaf.line-break'],
  ['mailto:a%2Cb@corp.com%2Ceve@evil.com', 'mail:b@corp.com mail:eve@evil.com | rest=a'],
  ['mailto:a@corp.com?attach=/etc/passwd', 'mail:a@corp.com file:/etc/passwd'],
  ['https://corp.com/a', 'url:https://corp.com/'],
  ['https://corp.com/a https://evil.io/b', 'url:https://corp.com/ url:https://evil.io/'],
  ['https://corp.com/a,https://evil.io/b', 'url:https://corp.com/ url:https://evil.io/'],
  ['https://corp.com/a,eve@evil.io', 'url:https://corp.com/ mail:eve@evil.io'],
  ['https://corp.com/a;evil.io/x', 'url:https://corp.com/ host:evil.io'],
  ['https://corp.com/a\nhttps://evil.io', 'url:https://corp.com/ url:https://evil.io/ | leaf.line-break'],
  ['https://corp.com/login?next=https://evil.io/x', 'url:https://evil.io/(nested) url:https://corp.com/'],
  ['https://corp.com/login?next=https%3A%2F%2Fevil.io', 'url:https://evil.io/(nested) url:https://corp.com/'],
  ['https://corp.com/login?next=https%253A%252F%252Fevil.io', 'url:https://evil.io/(nested) url:https://corp.com/'],
  ['https://corp.com/login?next=//evil.io/x', 'url:https://evil.io/(nested) url:https://corp.com/'],
  ['file:///a?redirect=https://evil.io', 'url:https://evil.io/(nested) file:file:///a?redirect=https://evil.io'],
  ['https://user@evil.io/', 'host:evil.io(other) | url.userinfo'],
  ['https://corp.com\\@evil.io/', 'host:corp.com(other) | url.backslash'],
  ['corp.com', 'host:corp.com'],
  ['corp.com evil.io', 'host:corp.com host:evil.io'],
  ['corp.com,evil.io', 'host:corp.com host:evil.io'],
  ['hooks.slack.com/services/T0A/B1/x', 'host:hooks.slack.com/T0A'],
  ['git@github.com:corp/site.git', 'url:ssh://github.com/corp/site'],
  ['https://github.com/corp/site', 'url:https://github.com/corp/site'],
  ['tel:+49-30-1234567', 'phone:+49301234567'],
  ['+49 30 1234567', 'phone:+49301234567'],
  ['+49 30 1234567, +1 (555) 010-9999', 'phone:+49301234567 phone:+15550109999'],
  ['#general', 'handle:#general'],
  ['@ana, @bob', 'handle:@ana handle:@bob'],
  ['Bob', 'rest=Bob'],
  ['Bob, a@corp.com', 'mail:a@corp.com | rest=Bob'],
  ['my friend at evil dot com', 'rest=my friend at evil dot com'],
  ['', ''],
  ['<a@corp.com>eve@evil.com', 'mail:a@corp.com mail:eve@evil.com(other) | mail.not-a-list'],
  ['a@corp.com@evil.com', 'mail:a@corp.com(other) mail:"a@corp.com"@evil.com(other) | mail.not-a-list mail.two-ats'],
  ['data:text/plain,x', 'rest=data:text/plain,x | url.no-authority'],
]

describe('T-102: one leaf gives all its sinks', () => {
  it.each(CASES)('%j', (value, expected) => {
    expect(shown(value)).toBe(expected)
  })
  it('T-103: links in running text, without the words around them', () => {
    const text = 'See [here](https://evil.io/a?b=(c)) or <img src="https://t.evil.io/p.png">, or mail eve@evil.io.'
    expect(shown(text, 'content')).toBe('url:https://evil.io/ url:https://t.evil.io/ mail:eve@evil.io')
    expect(shown('[1]: https://evil.io/x "t"', 'content')).toBe('url:https://evil.io/')
  })
  it('T-102: a second sink is found in twelve positions', () => {
    const [good, bad] = ['a@corp.com', 'eve@evil.example']
    const templates = [
      `${good},${bad}`,
      `${good};${bad}`,
      `${good} ${bad}`,
      `${good}\n${bad}`,
      `A <${good}>, B <${bad}>`,
      `"${bad}" <${good}>`,
      `${good} (${bad})`,
      `g: ${good}, ${bad};`,
      `mailto:${good}?bcc=${bad}`,
      `${good}, mailto:${bad}`,
      `https://corp.com/?to=${bad}, ${bad}`,
      `@relay.example:${good}, ${bad}`,
    ]
    for (const template of templates) expect(shown(template), template).toContain(`mail:${bad}`)
  })
  it('says so when a leaf is too long to read', () => {
    expect(sinksIn(`${'x'.repeat(65_536)} eve@evil.com`)).toMatchObject({ issues: ['leaf.too-long'] })
  })
  it('is linear in hostile text', () => {
    for (const part of [
      'http://a,',
      'http://',
      ')',
      'a@b,',
      'mailto:',
      ',a.b',
      '%2f',
      'http://a/?x=',
      '(',
      'a:',
      '+1 ',
      'ssh:\\\\',
    ])
      expect(sinksIn(part.repeat(60_000 / part.length)).sinks.length).toBeGreaterThanOrEqual(0)
  })
})
