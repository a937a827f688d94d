import { createHash, createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificateFor, tlsUpstream, wayOut, type Certificate, type Upstream, type Way } from './lent-kit.ts'

const TOKEN = '123456:AA-a_token.of~the+vault'
const KEY = {
  accessKeyId: 'AKIAOFTHEVAULT',
  secretAccessKey: 'a/secret+key/of=the/vault',
  sessionToken: 'a-session-token-of-the-vault/==',
}
const FORMS = (text: string): readonly string[] => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').slice(0, -4),
  Buffer.from(text).toString('hex'),
]

/** What a server of AWS does, from its documentation and without a line of ours: signs what came, and compares. */
function judgeSignature(request: string): string {
  const [head = '', body = ''] = request.split(/\r\n\r\n([^]*)/)
  const [first = '', ...lines] = head.split('\r\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.get('authorization') ?? '',
    )
  if (match === null) return 'no signature'
  const [, id, day = '', region = '', service = '', names = '', signature] = match
  if (id !== KEY.accessKeyId) return 'unknown key'
  if (headers.get('x-amz-security-token') !== KEY.sessionToken) return 'unknown token'
  const signed = names.split(';')
  const unsigned = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signed.includes(name))
  if (unsigned.length > 0 || !signed.includes('host')) return `unsigned ${unsigned.join()}`
  const sha = (data: string): string => createHash('sha256').update(data, 'latin1').digest('hex')
  const encode = (text: string): string =>
    [...Buffer.from(text, 'latin1')]
      .map((byte) =>
        /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
          ? String.fromCharCode(byte)
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .join('')
  const decode = (text: string): string =>
    text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  const [path = '', query = ''] = target.split('?')
  const canonicalPath = path
    .split('/')
    .map((part) => encode(service === 's3' ? decode(part) : part))
    .join('/')
  const members =
    query === '' ? [] : query.split('&').map((member) => member.split('=').map((part) => encode(decode(part))))
  const canonicalQuery = members
    .map(([name = '', value = '']) => `${name}=${value}`)
    .toSorted()
    .join('&')
  const digest = sha(body)
  if (service === 's3' && headers.get('x-amz-content-sha256') !== digest) return 'XAmzContentSHA256Mismatch'
  const canonical = [
    method,
    canonicalPath,
    canonicalQuery,
    ...signed.map((name) => `${name}:${(headers.get(name) ?? '').replace(/ +/g, ' ')}`),
    '',
    names,
    digest,
  ].join('\n')
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers.get('x-amz-date') ?? '',
    `${day}/${region}/${service}/aws4_request`,
    sha(canonical),
  ].join('\n')
  let key: Buffer = Buffer.from(`AWS4${KEY.secretAccessKey}`)
  for (const part of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(toSign).digest('hex') === signature ? 'ok' : 'SignatureDoesNotMatch'
}

describe('credentials at other places of a request', () => {
  let certificate: Certificate
  let upstream: Upstream
  let way: Way

  beforeAll(async () => {
    certificate = certificateFor('localhost')
    upstream = await tlsUpstream(certificate, (socket, request) => {
      // all that came goes back, as servers do when they complain
      const body = `${judgeSignature(request)}\n${request}\n${Buffer.from(request, 'latin1').toString('base64')}`
      socket.end(
        `HTTP/1.1 200 OK\r\nx-path: ${request.split(' ')[1] ?? ''}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    })
    const base = `https://localhost:${upstream.port}`
    const usual = { category: 'write', agents: ['coder'], base, methods: ['GET', 'PUT', 'POST', 'DELETE'] }
    way = await wayOut(
      {
        telegram: {
          ...usual,
          secret: 'token',
          inject: { path: true },
          paths: ['/bot{lease}/sendMessage', '/file/bot{lease}/**'],
        },
        json: { ...usual, secret: 'token', inject: { json: '/auth/token' } },
        form: { ...usual, secret: 'token', inject: { form: 'token' } },
        s3: { ...usual, secret: 'aws', inject: { sigv4: { region: 'eu-central-1', service: 's3' } } },
        dynamo: { ...usual, secret: 'aws', inject: { sigv4: { region: 'eu-central-1', service: 'dynamodb' } } },
        broken: { ...usual, secret: 'token', inject: { sigv4: { region: 'eu-central-1', service: 's3' } } },
        small: {
          ...usual,
          secret: 'aws',
          inject: { sigv4: { region: 'a', service: 's3' } },
          constraints: { maxBodyBytes: 100 },
        },
      },
      { token: TOKEN, aws: JSON.stringify(KEY) },
      { authorities: [certificate.cert.toString()], limits: { body: 300, answer: 5_000, idle: 5_000 } },
    )
  })
  afterAll(() => {
    way.close()
    upstream.close()
  })
  const last = (): string => upstream.heard.at(-1) ?? ''

  it('HB-88: into a path, in the place of the placeholder; the record has the placeholder', async () => {
    const { status, body, headers } = await way.ask(
      '/sallyport/telegram/botsallyport-lease-telegram/sendMessage?chat_id=1',
      { method: 'POST', body: 'text=hi' },
    )
    expect(status).toBe(200)
    expect(last()).toContain(`POST /bot${TOKEN}/sendMessage?chat_id=1 HTTP/1.1\r\n`)
    for (const form of FORMS(TOKEN)) expect(body + JSON.stringify(headers)).not.toContain(form)
    expect(headers['x-path']).toBe(`/bot${'*'.repeat(TOKEN.length)}/sendMessage?chat_id=1`)
    expect(way.records.at(-1)).toMatchObject({
      operation: 'use',
      success: true,
      path: '/botsallyport-lease-telegram/sendMessage',
    })
    expect(way.attempts.at(-1)?.target).toMatch(/\/botsallyport-lease-telegram\/sendMessage$/)
  })

  it.each([
    ['/sallyport/telegram/bot/sendMessage', {}, 'credential_scope'],
    ['/sallyport/telegram/botmine/sendMessage', {}, 'credential_scope'],
    ['/sallyport/telegram/file/botsallyport-lease-telegram/sallyport-lease-telegram', {}, 'credential_scope'],
    ['/sallyport/telegram/file/botsallyport-lease-telegram/../x', {}, 'credential_scope'],
    [
      '/sallyport/json/x',
      {
        headers: { 'content-type': 'application/json' },
        body: '{"auth":{"token":"sallyport-lease-json","token":"x"}}',
      },
      'credential_body',
    ],
    [
      '/sallyport/json/x',
      { headers: { 'content-type': 'application/json' }, body: '{"auth":{"token":"mine"}}' },
      'credential_body',
    ],
    [
      '/sallyport/json/x',
      { headers: { 'content-type': 'text/plain' }, body: '{"auth":{"token":"sallyport-lease-json"}}' },
      'credential_body',
    ],
    [
      '/sallyport/form/x',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
      'credential_body',
    ],
    [
      '/sallyport/s3/x',
      { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, body: 'x' },
      'credential_body',
    ],
    ['/sallyport/small/x', { body: 'x'.repeat(101) }, 'credential_body'],
    ['/sallyport/small/x', { body: 'x'.repeat(101), headers: { 'transfer-encoding': 'chunked' } }, 'credential_body'],
    ['/sallyport/small/x', { body: 'x', missing: 5 }, 'credential_body'],
    ['/sallyport/broken/x', {}, 'credential_unavailable'],
  ])(
    'T-125, HB-93: %s with %j is refused, nothing goes out, and no word of it holds a value',
    async (path, order, reason) => {
      const before = upstream.heard.length
      const since = way.records.length
      const { status, body, headers } = await way.ask(path, { method: 'POST', ...order })
      expect({ status, reason: headers['x-sallyport-deny'] }).toEqual({ status: 403, reason })
      expect(JSON.parse(body)).toMatchObject({ reason })
      expect(upstream.heard).toHaveLength(before)
      const told = body + JSON.stringify([way.records.slice(since), way.attempts])
      for (const form of [...FORMS(TOKEN), ...FORMS(KEY.secretAccessKey)]) expect(told).not.toContain(form)
      expect(way.records.at(-1)).toMatchObject({ success: false, error: expect.stringMatching(/^SP_VAULT_/) as string })
    },
  )

  it('HB-88: into a member of JSON and a field of a form, with the right length', async () => {
    const json = await way.ask('/sallyport/json/x', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      body: '{"n": 12345678901234, "auth": {"token": "sallyport-lease-json"}}',
    })
    expect(json.status).toBe(200)
    const sent = `{"n": 12345678901234, "auth": {"token": ${JSON.stringify(TOKEN)}}}`
    expect(last().endsWith(`\r\n\r\n${sent}`)).toBe(true)
    expect(last()).toMatch(new RegExp(`content-length: ${sent.length}\\r\\n`))
    expect(last()).not.toMatch(/transfer-encoding/i)
    for (const form of FORMS(TOKEN)) expect(json.body).not.toContain(form)
    const form = await way.ask('/sallyport/form/x', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1&token=mine',
    })
    expect(form.status).toBe(200)
    expect(last().endsWith(`\r\n\r\na=1&token=${encodeURIComponent(TOKEN)}`)).toBe(true)
    for (const one of FORMS(TOKEN)) expect(form.body).not.toContain(one)
  })

  const OTHERS = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIASALLYPORT/20261128/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=00',
    'x-amz-date': '20200101T000000Z',
  }
  it.each([
    ['s3', 'GET', '/bucket/a%20b/c%2Bd/$e+f(1).txt', '', undefined],
    ['s3', 'GET', '/bucket', '?list-type=2&prefix=a%2Fb&delimiter=%2F', undefined],
    ['s3', 'GET', '/bucket', '?lifecycle', undefined],
    [
      's3',
      'GET',
      '/bucket/x',
      '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2Fx&X-Amz-Signature=00&X-Amz-Expires=9&response-content-type=a',
      undefined,
    ],
    ['s3', 'PUT', '/bucket/x', '', 'the body'],
    ['s3', 'PUT', '/bucket/empty', '', ''],
    ['s3', 'DELETE', '/bucket/x', '?versionId=1', undefined],
    ['dynamodb', 'POST', '/', '', '{"TableName":"t"}'],
    ['dynamodb', 'GET', '/a%20b/$c', '?b=2&a=%C3%A9&a=1', undefined],
  ])(
    'HB-88: signed anew for %s: %s %s%s is right for a server that checks it',
    async (service, method, path, search, body) => {
      const name = service === 's3' ? 's3' : 'dynamo'
      const answer = await way.ask(`/sallyport/${name}${path}${search}`, {
        method,
        headers: {
          ...OTHERS,
          'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
          'content-type': 'text/plain',
          'x-amz-meta-who': ' a   b ',
        },
        ...(body === undefined ? {} : { body }),
      })
      expect(answer.status).toBe(200)
      expect(answer.body.split('\n')[0]).toBe('ok')
      expect(last()).not.toMatch(/AKIASALLYPORT|20200101|UNSIGNED|X-Amz-Credential/)
      expect(last()).not.toContain(KEY.secretAccessKey)
      const [, signature = ''] = /Signature=([0-9a-f]{64})/.exec(last()) ?? []
      for (const form of [...FORMS(KEY.secretAccessKey), ...FORMS(KEY.sessionToken), signature])
        expect(answer.body).not.toContain(form)
    },
  )

  it('T-126: the server that checks is no yes-man: a body that was changed on its way does not fit', () => {
    expect(judgeSignature(last().replace('GET', 'PUT'))).toBe('SignatureDoesNotMatch')
  })

  it('HB-52, HB-74, HB-88: what a rule masks in a body is masked, and the credential still stands where it belongs', async () => {
    const LEAKED = `ghp_${'Zx81Qmv0Lr5TeYb7Kc2NsWu9Ho3JdFi6GpAa'}`
    const port = upstream.port
    const usual = { category: 'write', agents: ['coder'], base: `https://localhost:${port}`, methods: ['POST'] }
    const looked = await wayOut(
      {
        json: { ...usual, secret: 'token', inject: { json: '/auth/token' } },
        s3: { ...usual, secret: 'aws', inject: { sigv4: { region: 'eu-central-1', service: 's3' } } },
      },
      { token: TOKEN, aws: JSON.stringify(KEY) },
      {
        authorities: [certificate.cert.toString()],
        egress: {
          rules: { looked: { hosts: [`localhost:${port}`], allow: [{ methods: ['POST'] }], secrets: 'mask' } },
        },
      },
    )
    const text = `{"note": "${LEAKED}", "auth": {"token": "sallyport-lease-json"}}`
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const json = await looked.ask('/sallyport/json/x', { method: 'POST', headers, body: gzipSync(text) })
    expect(json.status).toBe(200)
    expect(last()).toContain(`{"note": "${'*'.repeat(LEAKED.length)}", "auth": {"token": ${JSON.stringify(TOKEN)}}}`)
    expect(last()).not.toMatch(/content-encoding/i)
    const s3 = await looked.ask('/sallyport/s3/x', { method: 'POST', headers, body: gzipSync(text) })
    expect([s3.status, s3.body.split('\n')[0]]).toEqual([200, 'ok'])
    expect(last()).not.toContain(LEAKED)
    const refused = await looked.ask(`/sallyport/json/x?a=${LEAKED}`, { method: 'POST', headers, body: gzipSync(text) })
    expect([refused.status, refused.headers['x-sallyport-deny']]).toEqual([403, 'secret'])
    looked.close()
  })
})
