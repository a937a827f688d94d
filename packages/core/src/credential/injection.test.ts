import { describe, expect, test } from 'vitest'
import { SallyportError } from '../errors/error.ts'
import { foreignParameter, isCredentialHeader } from './foreign.ts'
import { inject as injectAt, type Injected, type InjectionForm, type RequestHead } from './injection.ts'

const PLACEHOLDER = 'sallyport-lease-api'
const NOW = Date.parse('2015-08-30T12:36:00Z')
const inject = (
  form: InjectionForm,
  value: string,
  head: RequestHead,
  body?: string | Buffer,
  method = 'POST',
): Injected =>
  injectAt(
    form,
    value,
    { method, head, placeholder: PLACEHOLDER, ...(body === undefined ? {} : { body: Buffer.from(body as string) }) },
    NOW,
  )
const errorOf = (act: () => unknown): SallyportError => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown
    throw thrown
  }
  throw new Error('It was not refused.')
}

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
      const { head: done } = inject(form, 'the-key', head)
      expect(done).toMatchObject(expected)
      expect(JSON.stringify(done.headers)).not.toContain('mine')
      expect(done.path).toBe('/v1/models')
    },
  )

  test('T-125: a value with a line break goes into no header', () => {
    const act = () => inject({ kind: 'header', name: 'x-api-key', prefix: '' }, 'a\r\nhost: evil', head)
    expect(errorOf(act)).toMatchObject({
      code: 'SP_VAULT_INVALID',
      detail: expect.not.stringContaining('evil') as string,
    })
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
    expect(foreignParameter('?api_key=placeholder', (name) => name === 'api_key')).toBeUndefined()
    expect(inject({ kind: 'query', name: 'key' }, 'v', { headers: {}, path: '/', search: '' }).head.search).toBe(
      '?key=v',
    )
    const encoded = { headers: {}, path: '/', search: '?a=b+c&k%65y=x&d=%2F' }
    expect(inject({ kind: 'query', name: 'key' }, 'v', encoded).head.search).toBe('?a=b+c&d=%2F&key=v')
  })
})

describe('injection into a path', () => {
  const at = (path: string): RequestHead => ({ headers: {}, path, search: '' })
  test('HB-88: the value stands where the placeholder stood', () => {
    const { head: done } = inject({ kind: 'path' }, '123456:AA-b_c', at(`/bot${PLACEHOLDER}/sendMessage`))
    expect(done.path).toBe('/bot123456:AA-b_c/sendMessage')
  })
  test.each<readonly [string, string, string, string]>([
    ['not at all', '/bot/sendMessage', '123456:AA', 'SP_VAULT_SCOPE'],
    ['twice', `/${PLACEHOLDER}/${PLACEHOLDER}`, '123456:AA', 'SP_VAULT_SCOPE'],
    ...[
      'a/../admin',
      'a?b=c12',
      'a#fragment',
      'a%2e%2eb',
      'with space',
      'a\\b12345',
      'line\r\nhost: x',
      'é1234567',
    ].map((value): [string, string, string, string] => [
      `with ${value}`,
      `/bot${PLACEHOLDER}/x`,
      value,
      'SP_VAULT_INVALID',
    ]),
  ])('T-125, T-116: %s is refused, and the value is not quoted', (_what, path, value, code) => {
    const error = errorOf(() => inject({ kind: 'path' }, value, at(path)))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain(value)
  })
})

describe('injection into a body', () => {
  const JSON_HEAD: RequestHead = {
    headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': '7', authorization: 'mine' },
    ...{ path: '/', search: '' },
  }
  const FORM_HEAD: RequestHead = { ...JSON_HEAD, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  const pointer = { kind: 'json', pointer: '/auth/api~1key' } as const
  const VALUE = 'a "value" & more'

  test('HB-88: a member of JSON gets it, no other byte changes, and the length is right', () => {
    const before = `{ "n": 1.00,\n "auth": {"api/key": "${PLACEHOLDER}", "é": "\\u00e9"} }`
    const { head: done, body } = inject(pointer, VALUE, JSON_HEAD, before)
    const after = Buffer.from(body ?? []).toString()
    expect(after).toBe(before.replace(`"${PLACEHOLDER}"`, JSON.stringify(VALUE)))
    expect(done.headers).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(after)),
    })
  })

  test.each([
    ['a member that is there twice', `{"auth":{"api/key":"${PLACEHOLDER}","api/key":"mine"}}`],
    ['a member that is there twice by an escape', `{"auth":{"api/key":"${PLACEHOLDER}","api\\u002fkey":"mine"}}`],
    ['a value of its own', '{"auth":{"api/key":"mine"}}'],
    ['nothing there', '{"auth":{}}'],
    ['the placeholder elsewhere', `{"note":"${PLACEHOLDER}"}`],
    ['the placeholder elsewhere as well', `{"auth":{"api/key":"${PLACEHOLDER}"},"note":"${PLACEHOLDER}"}`],
    ['no JSON', `auth=${PLACEHOLDER}`],
    ['nothing', ''],
    ['bytes that are no text', Buffer.from(`{"auth":{"api/key":"${PLACEHOLDER}"},"x":"\xff"}`, 'latin1')],
    ['an inherited member', '{"__proto__":{"auth":{}}}'],
  ])('T-125, T-074: %s is refused', (_what, body) => {
    const error = errorOf(() => inject(pointer, VALUE, JSON_HEAD, body))
    expect(error.code).toBe('SP_VAULT_BODY')
    expect(error.message).not.toContain(VALUE)
  })

  test('HB-88: a field of a form gets it, the others stay as they are', () => {
    const { head: done, body } = inject(
      { kind: 'form', name: 'token' },
      VALUE,
      FORM_HEAD,
      'a=b+c&t%6fken=mine&d=%2F&token=x',
    )
    expect(Buffer.from(body ?? []).toString()).toBe('a=b+c&d=%2F&token=a%20%22value%22%20%26%20more')
    expect(done.headers['content-length']).toBe(String(body?.length))
    expect(Buffer.from(inject({ kind: 'form', name: 'token' }, 'v', FORM_HEAD, '').body ?? []).toString()).toBe(
      'token=v',
    )
  })

  test.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'multipart/form-data; boundary=x' }],
    [{}],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    [{ 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'deflate' }],
  ])('T-125: a body that says %j of itself gets no value', (headers) => {
    for (const form of [pointer, { kind: 'form', name: 'token' } as const])
      expect(errorOf(() => inject(form, VALUE, { headers, path: '/', search: '' }, '{}')).code).toBe('SP_VAULT_BODY')
  })

  test('T-118: a body that was read whole is announced by its length alone, also one that only passes', () => {
    const chunked = { headers: { 'transfer-encoding': 'chunked' }, path: '/', search: '' }
    const bearer = { kind: 'header', name: 'authorization', prefix: '' } as const
    expect(inject(bearer, 'the-value', chunked, 'abc', 'GET').head.headers).toEqual({
      'content-length': '3',
      authorization: 'the-value',
    })
    expect(inject(bearer, 'the-value', chunked, '', 'GET').head.headers).toEqual({ authorization: 'the-value' })
  })
})
