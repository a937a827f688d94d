import { describe, expect, test } from 'vitest'
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
  ])('HB-84: %s of the published suite', (_name, request, signature) => {
    expect(signAws(request, KEY, NOW)['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    )
  })

  test('a session token is signed as well', () => {
    const signed = signAws(REQUEST, { ...KEY, sessionToken: 'a-token' }, NOW)
    expect(signed).toMatchObject({ 'x-amz-security-token': 'a-token', 'x-amz-date': '20150830T123600Z' })
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
  })
})
