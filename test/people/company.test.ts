import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authenticator } from './authenticator.ts'
import { openSite, type Browser, type Reply, type Site } from './console.ts'
import { CLIENT, signInAt, startImpostor, startProvider, type Impostor, type TestProvider } from './provider.ts'

let site: Site
let provider: TestProvider
let impostor: Impostor
let false_: Site

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const settings = (issuer: string): string => {
  const { host } = new URL(issuer)
  return [
    `  oidc: { issuer: "${issuer}", clientId: ${CLIENT.id}, clientSecret: "${CLIENT.secret}", title: Corp,`,
    '    roles: { gatekeepers: [approver], readers: [viewer] } }',
    '  password: true',
    'egress:',
    `  exceptions: { "${host}": { addresses: [127.0.0.0/8], reason: a test, by: ana, expires: 2999-01-01 } }`,
  ].join('\n')
}

beforeAll(async () => {
  const port = await freePort()
  provider = await startProvider(`http://localhost:${port}/api/v1/sign-in/oidc/callback`)
  impostor = await startImpostor()
  site = await openSite('', undefined, { port, console: settings(provider.issuer) })
  false_ = await openSite('', undefined, { console: settings(impostor.issuer) })
}, 60_000)
afterAll(async () => {
  await Promise.all([site.close(), false_.close()])
  await Promise.all([provider.close(), impostor.close()])
})

const CALLBACK = '/api/v1/sign-in/oidc/callback'
const locationOf = ({ headers }: Reply): string => headers['location'] as string
/** As browsers say that another site sent them. */
const ARRIVES = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

async function throughProvider(browser: Browser, login: string, next = '/approvals'): Promise<Reply> {
  const begun = await browser.get(`/api/v1/sign-in/oidc?next=${encodeURIComponent(next)}`)
  const back = await signInAt(locationOf(begun), login, site.origin + CALLBACK)
  return browser.get(back.slice(site.origin.length), ARRIVES)
}

describe('company sign-in by OpenID Connect', () => {
  test('a whole round with PKCE: the person has the roles of their groups and a name of ours', async () => {
    const browser = site.browser()
    const begun = await browser.get('/api/v1/sign-in/oidc?next=/approvals')
    const asked = new URL(locationOf(begun)).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/)
    expect(begun.headers['set-cookie']).toMatchObject([expect.stringMatching(/SameSite=Lax/)])
    const done = await throughProvider(browser, 'u1')
    expect([done.status, locationOf(done)]).toEqual([303, '/approvals'])
    expect((await browser.get('/api/v1/me')).body).toMatchObject({
      id: 'operator:ana.ruiz',
      roles: ['approver'],
      origin: 'company',
      session: { method: 'company' },
    })
    expect((await browser.get('/api/v1/sign-in/methods')).body).toMatchObject({ company: 'Corp' })
  })

  test('groups count at each sign-in anew: fewer rights, then none, and the sessions of before hold none either', async () => {
    const before = site.browser()
    await throughProvider(before, 'u1')
    provider.groups = ['readers']
    await throughProvider(site.browser(), 'u1')
    expect((await before.get('/api/v1/me')).body).toMatchObject({ scopes: ['read'] })
    provider.groups = ['strangers']
    const out = await throughProvider(site.browser(), 'u1')
    expect(locationOf(out)).toBe('/sign-in?failed=SP_AUTHN_SIGN_IN')
    expect((await before.get('/api/v1/me')).status, 'it has ended, and with it what it watches').toBe(401)
    provider.groups = ['gatekeepers']
  })

  test('T-007: who comes by the company has no other way back in: no recovery codes, no password, no sign-in by passkey', async () => {
    const browser = site.browser()
    await throughProvider(browser, 'u1')
    const { body: me } = await browser.get('/api/v1/me')
    const id = me.id as string
    const { passkeys } = site.gateway.presence
    const key = new Authenticator()
    const made = key.create(await passkeys.beginEnrolment(id), { origin: site.origin })
    await passkeys.finishEnrolment(id, made, { kind: 'presence', operator: id }, 'key', '127.0.0.1')
    const person = { person: me.name as string }
    const proof = await browser.prove(key, 'people.recovery', person, id)
    const codes = await browser.post('/api/v1/me/recovery-codes', { proof })
    expect(codes.body).toMatchObject({ code: 'SP_API_INVALID', detail: expect.stringContaining('company') })
    const again = await browser.prove(key, 'people.password', person, id)
    const password = await browser.post('/api/v1/me/password', { password: 'nine violet anchors drift', proof: again })
    expect(password.body).toMatchObject({ code: 'SP_API_INVALID', detail: expect.stringContaining('company') })
    expect((await site.browser().signIn(key)).status).toBe(401)
  })

  test('a name of somebody else at the provider makes nobody that person', async () => {
    const { people } = site.gateway.people
    await people.add('cleo', ['admin'], 'test')
    provider.name = 'cleo@evil.example'
    const browser = site.browser()
    await throughProvider(browser, 'u2')
    const { body } = await browser.get('/api/v1/me')
    expect(body.id).toMatch(/^operator:cleo-[0-9a-f]{8}$/)
    expect(body.roles).toEqual(['approver'])
    await people.remove(body.id as string, 'test')
    expect(locationOf(await throughProvider(site.browser(), 'u2')), 'who was removed stays removed').toContain(
      'failed=',
    )
    provider.name = 'Ana.Ruiz@corp.example'
  })

  test('the state of another, a replayed or a missing cookie, and an answer that was used open nothing', async () => {
    const browser = site.browser()
    const begun = await browser.get('/api/v1/sign-in/oidc')
    const back = (await signInAt(locationOf(begun), 'u1', site.origin + CALLBACK)).slice(site.origin.length)
    const cookie = browser.cookies.get('sallyport-company') ?? ''
    expect(locationOf(await site.browser().get(back, ARRIVES))).toContain('failed=SP_AUTHN_SIGN_IN')
    const other = site.browser()
    await other.get('/api/v1/sign-in/oidc')
    expect(locationOf(await other.get(back, ARRIVES)), 'login CSRF').toContain('failed=')
    const bent = site.browser()
    bent.cookies.set('sallyport-company', `${cookie.slice(0, -2)}AA`)
    expect(locationOf(await bent.get(back, ARRIVES))).toContain('failed=')
    expect((await browser.get(back, ARRIVES)).status).toBe(303)
    expect(browser.cookies.get('sallyport')).toBeDefined()
    const again = site.browser()
    again.cookies.set('sallyport-company', cookie)
    expect(locationOf(await again.get(back, ARRIVES)), 'used').toContain('failed=')
  })

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'after signing in nobody is sent to %s',
    async (next) => {
      expect(locationOf(await throughProvider(site.browser(), 'u1', next))).toBe('/')
    },
  )

  test('keys of the provider that were rotated are no trouble', async () => {
    provider.rotate()
    const browser = site.browser()
    expect(locationOf(await throughProvider(browser, 'u1'))).toBe('/approvals')
    expect(browser.cookies.get('sallyport')).toBeDefined()
  })

  test('a provider that is down: one clear code, sessions go on, other ways stay open', async () => {
    const browser = site.browser()
    await throughProvider(browser, 'u1')
    provider.down = true
    expect(locationOf(await site.browser().get('/api/v1/sign-in/oidc'))).toBe('/sign-in?failed=SP_AUTHN_PROVIDER')
    expect((await browser.get('/api/v1/me')).status).toBe(200)
    expect((await site.browser().post('/api/v1/sign-in/passkey/options')).status).toBe(200)
    provider.down = false
  })
})

describe('a provider that gives out wrong tokens', () => {
  const attempt = async (claims: (nonce: string) => Record<string, unknown>): Promise<string> => {
    const browser = false_.browser()
    const begun = new URL(locationOf(await browser.get('/api/v1/sign-in/oidc')))
    impostor.claims = claims(begun.searchParams.get('nonce') ?? '')
    const state = begun.searchParams.get('state') ?? ''
    return locationOf(await browser.get(`${CALLBACK}?code=c&state=${state}`, ARRIVES))
  }

  test('with everything right it opens, so that what follows proves something', async () => {
    expect(await attempt((nonce) => ({ nonce }))).toBe('/')
  })

  test.each<[string, (nonce: string) => Record<string, unknown>]>([
    ['the nonce of another sign-in', () => ({ nonce: 'x'.repeat(43) })],
    ['no nonce', () => ({})],
    ['another audience', (nonce) => ({ nonce, aud: 'another-client' })],
    ['another issuer', (nonce) => ({ nonce, iss: 'https://corp.example' })],
    ['an end that is past', (nonce) => ({ nonce, exp: 1 })],
    ['no subject', (nonce) => ({ nonce, sub: undefined })],
  ])('%s opens nothing', async (_what, claims) => {
    expect(await attempt(claims)).toBe('/sign-in?failed=SP_AUTHN_PROVIDER')
  })

  test('a token that a foreign key signed opens nothing', async () => {
    impostor.foreignKey = true
    expect(await attempt((nonce) => ({ nonce }))).toBe('/sign-in?failed=SP_AUTHN_PROVIDER')
    impostor.foreignKey = false
  })
})
