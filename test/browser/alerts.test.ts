import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogRecord } from '@sallyport/core'
import { denial, startReceiver, until, type Receiver } from '../alerts/kit.ts'
import type { Site } from '../people/console.ts'
import { axe, fits, shot, startBrowser, type Look } from './kit.ts'
import { openRealSite, signIn, type SignedIn } from './real-site.ts'

let browser: Browser
let site: Site
let hook: Receiver
let at: SignedIn

/** What the boundary writes for a denied call; it raises the alert as every denial does. */
const deny = (members: Record<string, unknown>): Promise<void> =>
  site.gateway.ports.evidence.append([denial(members) as LogRecord])

beforeAll(async () => {
  hook = await startReceiver()
  const sink = `{ type: webhook, url: '${hook.url}', secret: 'a shared secret of thirty-two characters or more' }`
  ;[browser, site] = await Promise.all([startBrowser(), openRealSite(`alerts: { sinks: { soc: ${sink} } }\n`)])
  at = await signIn(browser, site)
}, 90_000)
afterAll(async () => {
  await browser.close()
  await site.close()
  hook.server.closeAllConnections()
  hook.server.close()
})

const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${site.origin}${path}`)
  await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor({ state: 'attached' })
}

const LOOKS: readonly (readonly [string, Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['rail', { width: 800 }],
  ['phone', { width: 360, height: 740 }],
]

describe('alerts, against a real gateway', () => {
  it('SC2: nothing is open: one sentence says so', async () => {
    const { page } = at
    await open(page, '/alerts')
    // enrolling and signing in were alerts themselves
    const listed = await site.gateway.store.list('alert')
    expect(listed.every(({ body }) => !(body['name'] as string).startsWith('call.'))).toBe(true)
    await open(page, '/alerts?state=resolved')
    await page.getByText('No alert was resolved in the last 30 days.').waitFor()
    await open(page, '/alerts?state=silences')
    await page.getByText('Nothing is silenced.').waitFor()
    await shot(page, 'alerts-silences-empty')
    expect(await axe(page)).toEqual([])
  })

  it('ND-5.2.a: a denial is on screen without a reload, with what caused it and who was told', async () => {
    const { page } = at
    await open(page, '/alerts')
    await page.waitForTimeout(500)
    const agent = 'release-bot'
    const critical = {
      agentId: agent,
      toolName: 'github.force_push',
      severity: 'critical',
      reason: 'Main is protected.',
    }
    await deny({ ...critical, parameters: { branch: 'main', note: 'see \u202eexe.txt\u200b now' } })
    const row = page.getByRole('link', { name: /release-bot tried github\.force_push/ })
    await row.waitFor({ timeout: 10_000 })
    await row.click()
    await page.getByText('What caused it').waitFor()
    await page.getByText('U+202E').first().waitFor()
    await page.getByText(/^Sent \d\d:\d\d$/).waitFor()
    expect(hook.got.some(({ body }) => body.includes('github.force_push'))).toBe(true)
    expect(await page.getByRole('button', { name: /Silence/ }).isDisabled()).toBe(true)
    await page.getByText('A critical alert cannot be silenced.').waitFor()
  })

  it('T-175: taken by key, resolved with a reason and a passkey, and the log has the name', async () => {
    const { page } = at
    await deny({ agentId: 'docs-writer', toolName: 'fs.write' })
    await open(page, '/alerts')
    await page.getByRole('link', { name: /docs-writer tried fs\.write/ }).click()
    await page.getByText('Nobody', { exact: true }).waitFor()
    await page.keyboard.press('t')
    await page.getByRole('button', { name: /You have it/ }).waitFor()
    await page.keyboard.press('r')
    await page.getByLabel('Reason').fill('the job was misconfigured')
    await shot(page, 'alerts-resolve')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Resolve…' }).last().click()
    await page.getByRole('button', { name: 'Resolve with passkey' }).click()
    await page.getByText('Resolved by ana', { exact: true }).waitFor({ timeout: 15_000 })
    const records = await site.gateway.store.readLog({ kind: 'gateway', limit: 1000 })
    const events = records.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    expect(events.find(({ event }) => event === 'alert.resolved')).toMatchObject({
      ...{ actor: 'operator:ana', reason: 'the job was misconfigured', name: 'call.denied' },
    })
  })

  it('T-175: a silence names what, shows what it would have hidden, needs the passkey, and can be ended', async () => {
    const { page } = at
    for (let i = 0; i < 14; i++)
      await deny({ agentId: 'support-triage', toolName: 'gmail.send_email', severity: 'high' })
    await open(page, '/alerts')
    await page.getByRole('link', { name: /support-triage tried gmail\.send_email/ }).click()
    await page
      .getByText(/14 times in/)
      .first()
      .waitFor()
    await page.keyboard.press('z')
    await page.getByText('1 alert', { exact: true }).waitFor()
    await page.getByLabel('Reason').fill('migration tonight')
    await shot(page, 'alerts-silence')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Silence…' }).last().click()
    await page.getByRole('button', { name: 'Silence with passkey' }).click()
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 15_000 }).toBe(0)
    const sent = hook.got.length
    await deny({ agentId: 'support-triage', toolName: 'gmail.send_email', severity: 'high' })
    await page.getByText('Silenced, not told').waitFor({ timeout: 10_000 })
    expect(hook.got.length).toBe(sent)
    await open(page, '/alerts?state=silences')
    await page.getByText('migration tonight').waitFor()
    await shot(page, 'alerts-silences')
    await page.getByRole('button', { name: 'End silence' }).click()
    await page.getByText('Nothing is silenced.').waitFor()
  })

  it('a channel that is down is said at the top, with what waits', async () => {
    const { page } = at
    hook.answer = 404
    await deny({ agentId: 'deploy-bot', toolName: 'k8s.delete', severity: 'high' })
    await until(async () => {
      await page.waitForTimeout(300)
      const answer = await site.socket('GET', '/api/v1/alert-sinks')
      return (answer.body as { items: { error: string }[] }).items[0]?.error === 'answered 404'
    })
    await open(page, '/alerts')
    await page.getByText(/soc: answered 404 since .* 1 message waits in the queue\./).waitFor()
    await page.getByRole('link', { name: /deploy-bot tried/ }).click()
    await page.getByText(/^Retrying, answered 404/).waitFor()
    await shot(page, 'alerts-channel-down')
    hook.answer = 200
    expect(at.faults).toEqual([])
  })

  for (const [name, look] of LOOKS) {
    it(`SC2: list and detail have no fault that axe knows and fit the screen, ${name}`, async () => {
      const { page } = at
      await page.setViewportSize({ width: look.width ?? 1440, height: look.height ?? 1010 })
      await page.emulateMedia({ colorScheme: look.dark === true ? 'dark' : 'light' })
      await open(page, '/alerts')
      await page.getByRole('link', { name: /tried/ }).first().waitFor()
      await page.waitForTimeout(400)
      await shot(page, `alerts-list-${name}`)
      expect(await fits(page)).toBe(true)
      expect(await axe(page)).toEqual([])
      if (name === 'phone') {
        await page.getByRole('link', { name: /github\.force_push/ }).click()
        await page.getByText('What caused it').waitFor()
        await shot(page, `alerts-detail-${name}`)
        expect(await fits(page)).toBe(true)
        expect(await axe(page)).toEqual([])
        await page.getByRole('button', { name: 'Back to the list' }).click()
        await page.getByRole('link', { name: /github\.force_push/ }).waitFor()
      }
    })
  }

  it('not permitted, not reached, failed and a late answer have words of their own', async () => {
    const { page } = at
    await page.setViewportSize({ width: 1440, height: 1010 })
    await page.emulateMedia({ colorScheme: 'light' })
    const answer = async (status: number, body: object): Promise<void> => {
      await page.route(/\/api\/v1\/alerts(\?|$)/, (route) => route.fulfill({ status, json: body }))
      await open(page, '/alerts')
    }
    const problem = {
      title: 'The store cannot be read.',
      code: 'SP_STORE_UNAVAILABLE',
      detail: '',
      next: 'Look at its disk.',
    }
    await answer(500, problem)
    await page.getByText('The alerts could not be loaded.').waitFor({ timeout: 10_000 })
    await shot(page, 'alerts-failed')
    await page.unroute(/\/api\/v1\/alerts(\?|$)/)
    await page.route(/\/api\/v1\/alerts(\?|$)/, (route) =>
      route.fulfill({ status: 403, json: { title: 'Not allowed.', code: 'SP_AUTHZ_SCOPE', detail: '', next: '' } }),
    )
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('You are approver, policy, admin.').waitFor()
    await shot(page, 'alerts-not-permitted')
    await page.unroute(/\/api\/v1\/alerts(\?|$)/)
    await page.route(/\/api\/v1\/alerts(\?|$)/, (route) =>
      route.fulfill({ json: { items: [], total: 0, lastResolved: Date.now() - 3_600_000 } }),
    )
    await open(page, '/alerts')
    await page.getByText(/No open alert\. Last one resolved/).waitFor()
    await shot(page, 'alerts-empty')
    await page.unroute(/\/api\/v1\/alerts(\?|$)/)
  })
})
