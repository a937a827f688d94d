import type { Json } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClock } from '../api/kit.ts'
import { Authenticator } from './authenticator.ts'
import { openSite, type Browser, type Reply, type Site } from './console.ts'

const ANA = 'operator:ana'
const PHONE = { 'x-forwarded-for': '192.0.2.44' }

describe('pairing devices', () => {
  const clock = new TestClock()
  const ana = new Authenticator()
  let site: Site
  let browser: Browser
  beforeAll(async () => {
    // the proxy lets a test come from another address than the gateway's own machine
    site = await openSite('', clock, { proxy: true })
    browser = site.browser()
    const { body } = await site.socket('POST', '/api/v1/setup/link', {})
    await browser.post('/api/v1/setup/redeem', { code: new URL(body.url as string).hash.slice(1) })
    await makePasskey(browser, ana, 'ana')
  }, 60_000)
  afterAll(() => site.close())

  async function makePasskey(of: Browser, authenticator: Authenticator, name = '', from = {}): Promise<Reply> {
    const options = await of.post('/api/v1/setup/passkey/options', { name }, from)
    if (options.status !== 200) return options
    const response = authenticator.create(options.body as Json, { origin: site.origin })
    return of.post('/api/v1/setup/passkey', { name, response, label: 'Phone' }, from)
  }
  const code = async (): Promise<Reply> => {
    const proof = await browser.prove(ana, 'device.pair', { person: 'ana' }, ANA)
    return browser.post('/api/v1/devices/pairing', { proof })
  }
  const redeem = async ({ body }: Reply, phone = site.browser()): Promise<number> =>
    (await phone.post('/api/v1/setup/pair', { code: body.code as string }, PHONE)).status
  /** The one device that waits is confirmed. */
  const confirm = async (): Promise<number> => {
    const { items } = (await browser.get('/api/v1/devices/pairing')).body as { items: { id: string; check: string }[] }
    const { id, check } = items[0] ?? { id: 'none', check: '' }
    const proof = await browser.prove(ana, 'device.confirm', { id, check }, ANA)
    return (await browser.post(`/api/v1/devices/pairing/${id}/confirm`, { check, proof })).status
  }

  test('FV-3 TM-ACCESS-001: of a person three codes are open, each for 30 seconds and one browser; the fourth is refused', async () => {
    const [first, second, third] = [await code(), await code(), await code()]
    expect([first, second, third].map(({ status }) => status)).toEqual([201, 201, 201])
    expect((await code()).body).toMatchObject({ code: 'SP_PEOPLE_LIMIT' })
    clock.pass(29)
    expect((await code()).body, 'they are still open').toMatchObject({ code: 'SP_PEOPLE_LIMIT' })
    expect(await redeem(first)).toBe(200)
    expect(await redeem(first), 'once').toBe(403)
    clock.pass(1)
    expect(await redeem(second)).toBe(403)
    const later = [await code(), await code()]
    expect(later.map(({ status }) => status)).toEqual([201, 201])
    expect((await code()).body, 'the one that a browser came with counts').toMatchObject({ code: 'SP_PEOPLE_LIMIT' })
  })

  test('FV-3: a browser that nobody confirms has a quarter of an hour and then nothing', async () => {
    clock.pass(900)
    const phone = site.browser()
    expect(await redeem(await code(), phone)).toBe(200)
    clock.pass(899)
    expect((await phone.get('/api/v1/setup', PHONE)).body).toMatchObject({
      check: expect.stringMatching(/^\d{3} \d{3}$/),
    })
    clock.pass(1)
    expect(await confirm()).toBe(403)
    expect((await makePasskey(phone, new Authenticator(), '', PHONE)).status).toBe(403)
  })

  test('FV-3: a person has five devices, and no code for a sixth', async () => {
    for (let n = 0; n < 5; n++) {
      const phone = site.browser()
      expect(await redeem(await code(), phone)).toBe(200)
      expect(await confirm()).toBe(200)
      expect((await makePasskey(phone, new Authenticator(), '', PHONE)).status, String(n)).toBe(200)
      clock.pass(60)
    }
    expect((await code()).body).toMatchObject({ code: 'SP_PEOPLE_LIMIT' })
  })
})
