import { describe, expect, it } from 'vitest'
import { fakeGateway, ME, type Answer } from './fixtures.ts'
import { axe, fits, newContext, shot, watchFaults } from './kit.ts'
import { builtConsole, LOOKS } from './stage.ts'

const stage = builtConsole()

const NOW = Date.now()
const METHODS = { passkey: true, password: true, company: 'Meridian', fingerprint: '3f9a21c4'.repeat(8) }
const LINK = { for: 'first', name: '', endsAt: NOW + 521_000 }
const PEOPLE = {
  items: [
    {
      id: 'operator:jonas',
      name: 'jonas',
      roles: ['admin', 'approver', 'policy'],
      lastSeenAt: new Date(NOW).toISOString(),
    },
    { id: 'operator:mei', name: 'mei', roles: ['approver', 'policy'], lastSeenAt: new Date(NOW - 4e6).toISOString() },
    { id: 'operator:ana', name: 'ana', roles: ['operator'], lastSeenAt: null },
  ],
}
const PASSKEYS = {
  items: [
    {
      id: 'k1',
      operator: 'operator:jonas',
      name: 'Laptop',
      aaguid: '',
      backedUp: true,
      class: 'platform',
      createdAt: NOW - 9e9,
      lastUsedAt: NOW - 6e5,
      criticalFrom: 0,
    },
    {
      id: 'k2',
      operator: 'operator:jonas',
      name: 'Phone',
      aaguid: '',
      backedUp: false,
      class: 'device',
      createdAt: NOW - 6e6,
      lastUsedAt: 0,
      criticalFrom: NOW + 8e7,
    },
  ],
}
const LOGINS = {
  items: [
    { ...ME.session, browser: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156', current: true },
    { ...ME.session, id: 'l-2', operator: 'operator:mei', address: '192.0.2.7', browser: 'Firefox', current: false },
  ],
}
const CHANNELS = {
  items: [
    { name: 'security', kind: 'slack', state: 'sent 14:30' },
    { name: 'siem', kind: 'syslog', state: 'Connection refused since 14:05.', waiting: 3 },
  ],
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/api/v1/me': ME,
  '/api/v1/approvals': { items: [] },
  '/api/v1/sign-in/methods': METHODS,
  'POST /api/v1/setup/redeem': LINK,
  '/api/v1/people': PEOPLE,
  '/api/v1/passkeys': PASSKEYS,
  '/api/v1/logins': LOGINS,
  '/api/v1/alerts/channels': CHANNELS,
}

const PAGES: readonly (readonly [name: string, path: string, words: string])[] = [
  ['sign-in', '/sign-in', 'Sign in with passkey'],
  ['setup', '/setup#code-of-the-link', 'Who decides here?'],
  ['people', '/settings/people', 'Add a person'],
  ['passkeys', '/settings/presence', 'Laptop'],
  ['logins', '/settings/sessions', 'this browser'],
  ['channels', '/settings/channels', 'security'],
  ['about', '/settings/about', 'Apache-2.0'],
]
describe('ways in, and settings', () => {
  for (const [look, options] of LOOKS) {
    it(`SC2: no page has a fault that axe or the content policy knows, ${look}`, async () => {
      const context = await newContext(stage.browser, options)
      const faults = await watchFaults(context)
      await fakeGateway(context, ANSWERS)
      const page = await context.newPage()
      for (const [name, path, words] of PAGES) {
        await page.goto('about:blank')
        await page.goto(stage.url + path)
        await page.getByText(words).first().waitFor()
        await shot(page, `${name}-${look}`)
        expect(await axe(page), name).toEqual([])
        expect(await fits(page), name).toBe(true)
      }
      expect(faults).toEqual([])
      await context.close()
    }, 60_000)
  }

  it('T-010: the code of a set-up link leaves the address before anything is asked, and goes in a body only', async () => {
    const context = await newContext(stage.browser)
    const seen: string[] = []
    context.on('request', (request) =>
      seen.push(`${request.method()} ${request.url()} ${request.headers()['referer'] ?? ''}`),
    )
    const bodies: unknown[] = []
    await fakeGateway(context, {
      ...ANSWERS,
      'POST /api/v1/setup/redeem': ({ body }) => {
        bodies.push(body)
        return { status: 200, body: LINK }
      },
    })
    const page = await context.newPage()
    await page.goto(`${stage.url}/setup#code-of-the-link`)
    await page.getByText('Who decides here?').waitFor()
    expect(page.url()).toBe(`${stage.url}/setup`)
    expect(bodies).toEqual([{ code: 'code-of-the-link' }])
    expect(seen.filter((line) => line.includes('code-of-the-link'))).toEqual([])
    await context.close()
  })

  it('T-010: after signing in one lands on a page of the console and nowhere else', async () => {
    const context = await newContext(stage.browser)
    await fakeGateway(context, { ...ANSWERS, 'POST /api/v1/sign-in/password': {} })
    for (const [next, lands] of [
      ['/settings/about', '/settings/about'],
      ['//evil.example/approvals', '/'],
      ['https://evil.example/approvals', '/'],
      ['/\\\\evil.example', '/'],
      ['/sign-in', '/'],
      ['javascript:alert(1)', '/'],
    ]) {
      const page = await context.newPage()
      await page.goto(`${stage.url}/sign-in?next=${encodeURIComponent(next ?? '')}`)
      await page.getByText('Use a password').click()
      await page.getByLabel('Name').fill('jonas')
      await page.getByLabel('Password').fill('correct horse battery staple')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
      const { origin, pathname } = new URL(page.url())
      expect(origin).toBe(stage.url)
      // the start page leads on to what happens now
      expect(lands === '/' ? ['/', '/activity'] : [lands]).toContain(pathname)
      await page.close()
    }
    await context.close()
  }, 60_000)

  it('E-27: without a session every page leads to signing in, and back', async () => {
    const context = await newContext(stage.browser)
    await fakeGateway(context, {
      ...ANSWERS,
      '/api/v1/me': () => ({
        status: 401,
        body: { title: 'Sign in.', code: 'SP_AUTHN_REQUIRED', detail: '', next: '' },
      }),
    })
    const page = await context.newPage()
    await page.goto(`${stage.url}/settings/about`)
    await page.getByText('Sign in with passkey').waitFor()
    expect(new URL(page.url()).searchParams.get('next')).toBe('/settings/about')
    await context.close()
  })
})
