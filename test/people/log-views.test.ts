import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LogViews } from '../../packages/gateway/src/control/people/log-views.ts'
import { Browser, openSite, type Site } from './console.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  const { people } = site.gateway.people
  await people.add('ana', ['approver', 'policy', 'admin'], 'operator:ana', { origin: 'founder' })
  await people.add('vera', ['viewer'], 'operator:ana')
}, 60_000)
afterAll(() => site.close())

/** A browser in which somebody is signed in. */
async function browserOf(operator: string): Promise<Browser> {
  const browser = new Browser(site.origin)
  const from = { address: '127.0.0.1', browser: 'Test browser' }
  const { token } = await site.gateway.people.logins.open(operator, 'passkey', from)
  browser.cookies.set(site.origin.startsWith('https') ? '__Host-sallyport' : 'sallyport', token)
  return browser
}

const PATH = '/api/v1/me/log-views'

describe('O2: saved views of the log', () => {
  it('are kept under a name, replaced under the same one, and removed', async () => {
    const ana = await browserOf('operator:ana')
    expect((await ana.get(PATH)).body).toEqual({ items: [] })
    const denied = { name: 'Denied today', search: '?q=decision%3Adenied&last=24h&cols=agent%2Ctool' }
    expect((await ana.post(PATH, denied)).body).toEqual({ items: [denied] })
    const week = { ...denied, search: '?q=decision%3Adenied&last=7d' }
    await ana.post(PATH, { name: 'All of it', search: '' })
    await ana.post(PATH, week)
    expect((await ana.get(PATH)).body).toEqual({ items: [{ name: 'All of it', search: '' }, week] })
    await ana.post(`${PATH}/remove`, { name: 'All of it' })
    expect((await ana.get(PATH)).body).toEqual({ items: [week] })
  })

  it('SEC-2.1: are seen and changed by nobody else; reading the log is enough to keep some', async () => {
    const [ana, vera] = [await browserOf('operator:ana'), await browserOf('operator:vera')]
    await ana.post(PATH, { name: 'Mine', search: '?q=agent%3Ax' })
    expect((await vera.get(PATH)).body).toEqual({ items: [] })
    await vera.post(`${PATH}/remove`, { name: 'Mine' })
    expect((await vera.post(PATH, { name: 'Mine', search: '' })).status).toBe(200)
    expect((await ana.get(PATH)).body.items).toContainEqual({ name: 'Mine', search: '?q=agent%3Ax' })
    expect((await new Browser(site.origin).get(PATH)).status).toBe(401)
  })

  it('neither more, nor longer, nor other members than a person needs', async () => {
    const vera = await browserOf('operator:vera')
    for (const body of [
      { name: '', search: '' },
      { name: 'x'.repeat(61), search: '' },
      { name: 'x', search: 'y'.repeat(4_001) },
      { name: 'x', search: '', owner: 'operator:ana' },
    ])
      expect((await vera.post(PATH, body)).status).toBe(422)
    const views = new LogViews(site.gateway.store)
    for (let i = 0; i < 50; i++) await views.save('operator:bo', { name: `v${i}`, search: '' })
    await expect(views.save('operator:bo', { name: 'one more', search: '' })).rejects.toMatchObject({
      code: 'SP_API_INVALID',
    })
    expect(await views.save('operator:bo', { name: 'v7', search: '?q=x' })).toHaveLength(50)
  })

  it('two windows that save at once lose nothing', async () => {
    const views = new LogViews(site.gateway.store)
    await Promise.all(['a', 'b', 'c'].map((name) => views.save('operator:cy', { name, search: '' })))
    expect((await views.list('operator:cy')).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})
