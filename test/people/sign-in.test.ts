import type { Json, JsonObject } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authenticator } from './authenticator.ts'
import { openSite, type Browser, type Site } from './console.ts'

const ANA = 'operator:ana'
let site: Site
const ana = new Authenticator()

/** Enrols a passkey without the page of the set-up. */
async function enrol(operator: string, authenticator: Authenticator, by: 'first' | 'presence'): Promise<void> {
  const { passkeys } = site.gateway.presence
  if (passkeys === undefined) throw new Error('no passkeys')
  const made = authenticator.create(await passkeys.beginEnrolment(operator), { origin: site.origin })
  const done = await passkeys.finishEnrolment(operator, made, { kind: by }, 'test', '127.0.0.1')
  if (!done.ok) throw new Error(done.reason)
}

beforeAll(async () => {
  site = await openSite()
  const { people } = site.gateway.people
  await people.add('ana', ['approver', 'policy', 'admin'], ANA, { origin: 'founder' })
  await enrol(ANA, ana, 'first')
}, 60_000)
afterAll(() => site.close())

const signedIn = async (authenticator = ana): Promise<Browser> => {
  const browser = site.browser()
  const reply = await browser.signIn(authenticator)
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  return browser
}

describe('signing in with a passkey', () => {
  test('a WebAuthn round trip opens a session whose cookie scripts cannot read and other sites do not send', async () => {
    const browser = site.browser()
    const reply = await browser.signIn(ana)
    expect(reply.status).toBe(200)
    const [cookie = ''] = reply.headers['set-cookie'] as string[]
    expect(cookie).toMatch(/^sallyport=[A-Za-z0-9_-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/)
    const me = await browser.get('/api/v1/me')
    expect(me.body).toMatchObject({
      id: ANA,
      name: 'ana',
      roles: ['approver', 'policy', 'admin'],
      scopes: ['read', 'write', 'approve', 'policy', 'admin'],
      session: { operator: ANA, method: 'passkey', address: '127.0.0.1', browser: 'Test browser' },
      gateway: { mode: 'enforce' },
    })
    expect(JSON.stringify(me.body)).not.toContain(browser.cookies.get('sallyport'))
  })

  test('nobody is anybody without a session', async () => {
    for (const path of ['/api/v1/me', '/api/v1/people', '/api/v1/logins']) {
      expect((await site.browser().get(path)).status).toBe(401)
    }
    expect((await site.browser().get('/api/v1/sign-in/methods')).body).toMatchObject({
      passkey: true,
      password: false,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test.each([
    ['of another origin', { origin: 'http://localhost:1' }],
    ['without user verification', { userVerified: false }],
    ['without user presence', { userPresent: false }],
    ['made in a frame', { crossOrigin: true }],
    ['that enrols', { type: 'webauthn.create' }],
  ])('an assertion %s opens nothing', async (_what, bent) => {
    const browser = site.browser()
    const { body: options } = await browser.post('/api/v1/sign-in/passkey/options')
    const response = ana.get(options as Json, { origin: site.origin, ...bent })
    const reply = await browser.post('/api/v1/sign-in/passkey', { response })
    expect([401, 429]).toContain(reply.status)
    expect(browser.cookies.size).toBe(0)
  })

  test('T-009: an assertion opens one session, not two; nor does one over a challenge that nobody gave out', async () => {
    const browser = site.browser()
    const { body: options } = await browser.post('/api/v1/sign-in/passkey/options')
    const response = ana.get(options as Json, { origin: site.origin })
    expect((await browser.post('/api/v1/sign-in/passkey', { response })).status).toBe(200)
    expect((await browser.post('/api/v1/sign-in/passkey', { response })).status).not.toBe(200)
    const made = { challenge: Buffer.alloc(40).toString('base64url'), rpId: 'localhost' }
    const forged = ana.get(made, { origin: site.origin })
    expect((await browser.post('/api/v1/sign-in/passkey', { response: forged })).status).not.toBe(200)
  })

  test('T-018 E-25: failures from one address are answered with 429 after five, and a passkey that fits still opens', async () => {
    const stranger = new Authenticator()
    const browser = site.browser()
    const statuses: number[] = []
    const { passkeys } = site.gateway.presence
    stranger.create((await passkeys?.beginEnrolment('operator:eve')) ?? {}, { origin: site.origin })
    for (let index = 0; index < 8; index++) statuses.push((await browser.signIn(stranger)).status)
    expect(statuses.slice(-2)).toEqual([429, 429])
    expect((await site.browser().signIn(ana)).status).toBe(200)
    const log = await site.gateway.store.readLog({ kind: 'alert', newest: true, limit: 50 })
    expect(log.some(({ body }) => body.includes('"login.failures"'))).toBe(true)
  })

  test('T-003: identity, roles and session in body, header or query change nothing', async () => {
    const { people } = site.gateway.people
    await people.add('vic', ['viewer'], ANA)
    const vic = new Authenticator()
    await enrol('operator:vic', vic, 'presence')
    const browser = await signedIn(vic)
    for (const header of ['x-user', 'x-roles', 'x-scopes', 'x-operator'])
      expect((await browser.get('/api/v1/me', { [header]: 'admin' })).status).toBe(400)
    expect((await browser.get('/api/v1/me?roles=admin&id=operator:ana')).body).toMatchObject({ scopes: ['read'] })
    const forged = { name: 'eve', roles: ['admin'], scopes: ['admin'], operator: ANA }
    expect((await browser.post('/api/v1/people', forged)).status).toBe(403)
    const { body } = await (await signedIn()).get('/api/v1/logins')
    const other = (body as { items: { id: string; operator: string }[] }).items.find(({ operator }) => operator === ANA)
    expect((await browser.send('DELETE', `/api/v1/logins/${other?.id}`)).status).toBe(404)
    expect((await browser.post('/api/v1/logins/end', { operator: ANA })).status).toBe(404)
    const seen = (await browser.get('/api/v1/logins')).body as { items: { operator: string }[] }
    expect(new Set(seen.items.map(({ operator }) => operator))).toEqual(new Set(['operator:vic']))
  })

  test('T-005: a stolen cookie shows what its person may see and decides nothing', async () => {
    const victim = await signedIn()
    const thief = site.browser()
    thief.cookies.set('sallyport', victim.cookies.get('sallyport') ?? '')
    expect((await thief.get('/api/v1/me')).status).toBe(200)
    const act = { name: 'eve', roles: ['admin'] as const }
    expect((await thief.post('/api/v1/people', { ...act, roles: ['admin'] })).body).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    const proof = await victim.prove(ana, 'people.add', { name: 'bo', roles: ['viewer'] }, ANA)
    const bent = { ...act, roles: ['admin'], proof }
    expect((await thief.post('/api/v1/people', bent)).body).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(site.gateway.people.people.get('operator:eve')).toBeUndefined()
  })

  test('sign-out ends the session here and everywhere; without a session it does nothing', async () => {
    const browser = await signedIn()
    const kept = browser.cookies.get('sallyport') ?? ''
    expect((await browser.post('/api/v1/sign-out')).status).toBe(200)
    expect(browser.cookies.size).toBe(0)
    const thief = site.browser()
    thief.cookies.set('sallyport', kept)
    expect([401, 429]).toContain((await thief.get('/api/v1/me')).status)
    expect((await site.browser().post('/api/v1/sign-out')).status).toBe(200)
  })

  test('two browsers: one ends the other, and all but itself', async () => {
    const [a, b, c] = [await signedIn(), await signedIn(), await signedIn()]
    const { body } = await b.get('/api/v1/me')
    expect((await a.send('DELETE', `/api/v1/logins/${body.session.id}`)).status).toBe(200)
    expect([401, 429]).toContain((await b.get('/api/v1/me')).status)
    expect((await a.post('/api/v1/logins/end', { others: true })).status).toBe(200)
    expect([401, 429]).toContain((await c.get('/api/v1/me')).status)
    expect((await a.get('/api/v1/me')).status).toBe(200)
  })

  test('an admin who is there adds a person and changes roles; the command line sees them', async () => {
    const browser = await signedIn()
    const add = { name: 'gil', roles: ['viewer'] }
    const added = await browser.post('/api/v1/people', {
      ...add,
      proof: await browser.prove(ana, 'people.add', add, ANA),
    })
    expect(added).toMatchObject({ status: 201, body: { name: 'gil', scopes: ['read'] } })
    const change = { name: 'gil', roles: ['policy'] }
    const proof = await browser.prove(ana, 'people.roles', change, ANA)
    expect((await browser.post('/api/v1/people/gil/roles', { roles: ['policy'], proof })).status).toBe(200)
    const replay = await browser.post('/api/v1/people/gil/roles', { roles: ['policy'], proof })
    expect(replay.body).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    const { body } = await site.socket('GET', '/api/v1/people')
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'gil', roles: ['policy'] }))
  })

  test('a session survives a restart of the gateway, and a removed person’s does not', async () => {
    const browser = await signedIn()
    await site.restart()
    expect((await browser.get('/api/v1/me')).status).toBe(200)
    const { people } = site.gateway.people
    await people.add('hal', ['viewer'], ANA)
    const hal = new Authenticator()
    await enrol('operator:hal', hal, 'presence')
    const his = await signedIn(hal)
    await people.remove('operator:hal', ANA)
    expect([401, 429]).toContain((await his.get('/api/v1/me')).status)
    expect((await site.browser().signIn(hal)).status).not.toBe(200)
  })
})

describe('roles count wherever presence is proved', () => {
  test('T-008 T-003: on the operator socket too, a proof by somebody without the role opens nothing', async () => {
    const { people } = site.gateway.people
    await people.add('ivy', ['viewer'], ANA)
    const ivy = new Authenticator()
    await enrol('operator:ivy', ivy, 'presence')
    const hers = await signedIn(ivy)
    const act = { name: 'eve', roles: ['admin'] }
    const proof = await hers.prove(ivy, 'people.add', act, 'operator:ivy')
    expect((await hers.post('/api/v1/people', { ...act, proof })).body).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    const reply = await site.socket('POST', '/api/v1/people', { ...act, proof })
    expect(reply.body).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    const pretended = { ...(proof as JsonObject), operator: ANA }
    const forged = await site.socket('POST', '/api/v1/people', { ...act, proof: pretended })
    expect(forged.body).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(people.get('operator:eve')).toBeUndefined()
  })

  test('T-018 T-022: nobody but an admin takes away, or turns on again, what others prove with', async () => {
    const { people } = site.gateway.people
    await people.add('joe', ['operator'], ANA)
    const joe = new Authenticator()
    await enrol('operator:joe', joe, 'presence')
    const his = await signedIn(joe)
    const anas = (await site.gateway.presence.passkeys.list(ANA))[0]?.id ?? ''
    const proof = await his.prove(joe, 'passkey.remove', { id: anas }, 'operator:joe')
    const gone = await his.post(`/api/v1/passkeys/${encodeURIComponent(anas)}/remove`, { proof })
    expect(gone.body).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    const on = await his.prove(joe, 'presence.reset-pin', { operator: ANA }, 'operator:joe')
    const reset = await his.post(`/api/v1/presence/pins/${ANA}/reset`, { proof: on })
    expect(reset.body).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    expect((await site.gateway.presence.passkeys.list(ANA)).map(({ id }) => id)).toContain(anas)
    const own = (await site.gateway.presence.passkeys.list('operator:joe'))[0]?.id ?? ''
    const mine = await his.prove(joe, 'passkey.remove', { id: own }, 'operator:joe')
    const left = await his.post(`/api/v1/passkeys/${encodeURIComponent(own)}/remove`, { proof: mine })
    expect(left.status).toBe(200)
    const after = async (): Promise<number> => (await his.get('/api/v1/me')).status
    await expect.poll(after, { message: 'T-005: the session that it opened ends with it' }).toBe(401)
  })
})
