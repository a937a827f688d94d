import { describe, expect, it } from 'vitest'
import { readAddressList } from './address-list.ts'

/** Text, mailboxes, and where there are any: other addresses, rest, issues. */
const CASES: readonly (readonly [string, string, string?, string?, string?])[] = [
  // RFC 5322 appendix A
  ['John Doe <jdoe@machine.example>', 'jdoe@machine.example'],
  ['"Joe Q. Public" <john.q.public@example.com>', 'john.q.public@example.com'],
  ['Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>', 'mary@x.test jdoe@example.org one@y.test'],
  ['<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>', 'boss@nil.test sysservices@example.net'],
  ['A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;', 'c@a.test joe@where.test jdoe@one.test'],
  ['Undisclosed recipients:;', ''],
  ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', 'pete@silly.test'],
  ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ''],
  [
    'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
    'mary@example.net jdoe@test.example',
    '',
    '',
    'relay',
  ],
  // lists
  ['a@corp.com, eve@evil.com', 'a@corp.com eve@evil.com'],
  ['a@corp.com;eve@evil.com', 'a@corp.com eve@evil.com'],
  ['a@corp.com,eve@evil.com,', 'a@corp.com eve@evil.com'],
  ['"Silva, Ana" <ana@corp.com>', 'ana@corp.com'],
  ['"Silva, eve@evil.com" <ana@corp.com>', 'ana@corp.com', 'eve@evil.com', '', 'address-in-name'],
  ['Silva, Ana <ana@corp.com>', 'ana@corp.com', '', 'Silva'],
  ['ana@corp.com <eve@evil.com>', 'eve@evil.com', 'ana@corp.com', '', 'address-in-name'],
  ['"ana@corp.com" <eve@evil.com>', 'eve@evil.com', 'ana@corp.com', '', 'address-in-name'],
  ['eve@evil.com (ana@corp.com)', 'eve@evil.com', 'ana@corp.com', '', 'address-in-name'],
  ['a@corp.com eve@evil.com', '', 'a@corp.com eve@evil.com', '', 'not-a-list'],
  ['<a@corp.com> <eve@evil.com>', 'a@corp.com', 'eve@evil.com', '', 'not-a-list'],
  ['<a@corp.com>eve@evil.com', 'a@corp.com', 'eve@evil.com', '', 'not-a-list'],
  ['group: a@corp.com, eve@evil.com;, b@corp.com', 'a@corp.com eve@evil.com b@corp.com'],
  ['team: x: a@corp.com;', 'a@corp.com'],
  // line breaks
  ['a@corp.com\r\nBcc: eve@evil.com', 'a@corp.com eve@evil.com', '', '', 'line-break'],
  ['a@corp.com\nBcc: eve@evil.com', 'a@corp.com eve@evil.com', '', '', 'line-break'],
  ['a@corp.com\r\n eve@evil.com', 'a@corp.com eve@evil.com', '', '', 'line-break'],
  // local parts
  ['"a b"@corp.com', '"a b"@corp.com'],
  ['"a,eve@evil.com"@corp.com', '"a,eve@evil.com"@corp.com', '', '', 'two-ats'],
  ['"ana"@corp.com', 'ana@corp.com'],
  ['"ana\\@x"@corp.com', '"ana@x"@corp.com', '', '', 'two-ats'],
  ['ana . silva @ corp . com', 'ana.silva@corp.com'],
  ['ana@CORP.com.', 'ana@corp.com'],
  ['Ana@corp.com', 'Ana@corp.com'],
  ['üñ@пример.example', 'üñ@пример.example'],
  ['ana@[192.0.2.1]', 'ana@[192.0.2.1]'],
  ['ana@[IPv6:2001:db8::1]', 'ana@[ipv6:2001:db8::1]'],
  ["o'hara@corp.com", "o'hara@corp.com"],
  ['eve%corp.com@evil.com', 'eve%corp.com@evil.com', '', '', 'relay'],
  ['corp.com!eve@evil.com', 'corp.com!eve@evil.com', '', '', 'relay'],
  ['a@corp.com@evil.com', '', 'a@corp.com "a@corp.com"@evil.com', '', 'not-a-list two-ats'],
  ['=?utf-8?b?YUBjb3JwLmNvbQ==?= <eve@evil.com>', 'eve@evil.com', '', '', 'encoded-name'],
  // no list
  ['Bob', '', '', 'Bob'],
  ['Bob, a@corp.com', 'a@corp.com', '', 'Bob'],
  ['', ''],
  ['@corp.com', '', '', '@corp.com', 'two-ats'],
  ['a@', '', '', 'a@', 'two-ats'],
  ['"a@corp.com', '', 'a@corp.com', '', 'not-a-list'],
  ['(a@corp.com', '', 'a@corp.com', '', 'address-in-name not-a-list'],
  ['<a@corp.com', 'a@corp.com', '', '', 'not-a-list'],
  ['a@corp.com>', '', 'a@corp.com', '', 'not-a-list'],
  ['a@corp.com, "', 'a@corp.com', '', '', 'not-a-list'],
]

describe('T-102: every mailbox of a list, and what is left over', () => {
  it.each(CASES)('%j', (text = '', mailboxes = '', others = '', rest = '', issues = '') => {
    const read = readAddressList(text)
    expect({
      mailboxes: read.mailboxes.map(({ address }) => address).join(' '),
      others: read.others.join(' '),
      rest: read.rest.filter((piece) => piece !== '"').join(' '),
      issues: read.issues.join(' '),
    }).toEqual({ mailboxes, others, rest, issues })
  })
  it('T-102: no address gets lost, whatever stands around it', () => {
    const around = [
      '',
      ' ',
      ',',
      ';',
      '"',
      '\\',
      '(',
      ')',
      '<',
      '>',
      '[',
      ']',
      ':',
      '\n',
      '\r\n',
      'x ',
      '@',
      '=?utf-8?q?',
      "'",
    ]
    for (const before of around) {
      for (const after of around) {
        const read = readAddressList(`bob@corp.com${before}eve@evil.example${after}`)
        const all = [...read.mailboxes.map(({ address }) => address), ...read.others, ...read.rest].join(' ')
        expect(all.includes('evil.example'), JSON.stringify([before, after])).toBe(true)
      }
    }
  })
  it('is linear in hostile text', () => {
    for (const part of ['(', '"', '<', '@', 'a@b,', ':', ';', '\\', 'a@', '[', 'x '])
      expect(readAddressList(part.repeat(100_000 / part.length)).issues).toBeDefined()
  })
})
