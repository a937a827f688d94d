import { expect, test } from 'vitest'
import { readRedirect, readRequestUrl } from './request-url.ts'

const from = (text: string) => {
  const read = readRequestUrl(text)
  if (!read.ok) throw new Error(read.fault)
  return read.url
}
const fault = (text: string): string => {
  const read = readRequestUrl(text)
  return read.ok ? `ok ${read.url.href}` : read.fault
}

test('HB-68, HB-71: a URL is taken as all parsers take it, or not at all', () => {
  expect(fault('https://Page.Example./a?b#c')).toBe('ok https://page.example/a?b#c')
  expect(fault('http://page.example:8080/')).toBe('ok http://page.example:8080/')
  expect(fault('http://[::1]/')).toBe('ok http://[::1]/')
  for (const text of [
    'http://0x7f.1/',
    'http://2130706433/',
    'http://127.1/',
    'http:///x',
    'page.example',
    '',
    'http://a b/',
  ])
    expect(fault(text)).toBe('malformed')
  expect(fault('http://a@b/')).toBe('userinfo')
  expect(fault('http://page.example:66000/')).toBe('port')
  for (const text of ['ws://a/', 'ftp://a/', 'file:///a', 'javascript:x', 'about:blank'])
    expect(fault(text)).toBe('scheme')
})

test('HB-70: a redirect is a URL like any other, and none leads from HTTPS to HTTP', () => {
  const page = from('https://page.example/a/b?c')
  const to = (location: string, start = page): string => {
    const read = readRedirect(location, start)
    return read.ok ? read.url.href : read.fault
  }
  expect(to('../x')).toBe('https://page.example/x')
  expect(to('?d')).toBe('https://page.example/a/b?d')
  expect(to('//other.example/x')).toBe('https://other.example/x')
  expect(to('http://page.example/')).toBe('downgrade')
  expect(to('http://page.example/', from('http://page.example/'))).toBe('http://page.example/')
  expect(to('\\\\evil.example\\x')).toBe('malformed')
  expect(to(' https://evil.example/')).toBe('malformed')
  expect(to('javascript:x')).toBe('scheme')
  expect(to('https://page.example@evil.example/')).toBe('userinfo')
})
