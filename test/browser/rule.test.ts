import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import type { Browser, Page } from 'playwright-core'
import { axe, fits, shot, startBrowser, watchFaults } from './kit.ts'
import { claim, openConsole, type ConsoleSite, type SignedIn } from './site.ts'

let browser: Browser
let site: ConsoleSite
let jonas: SignedIn
let faults: readonly string[]

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), openConsole()])
  await site.gateway.identity.agents.setTrust('support-triage', 2, 'test', 'policy alone')
  jonas = await claim(site, browser)
  faults = await watchFaults(jonas.context)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await site.close()
})

const open = async (): Promise<readonly { readonly id: string }[]> => {
  const { body } = await site.socket('GET', '/api/v1/approvals?limit=100')
  return (body.items as readonly { id: string; state: string }[]).filter(({ state }) => state === 'pending')
}
afterEach(async () => {
  for (const { id } of await open()) await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
  await jonas.page.setViewportSize({ width: 1440, height: 1010 })
  await jonas.page.emulateMedia({ colorScheme: 'light' })
})

let round = 0
/** Nobody has written to this address before, in this try or in one before it. */
const fresh = (name: string): string => `${name}-${++round}@meridian.example`

/** The agent calls; the page shows it. */
async function asked(to: string): Promise<{ readonly page: Page; readonly answer: Promise<JsonObject> }> {
  const { page } = jonas
  await page.goto(`${site.origin}/approvals`)
  await page.getByText('Nothing waits.').waitFor()
  const answer = site.send({ to: [to], subject: 'Report', body: 'The report.' })
  await page.getByRole('heading', { name: new RegExp(`support-triage wants.*${to}`) }).waitFor()
  return { page, answer }
}

async function publish(page: Page): Promise<void> {
  await page.waitForURL('**/policies/draft/**')
  const button = page.getByRole('button', { name: 'Publish…' })
  await expect.poll(() => button.isEnabled(), { timeout: 15_000 }).toBe(true)
  await button.click()
  await page.getByRole('button', { name: 'Publish with passkey' }).click()
  await page.getByText(/is in force\./).waitFor({ timeout: 30_000 })
}

const rule = (page: Page) => page.getByRole('dialog', { name: 'Draft a rule' })

describe('a rule out of a request', () => {
  it('SC5 AC-5.3.2: from a request to a draft with its tests; once it is published such calls go on, and no others', async () => {
    const to = fresh('lena')
    const { page, answer } = await asked(to)
    await page.getByRole('button', { name: 'Draft a rule…' }).first().click()
    await rule(page).getByText('Go on without a question').waitFor({ state: 'attached' })
    const code = rule(page).getByLabel('The rule in Cedar')
    await code.waitFor()
    expect(await code.innerText()).toContain(`context.args.to == ["${to}"]`)
    expect(await rule(page).innerText()).toContain('only in sessions that have read nothing untrusted')
    await shot(page, 'rule-light')
    expect(await axe(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    await shot(page, 'rule-dark')
    expect(await axe(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 800 })
    await shot(page, 'rule-phone')
    expect(await fits(page)).toBe(true)
    expect(await axe(page)).toEqual([])
    await page.setViewportSize({ width: 1440, height: 1010 })
    await page.emulateMedia({ colorScheme: 'light' })
    await rule(page).getByRole('button', { name: 'Open as draft' }).click()
    await page.waitForURL('**/policies/draft/**')
    await page.getByText('the call that was asked about').waitFor({ timeout: 30_000 })
    await shot(page, 'rule-draft')
    // the draft answers nothing: the request waits, and the same call would be asked about again
    expect(await open()).toHaveLength(1)
    await publish(page)
    await shot(page, 'rule-published')
    const [{ id } = { id: '' }] = await open()
    if (id !== '') await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
    await answer
    const before = site.sent().length
    const said = await site.send({ to: [to], subject: 'Another', body: 'Other words.' })
    expect(JSON.stringify(said)).toContain('sent')
    expect(site.sent()).toHaveLength(before + 1)
    for (const others of [[fresh('bob')], [to, fresh('bob')]]) {
      const refused = site.send({ to: others, subject: 'Report', body: 'x' })
      await expect.poll(async () => (await open()).length, { timeout: 20_000 }).toBe(1)
      const [{ id: asks } = { id: '' }] = await open()
      await site.socket('POST', `/api/v1/approvals/${asks}/deny`, {})
      expect(JSON.stringify(await refused)).toContain('SP_APPROVAL_DENIED')
    }
    expect(site.sent()).toHaveLength(before + 1)
  }, 180_000)

  it('SC5: a denied request becomes a rule that denies, and asks nobody any more', async () => {
    const to = fresh('mallory')
    const { page, answer } = await asked(to)
    const [{ id } = { id: '' }] = await open()
    await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
    await answer
    await page.goto(`${site.origin}/approvals/${id}`)
    await page
      .getByText(/Denied by/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Draft a rule…' }).last().click()
    await rule(page).getByLabel('Calls like this one').selectOption('deny')
    await expect.poll(() => rule(page).getByLabel('The rule in Cedar').innerText()).toContain(`containsAny(["${to}"])`)
    await shot(page, 'rule-deny')
    await rule(page).getByRole('button', { name: 'Open as draft' }).click()
    await publish(page)
    const refused = JSON.stringify(await site.send({ to: [to.toUpperCase()], subject: 'x', body: 'x' }))
    expect(refused).toContain('SP_POLICY_DENIED')
    expect(await open()).toHaveLength(0)
    expect(faults).toEqual([])
  }, 180_000)

  it('HB-145: what trust levels ask about is answered by no rule, and the page says what to do instead', async () => {
    const { page } = jonas
    await site.gateway.identity.agents.setTrust('support-triage', 0, 'test', 'new again')
    const { answer } = await asked(fresh('carl'))
    await page.getByRole('button', { name: 'Draft a rule…' }).first().focus()
    await page.keyboard.press('Enter')
    await rule(page).getByText('support-triage is at trust level 0').waitFor()
    expect(await rule(page).getByRole('button', { name: 'Open as draft' }).isDisabled()).toBe(true)
    await shot(page, 'rule-none')
    expect(await axe(page)).toEqual([])
    // by keyboard: the safe button has the focus, Escape closes, and the focus is where it was
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel')
    await page.keyboard.press('Escape')
    await rule(page).waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Draft a rule…')
    const [{ id } = { id: '' }] = await open()
    const refused = await site.socket('POST', `/api/v1/approvals/${id}/rule`, { effect: 'allow' })
    expect(refused).toMatchObject({ status: 409, body: { code: 'SP_POLICY_DRAFT' } })
    await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
    await answer
    await site.gateway.identity.agents.setTrust('support-triage', 2, 'test', 'policy alone')
  }, 60_000)

  it('T-013: without the scope policy a rule is looked at and not drafted', async () => {
    const found = await site.socket('GET', '/api/v1/approvals?state=decided&limit=1')
    const [{ id }] = found.body.items as [{ id: string }]
    const { page } = jonas
    await page.route('**/api/v1/me', async (route) => {
      const real = await route.fetch()
      const me = (await real.json()) as JsonObject
      await route.fulfill({
        response: real,
        json: { ...me, roles: ['approver'], scopes: ['read', 'write', 'approve'] },
      })
    })
    await page.goto(`${site.origin}/approvals/${id}`)
    await page.getByRole('button', { name: 'Draft a rule…' }).last().click()
    await rule(page).getByText('Policies are changed by policy. You are approver.').waitFor()
    expect(await rule(page).getByRole('button', { name: 'Open as draft' }).isDisabled()).toBe(true)
    await page.unroute('**/api/v1/me')
  }, 60_000)
})
