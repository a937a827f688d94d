import { describe, expect, test } from 'vitest'
import { SallyportError } from '../errors/error.ts'
import { inject, type RequestHead } from './injection.ts'
import { signAws, type SignableRequest } from './sigv4.ts'

const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
}
const NOW = Date.parse('2015-08-30T12:36:00Z')
const REQUEST: SignableRequest = {
  ...{ method: 'GET', path: '/', query: '', body: '' },
  headers: { host: 'example.amazonaws.com' },
}

const S3: SignableRequest = { ...REQUEST, headers: { host: 'examplebucket.s3.amazonaws.com' } }
const S3_KEY = {
  ...{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  ...{ region: 'us-east-1', service: 's3' },
}

describe('AWS Signature Version 4', () => {
  test.each([
    ['get-vanilla', REQUEST, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'post-vanilla',
      { ...REQUEST, method: 'POST' },
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'get-vanilla-query-order-key-case',
      { ...REQUEST, query: 'Param2=value2&Param1=value1' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-empty-query-key',
      { ...REQUEST, query: 'Param1=value1' },
      'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    ],
    ['get-utf8', { ...REQUEST, path: '/\u1234' }, '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    [
      'get-unreserved',
      { ...REQUEST, path: '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' },
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    ],
    [
      'get-space',
      { ...REQUEST, path: '/example space/' },
      '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
    ],
    [
      'post-vanilla-query',
      { ...REQUEST, method: 'POST', query: 'Param1=value1' },
      '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    ],
    [
      'post-header-key-sort',
      { ...REQUEST, method: 'POST', headers: { ...REQUEST.headers, 'my-header1': 'value1' } },
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'get-header-value-trim',
      { ...REQUEST, headers: { ...REQUEST.headers, 'my-header1': ' value1', 'my-header2': ' "a   b   c"' } },
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        ...REQUEST,
        method: 'POST',
        headers: { ...REQUEST.headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Param1=value1',
      },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('HB-84, HB-88: %s of the published suite', (_name, request, signature) => {
    expect(signAws(request, KEY, NOW)['authorization']).toMatch(
      new RegExp(
        `Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=${signature}$`,
      ),
    )
  })

  test.each([
    [
      'PUT Object',
      {
        ...S3,
        method: 'PUT',
        path: '/test$file.text',
        body: 'Welcome to Amazon S3.',
        headers: { ...S3.headers, date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET Object',
      { ...S3, path: '/test.txt', headers: { ...S3.headers, range: 'bytes=0-9' } },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'GET Bucket Lifecycle',
      { ...S3, query: 'lifecycle' },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'Get Bucket (List Objects)',
      { ...S3, query: 'max-keys=2&prefix=J' },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('HB-88: %s of the published examples of S3', (_name, request, signature) => {
    expect(signAws(request, S3_KEY, Date.parse('2013-05-24T00:00:00Z'))['authorization']).toContain(
      `Signature=${signature}`,
    )
  })

  test('a session token is signed as well', () => {
    const signed = signAws(REQUEST, { ...KEY, sessionToken: 'a-token' }, NOW)
    expect(signed).toMatchObject({ 'x-amz-security-token': 'a-token', 'x-amz-date': '20150830T123600Z' })
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
  })

  const SECRET = { accessKeyId: KEY.accessKeyId, secretAccessKey: KEY.secretAccessKey }
  const form = { kind: 'sigv4', region: KEY.region, service: 'service' } as const
  const again = (
    head: RequestHead,
    { body = '', method = 'GET', secret = SECRET as object, service = 'service' } = {},
  ) =>
    inject(
      { ...form, service },
      JSON.stringify(secret),
      { method, head, body: Buffer.from(body), placeholder: 'x' },
      NOW,
    )
  const HEAD: RequestHead = { headers: { host: 'example.amazonaws.com' }, path: '/', search: '' }

  test('HB-88: a signature of the client is gone from headers and query, and ours stands there', () => {
    const mine =
      'AWS4-HMAC-SHA256 Credential=AKIAOTHER/20150830/us-east-1/service/aws4_request, SignedHeaders=host, Signature=00'
    const { head, secrets } = again({
      headers: {
        ...{ ...HEAD.headers, authorization: mine, 'x-amz-date': '20150830T000000Z', 'user-agent': 'sdk' },
        ...{ 'x-amz-security-token': 'other', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', date: 'x' },
      },
      path: '/',
      search: '?Param2=value2&X-Amz-Signature=00&x-amz-credential=AKIAOTHER%2F&X-Amz-Expires=900&Param1=value1',
    })
    expect(head.search).toBe('?Param1=value1&Param2=value2')
    expect(head.headers['authorization']).toContain(
      'Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    )
    expect(Object.keys(head.headers).toSorted()).toEqual(['authorization', 'host', 'user-agent', 'x-amz-date'])
    expect(JSON.stringify(head)).not.toMatch(/OTHER|other|UNSIGNED|wJalr/)
    expect(secrets.map(String)).toEqual([
      SECRET.secretAccessKey,
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ])
  })

  test('HB-88: body, its type and all headers of AWS are signed, and for S3 the digest of the body goes along', () => {
    const headers = {
      ...HEAD.headers,
      'content-type': 'text/plain',
      'x-amz-acl': 'private',
      accept: '*/*',
      'content-length': '5',
    }
    const one = again({ ...HEAD, headers }, { body: 'hello', method: 'PUT', service: 's3' })
    const signed = 'SignedHeaders=content-type;host;x-amz-acl;x-amz-content-sha256;x-amz-date,'
    expect(one.head.headers['authorization']).toContain(signed)
    expect(one.head.headers['x-amz-content-sha256']).toBe(
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    )
    const other = again({ ...HEAD, headers }, { body: 'hallo', method: 'PUT', service: 's3' })
    expect(other.head.headers['authorization']).not.toBe(one.head.headers['authorization'])
    const token = again(HEAD, { secret: { ...SECRET, sessionToken: 'a-session-token' } })
    expect(token.head.headers['x-amz-security-token']).toBe('a-session-token')
    expect(token.secrets.map(String)).toContain('a-session-token')
  })

  test.each([
    [
      'chunks with signatures',
      { headers: { ...HEAD.headers, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } },
    ],
    [
      'chunks with a trailer',
      { headers: { ...HEAD.headers, 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' } },
    ],
    ['aws-chunked', { headers: { ...HEAD.headers, 'content-encoding': 'aws-chunked,gzip' } }],
    ['a trailer', { headers: { ...HEAD.headers, 'x-amz-trailer': 'x-amz-checksum-crc32' } }],
    ['a plus in the query', { search: '?a=b+c' }],
    ['a query that cannot be decoded', { search: '?a=%zz' }],
  ])('HB-88: %s cannot be signed again', (_what, head) => {
    expect(() => again({ ...HEAD, ...head })).toThrow(
      expect.objectContaining({ code: 'SP_VAULT_BODY' }) as SallyportError,
    )
  })

  test.each([
    {},
    { accessKeyId: 'AKIA' },
    { ...SECRET, accessKeyId: 'a\r\nb' },
    { ...SECRET, sessionToken: 'a\nb' },
    [SECRET],
    'text',
  ])('T-125: a secret that is %j is none for this', (secret) => {
    const act = () => again(HEAD, { secret: secret as object })
    expect(act).toThrow(expect.objectContaining({ code: 'SP_VAULT_INVALID' }) as SallyportError)
    expect(act).not.toThrow(/wJalr/)
  })
})
