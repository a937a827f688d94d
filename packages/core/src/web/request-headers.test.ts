import { expect, test } from 'vitest'
import { readRequestHeaders } from './request-headers.ts'

test('T-115 T-116: headers of the connection, of who asks and of somebody else are refused by name', () => {
  for (const name of [
    'Host',
    'TE',
    'Content-Length',
    'authorization',
    'Proxy-Connection',
    'proxy_x',
    'X-Api-Key',
    'x_api_key',
  ])
    expect(() => readRequestHeaders({ [name]: 'x' })).toThrow(JSON.stringify(name))
  for (const name of ['x-method-override', 'X_Real_IP', 'x-forwarded-host', 'Forwarded', 'x-on-behalf-of', 'Sudo'])
    expect(() => readRequestHeaders({ [name]: 'x' })).toThrow('The header')
})

test('names and values are what a header can hold, and each is there once', () => {
  expect(readRequestHeaders({ Accept: 'a/b; q=0.1', 'X-GitHub-Api-Version': '1' })).toEqual({
    accept: 'a/b; q=0.1',
    'x-github-api-version': '1',
  })
  for (const bad of ['a\r\nb: c', 'a\nb', 'a\0b', 'a\u2028b', 'x'.repeat(5_000)])
    expect(() => readRequestHeaders({ accept: bad })).toThrow('The header')
  expect(() => readRequestHeaders({ Accept: 'a', accept: 'b' })).toThrow('twice')
  expect(() =>
    readRequestHeaders(Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`x-a${at}`, 'b']))),
  ).toThrow('too many')
})
