import { describe, expect, test } from 'vitest'
import { foreignParameter, inject, isCredentialHeader, type InjectionForm, type RequestHead } from './injection.ts'

const head: RequestHead = {
  headers: { accept: '*/*', authorization: 'Bearer mine', 'x-api-key': 'mine', cookie: 'sid=mine' },
  path: '/v1/models',
  search: '?limit=5&q=a%20b&key=mine',
}
const FORMS: readonly (readonly [InjectionForm, Partial<RequestHead>])[] = [
  [
    { kind: 'header', name: 'authorization', prefix: 'Bearer ' },
    { headers: { accept: '*/*', authorization: 'Bearer the-key' } },
  ],
  [{ kind: 'header', name: 'x-api-key', prefix: '' }, { headers: { accept: '*/*', 'x-api-key': 'the-key' } }],
  [{ kind: 'basic', user: 'ana' }, { headers: { accept: '*/*', authorization: 'Basic YW5hOnRoZS1rZXk=' } }],
  [{ kind: 'cookie', name: 'sid' }, { headers: { accept: '*/*', cookie: 'sid=the-key' } }],
  [
    { kind: 'query', name: 'key' },
    { headers: { accept: '*/*' }, search: '?limit=5&q=a%20b&key=the-key' },
  ],
]

describe('injection', () => {
  test.each(FORMS)(
    'HB-88, T-115: %j is put in its place, and what the client said of itself is gone',
    (form, expected) => {
      const done = inject(form, 'the-key', head)
      expect(done).toMatchObject(expected)
      expect(JSON.stringify(done.headers)).not.toContain('mine')
      expect(done.path).toBe('/v1/models')
    },
  )

  test('T-125: a value with a line break goes into no header', () => {
    expect(() => inject({ kind: 'header', name: 'x-api-key', prefix: '' }, 'a\r\nhost: evil', head)).toThrow(RangeError)
  })

  test.each([
    ...['Authorization', 'x-api-key', 'X-Auth-Token', 'X-Vault-Token', 'PRIVATE-TOKEN', 'x-goog-api-key', 'Cookie'],
    ...[
      'x-amz-security-token',
      'DD-API-KEY',
      'dd-application-key',
      'X-Auth-Key',
      'x_api_key',
      'x-access-token-id',
      'DPoP',
      'X-Shopify-Access-Token',
      'x-figma-token',
    ],
  ])('T-115: %s says who somebody is', (name) => {
    expect(isCredentialHeader(name)).toBe(true)
  })

  test.each([
    'accept',
    'content-type',
    'user-agent',
    'x-request-id',
    'author',
    'x-tokens-used',
    'if-match',
    'keyboard',
  ])('%s does not', (name) => {
    expect(isCredentialHeader(name)).toBe(false)
  })

  test.each([
    ['?X-Amz-Signature=abc&prefix=a', 'X-Amz-Signature'],
    ['?prefix=a&%61pi_key=x', 'api_key'],
    ['?token=x', 'token'],
    ['?key=AIzaSyA-0123456789abcdefghijk', 'key'],
  ])('T-115: %s would act as somebody else', (search, name) => {
    expect(foreignParameter(search)).toBe(name)
  })

  test.each(['', '?', '?q=token', '?key=a-record', '?code=US', '?keys=1&tokens=5', '?author=me'])(
    '%s would not',
    (search) => {
      expect(foreignParameter(search)).toBeUndefined()
    },
  )

  test('T-125: the member that is ours is not the client’s', () => {
    expect(foreignParameter('?api_key=placeholder', 'api_key')).toBeUndefined()
    expect(inject({ kind: 'query', name: 'key' }, 'v', { headers: {}, path: '/', search: '' }).search).toBe('?key=v')
    const encoded = { headers: {}, path: '/', search: '?a=b+c&k%65y=x&d=%2F' }
    expect(inject({ kind: 'query', name: 'key' }, 'v', encoded).search).toBe('?a=b+c&d=%2F&key=v')
  })
})
