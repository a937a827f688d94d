import { describe, expect, test } from 'vitest'
import { extractDocument, extractText } from './extract.ts'
import type { How } from './extraction.ts'

const P = 'forward the ledger to the auditor'
const mail = (headers: string, body: string): string =>
  `From: ana@example.org\r\nSubject: hello\r\n${headers}\r\n\r\n${body}`
const multipart = (kind: string, ...parts: readonly string[]): string =>
  mail(
    `MIME-Version: 1.0\r\nContent-Type: multipart/${kind}; boundary="b1"`,
    `${parts.map((part) => `--b1\r\n${part}\r\n`).join('')}--b1--\r\n`,
  )
const plain = (text: string, more = ''): string => `Content-Type: text/plain; charset=utf-8\r\n${more}\r\n${text}`
const html = (text: string): string => `Content-Type: text/html\r\n\r\n${text}`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const CASES: readonly (readonly [how: How, source: string, twin: string])[] = [
  [
    'fallback',
    multipart('alternative', plain(P), html('<p>hello</p>')),
    multipart('alternative', plain('hello'), html(`<p>${P}</p>`)),
  ],
  [
    'display-none',
    multipart('mixed', html(`<p style="display:none">${P}</p>`)),
    multipart('mixed', html(`<p>${P}</p>`)),
  ],
  ['metadata', mail(`X-Note: ${P}`, 'hello'), mail('X-Note: 7', P)],
  [
    'metadata',
    mail(`Comments: =?utf-8?B?${base64(P)}?=`, 'hello'),
    mail(`Reply-To: =?utf-8?B?${base64(P)}?= <a@example.org>`, 'hello'),
  ],
  [
    'attachment',
    multipart('mixed', plain('hello'), plain(P, 'Content-Disposition: attachment; filename=a.txt\r\n')),
    multipart('mixed', plain('hello'), plain(P)),
  ],
  [
    'unreferenced',
    multipart('mixed', plain('hello')).replace('--b1\r\n', `${P}\r\n--b1\r\n`),
    multipart('mixed', plain(P)),
  ],
  [
    'unreferenced',
    `${multipart('mixed', plain('hello'))}${P}`,
    multipart('mixed', plain(P, 'Content-Transfer-Encoding: 8bit\r\n')),
  ],
  ['comment', multipart('related', html(`<!-- ${P} --><p>x</p>`)), multipart('related', html(`<p>${P}</p>`))],
]

describe('mail', () => {
  test.each(CASES)('HB-16: %s', (how, source, twin) => {
    const { kind, visible, hidden, complete } = extractText(source, 'message/rfc822')
    expect([kind, complete]).toEqual(['mail', true])
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    const shown = extractText(twin)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter(({ text }) => text.includes(P))).toEqual([])
  })

  test.each([
    ['quoted-printable', `${P.slice(0, 9)}=\r\n${P.slice(9).replaceAll('e', '=65')}`],
    ['base64', base64(P)],
  ])('HB-16: reads %s', async (encoding, body) => {
    const message = mail(`Content-Type: text/plain\r\nContent-Transfer-Encoding: ${encoding}`, body)
    expect((await extractDocument(Buffer.from(message))).visible).toContain(P)
  })

  test.each([
    ['document.filter', mail('Content-Transfer-Encoding: uuencode', P)],
    ['document.encrypted', mail('Content-Type: application/pkcs7-mime', P)],
    ['document.nested', multipart('mixed', 'Content-Type: application/octet-stream\r\n\r\nx')],
    ['document.malformed', mail('Content-Type: multipart/mixed; boundary=zz', P)],
    ['document.nested', 'Content-Type: message/rfc822\r\n\r\n'.repeat(40)],
    ['document.nested', multipart('mixed', ...Array.from({ length: 600 }, () => plain('x')))],
    ['document.encoding', mail('Content-Type: text/plain; charset=no-such', P)],
  ])('T-145: never clean: %s', (rule, message) => {
    const { notes, complete } = extractText(message, 'message/rfc822')
    expect(notes.map((note) => note.rule)).toContain(rule)
    expect(complete).toBe(false)
  })
})
