import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Json, JsonObject } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authenticator } from './authenticator.ts'
import { openSite, type Browser, type Reply, type Site } from './console.ts'

const ANA = 'operator:ana'
let site: Site
const ana = new Authenticator()

// The proxy lets a test come from another address than the gateway's own machine.
const PHONE = { 'x-forwarded-for': '192.0.2.44' }
beforeAll(async () => void (site = await openSite('', undefined, { proxy: true })), 60_000)
afterAll(() => site.close())

const codeOf = (reply: Reply): string => new URL(reply.body.url as string).hash.slice(1)
const link = async (): Promise<string> => codeOf(await site.socket('POST', '/api/v1/setup/link', {}))

/** What the page does with a redeemed link. */
async function makePasskey(
  browser: Browser,
  authenticator: Authenticator,
  name = '',
  headers: Record<string, string> = {},
): Promise<Reply> {
  const options = await browser.post('/api/v1/setup/passkey/options', { name }, headers)
  if (options.status !== 200) return options
  const response = authenticator.create(options.body as Json, { origin: site.origin })
  return browser.post('/api/v1/setup/passkey', { name, response, label: 'Laptop' }, headers)
}

/** An agent of that name calls a tool that there is not, over its own socket. */
async function callAs({ gateway, stateDir }: Site, name: string): Promise<void> {
  await gateway.identity.agents.add({ name, by: 'test' })
  const issued = gateway.identity.issueFor(name)
  if (!issued.ok) throw new Error(issued.reason)
  const headers = { authorization: `Bearer ${issued.value.credential}`, 'content-type': 'application/json' }
  const target = { socketPath: join(stateDir, 'run', 'agent.sock'), method: 'POST', path: '/v1/calls', headers }
  await new Promise<void>((resolve, reject) => {
    const asked = request(target, (response) => response.resume().on('end', () => resolve()))
    asked.on('error', reject)
    asked.end(JSON.stringify({ tool: 'files.read', arguments: {} }))
  })
}

describe('the first set-up', () => {
  test('T-007: nobody gets a link from the console, and no GET of anything redeems one (T-010)', async () => {
    expect((await site.browser().post('/api/v1/setup/link')).status).toBe(403)
    const code = await link()
    const browser = site.browser()
    for (const path of ['/setup', '/api/v1/setup', '/api/v1/setup/redeem', `/setup?code=${code}`]) {
      await browser.get(path, { 'sec-purpose': 'prefetch', 'user-agent': 'Slackbot-LinkExpanding 1.0' })
      await browser.send('HEAD', path)
    }
    expect((await browser.post('/api/v1/setup/redeem', { code })).status).toBe(200)
  })

  test('T-007: a link works once, in one browser; a newer one ends it', async () => {
    const old = await link()
    const code = await link()
    expect((await site.browser().post('/api/v1/setup/redeem', { code: old })).body).toMatchObject({
      code: 'SP_AUTHN_LINK',
    })
    const [a, b] = [site.browser(), site.browser()]
    const both = await Promise.all([a, b].map((each) => each.post('/api/v1/setup/redeem', { code })))
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403])
    const loser = both[0]?.status === 200 ? b : a
    expect((await loser.post('/api/v1/setup/passkey/options', { name: 'eve' })).status).toBe(403)
    loser.cookies.set('sallyport-bound', `${'0'.repeat(64)}.${'A'.repeat(43)}`)
    expect((await loser.post('/api/v1/setup/passkey/options', { name: 'eve' })).status).toBe(403)
  })

  test.each(['', 'x', 'A'.repeat(43), '../..'])('a guessed link %j opens nothing and raises an alert', async (code) => {
    const reply = await site.browser().post('/api/v1/setup/redeem', { code })
    expect(reply.body).toMatchObject({ code: 'SP_AUTHN_LINK' })
  })

  test('the code is stored nowhere, neither in the store nor in the log', async () => {
    const code = await link()
    const rows = await site.gateway.store.list('login', { state: 'link' })
    const log = await site.gateway.store.readLog({ newest: true, limit: 100 })
    expect(JSON.stringify([rows, log])).not.toContain(code)
  })

  test('name and passkey claim the gateway: its person holds everything, has recovery codes, and the link is over', async () => {
    const browser = site.browser()
    const redeemed = await browser.post('/api/v1/setup/redeem', { code: await link() })
    expect(redeemed.body).toMatchObject({ for: 'first', name: '' })
    expect((await browser.get('/api/v1/setup')).body).toMatchObject({ for: 'first' })
    expect((await browser.post('/api/v1/setup/passkey/options', { name: 'No Body' })).status).toBe(422)
    const done = await makePasskey(browser, ana, 'ana')
    expect(done.status).toBe(200)
    expect(done.body.recoveryCodes).toHaveLength(8)
    expect((await browser.get('/api/v1/me')).body).toMatchObject({
      id: ANA,
      recoveryCodes: 8,
      session: { method: 'setup' },
    })
    expect((await makePasskey(browser, new Authenticator(), 'eve')).status).toBe(403)
    expect((await site.browser().signIn(ana)).status).toBe(200)
    const log = await site.gateway.store.readLog({ newest: true, limit: 50 })
    for (const said of ['"setup.claimed"', '"person.added"', '"passkey.enrolled"'])
      expect(
        log.some(({ body }) => body.includes(said)),
        said,
      ).toBe(true)
  })

  test('T-007: with an operator there is no further link, nor a claim by PIN', async () => {
    expect((await site.socket('POST', '/api/v1/setup/link', {})).body).toMatchObject({ code: 'SP_AUTHN_LINK' })
    expect((await site.gateway.presence.claimChallenge('ab'.repeat(32))).ok).toBe(false)
  })
})

describe('others', () => {
  test('an invitation lets a person make their first passkey, and only a person without one', async () => {
    const browser = site.browser()
    await browser.signIn(ana)
    const add = { name: 'bo', roles: ['approver'] }
    await browser.post('/api/v1/people', { ...add, proof: await browser.prove(ana, 'people.add', add, ANA) })
    const invite = async (name: string): Promise<Reply> => {
      const proof = await browser.prove(ana, 'people.link', { name }, ANA)
      return browser.post(`/api/v1/people/${name}/link`, { proof })
    }
    const forgotten = await invite('bo')
    const invited = await invite('bo')
    expect(invited.status).toBe(201)
    expect(
      (await site.browser().post('/api/v1/setup/redeem', { code: codeOf(forgotten) })).body,
      'T-022: of two invitations one is open',
    ).toMatchObject({ code: 'SP_AUTHN_LINK' })
    const his = site.browser()
    const bo = new Authenticator()
    expect((await his.post('/api/v1/setup/redeem', { code: codeOf(invited) })).body).toMatchObject({ name: 'bo' })
    expect((await makePasskey(his, bo, 'ana')).status).toBe(200)
    expect((await his.get('/api/v1/me')).body, 'the name of the link counts, not the one sent').toMatchObject({
      id: 'operator:bo',
    })
    expect((await invite('bo')).body).toMatchObject({ code: 'SP_PEOPLE_EXISTS' })
  })

  test('T-022: an invitation that was redeemed makes no passkey for who got one meanwhile', async () => {
    const { people } = site.gateway.people
    await people.add('kim', ['approver'], ANA)
    const browser = site.browser()
    await browser.signIn(ana)
    const proof = await browser.prove(ana, 'people.link', { name: 'kim' }, ANA)
    const thief = site.browser()
    await thief.post('/api/v1/setup/redeem', {
      code: codeOf(await browser.post('/api/v1/people/kim/link', { proof })),
    })
    const options = await thief.post('/api/v1/setup/passkey/options', {})
    const { passkeys } = site.gateway.presence
    const own = new Authenticator().create(await passkeys.beginEnrolment('operator:kim'), { origin: site.origin })
    await passkeys.finishEnrolment('operator:kim', own, { kind: 'presence', operator: ANA }, 'key', '127.0.0.1')
    const response = new Authenticator().create(options.body as Json, { origin: site.origin })
    expect((await thief.post('/api/v1/setup/passkey', { response })).body).toMatchObject({ code: 'SP_AUTHN_LINK' })
    expect(await passkeys.list('operator:kim')).toHaveLength(1)
  })

  test('TM-RECON-002: a recovery code is one link, for its person; wrong ones lock, and never say whether a name exists', async () => {
    const browser = site.browser()
    await browser.signIn(ana)
    const proof = await browser.prove(ana, 'people.recovery', { person: 'ana' }, ANA)
    const { body } = await browser.post('/api/v1/me/recovery-codes', { proof })
    const [first = '', second = ''] = body.codes as string[]
    expect(body.codes).toHaveLength(8)
    const lost = site.browser()
    const typed = first.toLowerCase().replaceAll('-', ' ')
    expect((await lost.post('/api/v1/setup/recover', { name: 'ana', code: typed })).body).toMatchObject({ name: 'ana' })
    expect((await site.browser().post('/api/v1/setup/recover', { name: 'ana', code: first })).status).toBe(401)
    expect((await site.browser().post('/api/v1/setup/recover', { name: 'bo', code: second })).status).toBe(401)
    const fresh = new Authenticator()
    expect((await makePasskey(lost, fresh)).status).toBe(200)
    const { passkeys } = site.gateway.presence
    const all = (await passkeys?.list(ANA)) ?? []
    expect(all).toHaveLength(2)
    expect(Math.max(...all.map(({ criticalFrom }) => criticalFrom)), 'critical calls wait a day').toBeGreaterThan(
      Date.now(),
    )
    const answers: string[] = []
    for (const name of ['nobody', 'ana', 'nobody', 'ana', 'nobody', 'ana']) {
      const reply = await site.browser().post('/api/v1/setup/recover', { name, code: 'WRONG' })
      answers.push(`${reply.body.code}: ${reply.body.detail}`)
    }
    expect(new Set(answers.slice(0, 2)).size).toBe(1)
    expect(answers.at(-1)).toContain('SP_AUTHN_LOCKED')
    expect((await site.browser().signIn(ana)).status, 'passkeys stay open').toBe(200)
  })

  test('TM-ACCESS-001: a device is paired from another machine only, with a code that works once, and leaves at once', async () => {
    const browser = site.browser()
    await browser.signIn(ana)
    const pairing = async (): Promise<Reply> => {
      const proof = await browser.prove(ana, 'device.pair', { person: 'ana' }, ANA)
      return browser.post('/api/v1/devices/pairing', { proof })
    }
    const { body } = await pairing()
    expect(body).toMatchObject({
      url: `${site.origin}/setup`,
      code: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
    })
    expect((await site.browser().post('/api/v1/setup/pair', { code: body.code as string })).body).toMatchObject({
      code: 'SP_AUTHN_LINK',
    })
    expect((await pairing()).status).toBe(201)
    expect((await pairing()).status).toBe(201)
    expect((await pairing()).body).toMatchObject({ code: 'SP_PEOPLE_LIMIT' })
    const plain = (body.code as string).replace('-', '')
    for (const code of [body.code as string, plain])
      expect(
        (await site.browser().post('/api/v1/setup/redeem', { code }, PHONE)).body,
        'T-017: guesses at codes are counted, so nothing else takes one',
      ).toMatchObject({ code: 'SP_AUTHN_LINK' })
    expect((await browser.get('/api/v1/devices')).body).toEqual({ items: [] })
    const phone = site.browser()
    const typed = (body.code as string).toLowerCase().replace('-', ' ')
    expect((await phone.post('/api/v1/setup/pair', { code: typed }, PHONE)).body).toMatchObject({ for: 'device' })
    expect((await site.browser().post('/api/v1/setup/pair', { code: typed }, PHONE)).status).toBe(403)
    const key = new Authenticator()
    expect((await makePasskey(phone, key)).body, 'the same cookie on the gateway’s machine').toMatchObject({
      code: 'SP_AUTHN_LINK',
    })
    expect((await makePasskey(phone, key, '', PHONE)).body, 'whoever is faster with the code').toMatchObject({
      code: 'SP_AUTHN_LINK',
    })
    const { check } = (await phone.get('/api/v1/setup', PHONE)).body as { check: string }
    const waiting = (await browser.get('/api/v1/devices/pairing')).body as { items: { id: string }[] }
    expect(waiting.items).toMatchObject([{ check, address: '192.0.2.44' }])
    const link = waiting.items[0]?.id ?? ''
    const confirm = async (proved: string, sent: string): Promise<number> => {
      const proof = await browser.prove(ana, 'device.confirm', { id: link, check: proved }, ANA)
      return (await browser.post(`/api/v1/devices/pairing/${link}/confirm`, { check: sent, proof })).status
    }
    expect(await confirm('000 000', '000 000'), 'the number of another browser').toBe(403)
    expect(await confirm('000 000', check), 'a proof for another number').toBe(403)
    expect((await browser.post(`/api/v1/devices/pairing/${link}/confirm`, { check })).status, 'a cookie alone').toBe(
      403,
    )
    expect(await confirm(check, check)).toBe(200)
    expect((await makePasskey(phone, key, '', PHONE)).status).toBe(200)
    expect((await phone.get('/api/v1/me', PHONE)).body).toMatchObject({ id: ANA, session: { method: 'device' } })
    const { items } = (await browser.get('/api/v1/devices')).body as { items: { id: string; address: string }[] }
    expect(items).toMatchObject([{ operator: ANA, label: 'Laptop', address: '192.0.2.44' }])
    const made = (await site.gateway.presence.passkeys?.list(ANA)) ?? []
    expect(made.filter((each) => each.class === 'device')).toHaveLength(1)
    const id = items[0]?.id ?? ''
    expect((await browser.post(`/api/v1/devices/${id}/remove`)).status, 'T-005: a cookie alone takes none').toBe(403)
    const agreed = await browser.prove(ana, 'device.remove', { id }, ANA)
    expect((await browser.post(`/api/v1/devices/${id}/remove`, { proof: agreed })).status).toBe(200)
    expect([401, 429]).toContain((await phone.get('/api/v1/me', PHONE)).status)
    expect((await site.browser().signIn(key)).status).not.toBe(200)
  })
})

test('T-156: a stranger who sends 256 requests slowly keeps nobody else from signing in', async () => {
  const { port, host } = new URL(site.origin)
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const slow = Array.from({ length: 256 }, () => connect(Number(port), '127.0.0.1'))
  const head = ['POST /api/v1/sign-in/password HTTP/1.1', `host: ${host}`, `origin: ${site.origin}`]
  const more = ['sec-fetch-site: same-origin', 'x-forwarded-for: 203.0.113.9', 'content-type: application/json']
  try {
    for (const socket of slow) socket.write([...head, ...more, 'content-length: 99', '', ''].join('\r\n'))
    const asking = (address: string) => site.browser().post('/api/v1/sign-in/passkey/options', {}, from(address))
    await expect.poll(async () => (await asking('203.0.113.9')).status, { timeout: 10_000 }).toBe(429)
    expect((await asking('198.51.100.4')).status).toBe(200)
  } finally {
    for (const socket of slow) socket.destroy()
  }
})

describe('an agent that has called', () => {
  test('T-007: a link dies with the first call of an agent, before and after it was redeemed', async () => {
    const other = await openSite()
    try {
      const browser = other.browser()
      const made = async () => codeOf(await other.socket('POST', '/api/v1/setup/link', {}))
      const code = await made()
      await browser.post('/api/v1/setup/redeem', { code })
      const unused = await made()
      await callAs(other, 'coder')
      expect((await browser.post('/api/v1/setup/passkey/options', { name: 'eve' })).status).toBe(403)
      const late = await other.browser().post('/api/v1/setup/redeem', { code: unused })
      expect(late.body).toMatchObject({ code: 'SP_AUTHN_LINK', detail: expect.stringContaining('agent') })
      const none = (await other.socket('POST', '/api/v1/setup/link', {})) as { body: JsonObject }
      expect(none.body).toMatchObject({ code: 'SP_AUTHN_LINK' })
    } finally {
      await other.close()
    }
  })
})
