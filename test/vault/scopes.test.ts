import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentialsSchema } from '../../packages/gateway/src/config/credential-schema.ts'
import { certificateFor, tlsUpstream, wayOut, type Order, type Upstream, type Way } from './lent-kit.ts'

const VALUE = 'a-key-of-the-vault-42'
const DAY = 86_400_000
const JSON_TYPE = { 'content-type': 'application/json' }
const MAIL: Order = { method: 'POST', headers: JSON_TYPE, body: '{"to":"ana@acme.example","text":"hi"}' }

describe('scoped keys', () => {
  let upstream: Upstream
  let way: Way
  const usual = () => ({ secret: 'value', category: 'external', base: `https://localhost:${upstream.port}` })
  const given = () => ({
    mail: {
      ...usual(),
      scope: 'mailer_skill_only',
      operations: {
        'send:email': { methods: ['POST'], paths: ['/v1/messages'] },
        'read:analytics': { methods: ['GET'], paths: ['/v1/reports/**'] },
      },
      permissions: ['send:email'],
      expiry: '30d',
      constraints: {
        ...{ noAttachmentUpload: true, maxBodyBytes: 200, contentTypes: ['application/json'], query: ['draft'] },
        recipients: { at: ['/to'], allow: ['*@acme.example'] },
      },
    },
    analytics: {
      ...usual(),
      ...{ category: 'read', secret: 'reports', agents: ['server:mailer', 'analyst'], scope: 'analyst_agent_only' },
      operations: { 'read:analytics': { methods: ['GET'], paths: ['/v1/reports/**'] } },
      permissions: ['read:analytics'],
    },
    dated: { ...usual(), agents: ['server:mailer'], expiry: '2026-12-01' },
    nobody: { ...usual(), agents: ['coder'], scope: 'mailer_skill_only' },
  })

  beforeAll(async () => {
    const certificate = certificateFor('localhost')
    upstream = await tlsUpstream(certificate, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    const options = { authorities: [certificate.cert.toString()], holder: 'server:mailer' }
    way = await wayOut(given(), { value: VALUE }, options)
  })
  afterAll(() => {
    way.close()
    upstream.close()
  })
  const refused = async (path: string, order: Order): Promise<{ reason: unknown; detail: string }> => {
    const before = upstream.heard.length
    const { status, body } = await way.ask(path, order)
    expect(status).toBe(403)
    expect(upstream.heard).toHaveLength(before)
    expect(body + JSON.stringify(way.records)).not.toContain(VALUE)
    const { reason, detail = '' } = JSON.parse(body) as { reason: unknown; detail?: string }
    return { reason, detail }
  }

  it('HB-93: what keeps to everything goes out with the key', async () => {
    expect((await way.ask('/sallyport/mail/v1/messages?draft=1', MAIL)).status).toBe(200)
    expect(upstream.heard.at(-1)).toContain(`Bearer ${VALUE}`)
    expect(upstream.heard.at(-1)).toContain(String(MAIL.body))
  })

  it.each([
    ['permission', '/v1/reports/a', { method: 'GET' }, 'It needs read:analytics; the credential has send:email.'],
    ['operation', '/v1/messages', { ...MAIL, method: 'PUT' }, 'not for PUT'],
    ['operation', '/v1/users', MAIL, 'not for /v1/users'],
    ['query', '/v1/messages?export=all', MAIL, 'The query may have draft, not export.'],
    [
      'content type',
      '/v1/messages',
      { ...MAIL, headers: { 'content-type': 'text/plain' } },
      'may be application/json, not "text/plain"',
    ],
    [
      'attachment',
      '/v1/messages',
      { ...MAIL, body: '{"to":"ana@acme.example","attachments":[{}]}' },
      'it has attachments',
    ],
    [
      'recipient',
      '/v1/messages',
      { ...MAIL, body: '{"to":"eve@evil.example"}' },
      'to *@acme.example, not to "eve@evil.example"',
    ],
    ['recipient', '/v1/messages', { ...MAIL, body: '{"text":"hi"}' }, 'not to nobody'],
  ])(
    'HB-93, AC-4.4.3: a violated %s alone is denied and recorded, and the refusal names both sides',
    async (_what, path, order, said) => {
      const { reason, detail } = await refused(`/sallyport/mail${path}`, order)
      expect(reason).toBe('credential_scope')
      expect(detail).toContain(said)
      expect(way.records.at(-1)).toMatchObject({
        ...{ operation: 'scope_violation', success: false, credential: 'mail', requestingIdentity: 'server:mailer' },
        ...{ error: 'SP_VAULT_SCOPE', reason: expect.stringContaining(said) as string },
      })
    },
  )

  it('HB-93: a body that is too long, and one that can be read in two ways, are denied', async () => {
    const long = JSON.stringify({ to: 'ana@acme.example', text: 'x'.repeat(200) })
    expect(await refused('/sallyport/mail/v1/messages', { ...MAIL, body: long })).toMatchObject({
      ...{ reason: 'credential_body', detail: 'Its body may have 200 bytes at most.' },
    })
    const twice = '{"to":"ana@acme.example","to":"eve@evil.example"}'
    expect(await refused('/sallyport/mail/v1/messages', { ...MAIL, body: twice })).toMatchObject({
      reason: 'credential_body',
    })
  })

  it('HB-93, HB-54, HB-64: a key for another skill is denied, and nothing is said of what it is for', async () => {
    expect(await refused('/sallyport/analytics/v1/reports/a', {})).toEqual({ reason: 'credential_scope', detail: '' })
    expect(await refused('/sallyport/nobody/v1/x', {})).toEqual({ reason: 'credential_scope', detail: '' })
    expect(way.records.at(-1)).toMatchObject({ operation: 'scope_violation', credential: 'nobody' })
  })

  it('HB-95: what one key may do no other may, and a key that is taken back takes only that with it', async () => {
    const say = async (name: string, order: Order): Promise<unknown> =>
      (await way.ask(`/sallyport/${name}/v1/messages`, order)).headers['x-sallyport-deny'] ?? 'ok'
    expect(await say('mail', MAIL)).toBe('ok')
    expect(way.records.at(-1)).toMatchObject({ operation: 'use', credential: 'mail', version: '1' })
    expect((await refused('/sallyport/mail/v1/reports/a', {})).reason).toBe('credential_scope')
    expect((await refused('/sallyport/mail/v1/keys', { ...MAIL })).reason).toBe('credential_scope')
    expect(way.broker.revoke(({ credential }) => credential === 'mail')).toBe(1)
    // a new value: a new lease, under which the same and no more goes out
    way.using.version = '2'
    expect(await say('mail', MAIL)).toBe('ok')
    expect(way.records.at(-1)).toMatchObject({ operation: 'use', credential: 'mail', version: '2' })
    expect(await say('dated', {})).toBe('ok')
  })

  it('HB-93, HB-56: a key is lent for 30 days after it was set, and to the last day, to the millisecond', async () => {
    const { clock, using } = way
    const ask = async (name: string, order: Order = {}): Promise<unknown> =>
      (await way.ask(`/sallyport/${name}/v1/messages`, order)).headers['x-sallyport-deny'] ?? 'ok'
    using.createdAt = clock.now() - 30 * DAY + 1
    way.broker.revoke(() => true)
    expect(await ask('mail', MAIL)).toBe('ok')
    clock.advance(1)
    expect(await ask('mail', MAIL)).toBe('credential_expired')
    expect(way.records.at(-1)).toMatchObject({ operation: 'use', success: false, error: 'SP_VAULT_EXPIRED' })
    delete using.createdAt
    expect(await ask('dated')).toBe('ok')
    clock.advance(Date.parse('2026-12-01') - clock.now() - 1)
    expect(await ask('dated')).toBe('ok')
    clock.advance(1)
    expect(await ask('dated')).toBe('credential_expired')
  })

  it.each([
    [{ agents: undefined }, 'it needs `agents` or `scope`'],
    [{ permissions: ['read:all'] }, 'each of `permissions` needs an entry under `operations`'],
    [{ operations: { 'read:all': { methods: ['GET'], paths: ['/**'] } } }, '`operations` need `permissions`'],
    [{ permissions: ['all'] }, ''],
    [{ permissions: ['*:*'], operations: { '*:*': { methods: ['GET'], paths: ['/**'] } } }, ''],
    [{ scope: 'everything' }, ''],
    [{ expiry: 'never' }, ''],
    [{ expiry: '0d' }, ''],
    [{ expiry: '30d', secret: 'env:TOKEN' }, 'give `expiry` as a day'],
    [{ inject: { path: true } }, '`{lease}` once'],
    [{ inject: { path: true }, paths: ['/bot{lease}/x', '/other'] }, '`{lease}` once'],
    [{ inject: { json: 'token' } }, ''],
    [{ constraints: { recipients: { at: ['/to'], allow: ['*'] } } }, ''],
    [{ constraints: { noAttachments: true } }, ''],
  ])('HB-63, HB-93: %j is no configuration', (change, message) => {
    const one = { category: 'read', agents: ['a'], base: 'https://api.example', ...change }
    const read = credentialsSchema.safeParse({ one })
    expect(read.success).toBe(false)
    expect(read.error?.message).toContain(message)
  })
})
