import { expect, test } from 'vitest'
import { leadsTo, webAddress, webAddressesIn } from './urls.ts'

const same = (value: string, said: string): boolean => {
  const [a, b] = [webAddress(value), webAddress(said)]
  return a !== undefined && b !== undefined && leadsTo(a, b)
}

test('scheme, www, case of the host and a last slash make no difference', () => {
  expect(same('https://Corp.com/a/', 'www.corp.com/a')).toBe(true)
  expect(same('corp.com', 'http://corp.com:80')).toBe(true)
  expect(same('https://corp.com:443/?q=1', 'https://corp.com/?q=1')).toBe(true)
})

test('T-101: everything else does', () => {
  for (const [value, said] of [
    ['http://corp.com', 'https://corp.com'],
    ['corp.com/A', 'corp.com/a'],
    ['corp.com/a?b', 'corp.com/a'],
    ['mail.corp.com', 'corp.com'],
    ['corp.com:8080', 'corp.com'],
  ] as const)
    expect(same(value, said)).toBe(false)
  for (const odd of [
    'https://u@corp.com',
    'https://corp.com/../x',
    'https://corp.com/%2e%2e/x',
    'https://corp.com\\x',
    'ftp://corp.com',
    'corp',
    'https://cörp.com',
  ])
    expect(webAddress(odd)).toBeUndefined()
})

test('finds addresses in running text without the marks around them', () => {
  const found = (text: string) => [...webAddressesIn(text)].map((each) => each.text)
  expect(found('See https://a.io/x, (www.b.org/c_(d)) and [c.net](https://c.net/e).')).toEqual([
    'https://a.io/x',
    'www.b.org/c_(d)',
    'c.net',
    'https://c.net/e',
  ])
  expect(found('Version 1.2.3 costs 12.50. bob@corp.com')).toEqual([])
})
