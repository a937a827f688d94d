import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { openSite, type Site } from '../people/console.ts'
import { UNCONFINED } from '../unconfined.ts'
import { addAuthenticator, axe, fits, newContext, shot, startBrowser, watchFaults } from './kit.ts'
import { claim, type SignedIn } from './site.ts'

let browser: Browser
let site: Site
let jonas: SignedIn
let faults: readonly string[]
/** What the step of set-up said, how it looked, and what choosing another preset came to. */
let strict: { readonly words: string; readonly axe: readonly string[]; readonly fits: boolean; readonly after: string }

async function seen(page: Page): Promise<void> {
  await page.getByText('Balanced, in force').waitFor()
  await page.getByText(/\d+ of 100/).waitFor({ timeout: 30_000 })
  const words = await page.locator('main').innerText()
  await shot(page, 'strict-light')
  const found = [...(await axe(page))]
  await page.getByRole('radio', { name: /^Locked down/ }).check()
  await page.getByRole('button', { name: 'Make it a draft' }).click()
  await page.getByText('waits in Policies').waitFor()
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 360, height: 800 })
  await shot(page, 'strict-dark-360')
  strict = {
    words,
    axe: [...found, ...(await axe(page))],
    fits: await fits(page),
    after: await page.locator('main').innerText(),
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 1010 })
}

beforeAll(async () => {
  const open = openSite(`policies: ['preset:balanced']\n${UNCONFINED}`, undefined, { proxy: true })
  ;[browser, site] = await Promise.all([startBrowser(), open])
  jonas = await claim(site, browser, 'jonas', {}, seen)
  faults = await watchFaults(jonas.context)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await site.close()
})

/** Light, dark and narrow: a picture of each, no fault of axe, nothing wider than the screen. */
async function looked(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 1010 })
  await shot(page, `${name}-light`)
  expect(await axe(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 360, height: 800 })
  await shot(page, `${name}-dark-360`)
  expect(await axe(page)).toEqual([])
  expect(await fits(page)).toBe(true)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 1010 })
}
const passkeys = async () => (await site.gateway.presence.passkeys?.list('operator:jonas')) ?? []

describe('passkeys and devices of a person', () => {
  it('T-010: a second passkey is added in Settings, which the first one agrees to', async () => {
    const { page } = jonas
    const before = (await passkeys()).length
    await page.goto(`${site.origin}/settings/presence`)
    await page.getByText('First passkey').waitFor()
    const name = `Key ${before}`
    await page.getByLabel('What it is called').fill(name)
    await jonas.withSecurityKey(async () => {
      await page.getByRole('button', { name: 'Create a passkey…' }).click()
      await page.getByRole('button', { name: 'Agree with my passkey' }).waitFor()
    })
    await page.getByRole('button', { name: 'Agree with my passkey' }).click()
    const row = page.locator('li', { hasText: name })
    await row.waitFor()
    expect(await row.innerText()).toContain('may approve critical from')
    expect(await passkeys()).toHaveLength(before + 1)
  }, 60_000)

  it('T-010 TM-ACCESS-001: a device is paired by a code and a QR code that does not have it, and by its number; its passkey signs in there', async () => {
    const { page } = jonas
    await page.goto(`${site.origin}/settings/presence`)
    const pair = async (): Promise<{ readonly address: string; readonly code: string }> => {
      const before = await shown.locator('b').allInnerTexts()
      await page.getByRole('button', { name: 'Pair a device…' }).click()
      await page.getByRole('button', { name: 'Pair with passkey' }).click()
      await expect.poll(async () => (await shown.locator('b').allInnerTexts()).join()).not.toBe(before.join())
      return { address: await shown.locator('code').innerText(), code: await shown.locator('b').innerText() }
    }
    const shown = page.getByText('on the device first, then type')
    const { address } = await pair()
    expect(address).toBe(`${site.origin}/setup`)
    await page.getByRole('img', { name: `QR code of the address ${address}` }).waitFor()
    await page.getByText('This name leads to this machine only.').waitFor()
    await shown.scrollIntoViewIfNeeded()
    await looked(page, 'pairing')
    const arrive = async (phone: Page): Promise<void> => {
      await phone.goto(address)
      await phone.getByLabel('Pairing code, from Settings on your other device').waitFor()
    }
    const enter = async (phone: Page, code: string): Promise<void> => {
      await phone.getByLabel('Pairing code, from Settings on your other device').fill(code)
      await phone.getByRole('button', { name: 'Use the code' }).first().click()
    }
    // the gateway's own machine is no second device
    const here = await newContext(browser)
    const own = await here.newPage()
    await arrive(own)
    const phone = await newContext(browser, { width: 390, height: 844 })
    await phone.setExtraHTTPHeaders({ 'x-forwarded-for': '192.0.2.44' })
    const other = await phone.newPage()
    await addAuthenticator(other)
    await arrive(other)
    // a code lives for 30 seconds
    const { code } = await pair()
    await enter(own, code)
    await own.getByText('This is the machine of the gateway').waitFor()
    await enter(other, code)
    await here.close()
    await other.getByRole('heading', { name: 'This device' }).waitFor()
    await shot(other, 'paired-phone')
    const waiting = page.getByText('A device at 192.0.2.44 shows')
    await waiting.waitFor()
    const number = await waiting.locator('b').innerText()
    expect(await other.locator('main').innerText()).toContain(number)
    await other.getByRole('button', { name: 'Create a passkey' }).click()
    await other.getByText('SP_').first().waitFor()
    expect((await passkeys()).map((each) => each.class)).not.toContain('device')
    await page.getByRole('button', { name: 'It is mine…' }).click()
    await shot(page, 'pairing-confirm')
    await page.getByRole('button', { name: 'Confirm with passkey' }).click()
    await waiting.waitFor({ state: 'detached' })
    await other.getByRole('button', { name: 'Create a passkey' }).click()
    await other.waitForURL('**/approvals')
    await other.getByRole('heading', { name: 'Approvals' }).waitFor()
    await phone.close()
    expect((await passkeys()).map((each) => each.class)).toContain('device')
    await page.reload()
    await page.getByRole('button', { name: 'Take away' }).first().waitFor()
  }, 90_000)
})

describe('what a gateway is set to', () => {
  it('SC2: set-up shows the strictness that was measured, and another preset becomes a draft that decides nothing yet', async () => {
    expect(strict.words).toMatch(/advisory/)
    expect([strict.axe, strict.fits]).toEqual([[], true])
    const [, id] = /Draft (\S+)/.exec(strict.after) ?? []
    const draft = (await site.socket('GET', `/api/v1/policy/drafts/${id}`)).body as { files: { path: string }[] }
    const paths = draft.files.map(({ path }) => path)
    expect(paths).toContain('preset:locked-down.cedar')
    expect(paths).toContain('preset:base.cedar')
    expect(paths).not.toContain('preset:balanced.cedar')
    const { body: check } = await site.socket('POST', `/api/v1/policy/drafts/${id}/check`, {})
    expect(check).toMatchObject({ ok: true, tests: { failed: 0 } })
    const live = (await site.socket('GET', '/api/v1/policy/files')).body as { files: { path: string }[] }
    expect(live.files.map(({ path }) => path)).toContain('preset:balanced.cedar')
    expect((await site.socket('POST', '/api/v1/policy/drafts', { preset: 'none-such' })).status).toBe(422)
  }, 60_000)

  it('SYS-4: Settings say what is kept, where, for how long, and how it is taken away', async () => {
    const { page } = jonas
    await page.goto(`${site.origin}/settings/data`)
    await page.getByText('365 days').waitFor()
    expect(await page.locator('main').innerText()).toContain(site.stateDir)
    await page.getByText('sallyport log export --proofs > log.ndjson').waitFor()
    await looked(page, 'settings-data')
  }, 60_000)

  it('E-71: Settings name every accepted risk: what it lets happen, who answers for it, why, until when', async () => {
    const { page } = jonas
    await page.goto(`${site.origin}/settings/risks`)
    await page.getByText('sandbox.mode').waitFor()
    expect(await page.locator('main').innerText()).toMatch(/ends \d/)
    await looked(page, 'settings-risks')
    expect(faults).toEqual([])
  }, 60_000)
})
