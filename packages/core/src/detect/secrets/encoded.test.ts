import { describe, expect, it } from 'vitest'
import { findSecrets } from './find.ts'
import { redactText } from './redact.ts'

const TOKEN = ['ghp', '_', 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo'].join('')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const each = (write: (code: number) => string): string => [...TOKEN].map((c) => write(c.charCodeAt(0))).join('')
const pad = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
const rot13 = TOKEN.replaceAll(/[A-Za-z]/g, (c) => {
  const code = c.charCodeAt(0)
  return String.fromCharCode((code & 95) > 77 ? code - 13 : code + 13)
})
const lines = (text: string, width: number): string => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? ''

describe('hidden secrets', () => {
  it.each([
    ['base64', `blob: ${base64(TOKEN)}`],
    ['base64 in a JSON member', `{"data":"${base64(JSON.stringify({ api_key: TOKEN }))}"}`],
    ['base64url in a URL', `https://x.example/p?d=${Buffer.from(TOKEN).toString('base64url')}`],
    ['base64 in lines', lines(base64(`some words before the token ${TOKEN} and some words after it`), 40)],
    ['base64 twice', base64(base64(TOKEN))],
    ['base64 three times', base64(base64(base64(TOKEN)))],
    ['hex', hex(TOKEN)],
    ['percent', encodeURIComponent(`k=${TOKEN}&x=1`)],
    ['percent, every character', each((c) => `%${pad(c, 2)}`)],
    ['percent over base64', encodeURIComponent(`${base64(`x ${TOKEN}`)}==`)],
    ['JSON escapes', `{"note":"${each((c) => `\\u${pad(c, 4)}`)}"}`],
    ['escapes of code', `'${each((c) => `\\x${pad(c, 2)}`)}'`],
    ['octal escapes', `$'${each((c) => `\\${c.toString(8).padStart(3, '0')}`)}'`],
    ['HTML entities', each((c) => `&#${c};`)],
    ['HTML entities in hex', each((c) => `&#x${pad(c, 2)};`)],
    ['JSON in JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: TOKEN }) }) })],
    ['zero widths', each((c) => `${String.fromCharCode(c)}\u200b`)],
    ['soft hyphens', `${TOKEN.slice(0, 6)}\u00ad${TOKEN.slice(6)}`],
    ['full width', each((c) => String.fromCharCode(c + 0xfee0))],
    ['look-alikes', TOKEN.replaceAll('p', 'р').replaceAll('a', 'а')],
    ['concatenation', `const k = "${TOKEN.slice(0, 4)}" + "${TOKEN.slice(4, 20)}" + '${TOKEN.slice(20)}'`],
    ['concatenation over lines', `"${TOKEN.slice(0, 9)}" +\n    "${TOKEN.slice(9)}"`],
    ['adjacent strings', `("${TOKEN.slice(0, 9)}"\n "${TOKEN.slice(9)}")`],
    ['a joined list', `["${TOKEN.slice(0, 9)}", "${TOKEN.slice(9)}"].join("")`],
    ['lines', `key:\n${lines(TOKEN, 12)}\n`],
    ['lines with carriage returns', `key: ${lines(TOKEN, 15).replaceAll('\n', '\r\n')}\r\n`],
    ['groups', `${TOKEN.slice(0, 9)} ${TOKEN.slice(9, 20)} ${TOKEN.slice(20)} and more words`],
    ['variables', `a = "${TOKEN.slice(0, 14)}"\nb = "${TOKEN.slice(14)}"\n`],
    ['markup', `**${TOKEN.slice(0, 4)}**${TOKEN.slice(4, 20)}<wbr>${TOKEN.slice(20)}`],
    ['tag characters', each((c) => String.fromCodePoint(0xe0000 + c))],
    ['hex bytes', [...TOKEN].map((c) => pad(c.charCodeAt(0), 2)).join(' ')],
    ['UTF-16 in base64', Buffer.from(TOKEN, 'utf16le').toString('base64')],
    ['spaces between', `${[...TOKEN].join(' ')} is it`],
    ['reversed', `reversed: ${[...TOKEN].reverse().join('')}`],
    ['ROT13', `rot13: ${rot13}`],
    ['character codes', `String.fromCharCode(${[...TOKEN].map((c) => c.charCodeAt(0)).join(', ')})`],
  ])('HB-76: %s', (_, text) => {
    expect(findSecrets(text, 'result')).not.toEqual([])
    const { text: clean } = redactText(text, 'result')
    expect(clean).not.toContain(TOKEN.slice(4, 12))
    expect(clean).toContain('[REDACTED]')
    expect(findSecrets(clean, 'result')).toEqual([])
  })

  it('HB-76: the finding covers the encoded run and says how it was reached', () => {
    const run = base64(TOKEN)
    const text = `before ${run} after`
    const [found, ...more] = findSecrets(text, 'result')
    expect(more).toEqual([])
    expect(text.slice(found?.start, found?.end)).toBe(run)
    expect(found?.decoded).toBe('base64')
    expect(findSecrets(`x ${base64(base64(`a ${TOKEN}`))}`, 'result')[0]?.decoded).toBe('base64>base64')
  })

  it('HB-76: of a text in escapes only the secret goes', () => {
    expect(redactText(`{"a":"caf\\u00e9 \\u0067${TOKEN.slice(1)} end"}`, 'result').text).toBe(
      '{"a":"caf\\u00e9 [REDACTED] end"}',
    )
    expect(redactText(`q=${encodeURIComponent(`a b ${TOKEN} c`)}`, 'result').text).toBe('q=a%20b%20[REDACTED]%20c')
  })

  it('HB-76: deeper than three levels is not followed', () => {
    let text = TOKEN
    for (let i = 0; i < 5; i++) text = base64(text)
    expect(findSecrets(text, 'result')).toEqual([])
  })

  it('HB-76: what decodes to nothing readable or nothing secret stays', () => {
    for (const text of [
      base64('The quick brown fox jumps over the lazy dog, every day of the week'),
      `sha512-${Buffer.alloc(64, 0x9c).toString('base64')}`,
      hex('plain words that were written in hex, for no reason at all'),
      '%7B%22page%22%3A1%2C%22sort%22%3A%22name%22%7D',
      '["alpha", "beta", "gamma"].join(", ")',
      'a b c d e f g h i j k l m n o p q r s t',
    ]) {
      expect(findSecrets(text, 'result'), text).toEqual([])
    }
  })
})
