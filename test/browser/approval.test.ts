import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decisionDigest, type Json, type JsonObject } from '@sallyport/core'
import type { Browser, Page } from 'playwright-core'
import { verifyProof, type Proof } from '../../packages/console/src/pages/log/verify-proof.ts'
import { addAuthenticator, axe, shot, startBrowser, watchFaults } from './kit.ts'
import { claim, openConsole, type ConsoleSite, type SignedIn } from './site.ts'

let browser: Browser
let site: ConsoleSite
let jonas: SignedIn
let faults: readonly string[]

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), openConsole()])
  jonas = await claim(site, browser)
  faults = await watchFaults(jonas.context)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await site.close()
})

const CREATE = `async (options) => (await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()`
const GET = `async (options) => (await navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON()`
/** What a script in the page can send. */
const SEND = async ({ path, ...what }: { path: string; method: string; body?: string }) => {
  const answered = await fetch(path, { ...what, headers: { 'content-type': 'application/json' } })
  return { status: answered.status, body: (await answered.json()) as JsonObject }
}
const SEALED = { timeout: 30_000, interval: 500 }

const deny = (page: Page) => page.getByRole('button', { name: 'Deny' })
const approve = (page: Page) => page.getByRole('button', { name: /^Approve once…/ })
const withPasskey = (page: Page) => page.getByRole('button', { name: 'Approve once with passkey' })

let tries = 0
/** An address that nobody has written to, in this try or in one before it. */
const fresh = (name: string): string => `${name}-${++tries}@meridian.example`

const open = async (): Promise<readonly { readonly id: string; readonly state: string }[]> => {
  const { body } = await site.socket('GET', '/api/v1/approvals?limit=100')
  return (body.items as readonly { id: string; state: string }[]).filter(({ state }) => state === 'pending')
}

/** The agent calls, and the person sees it; nothing else waits. */
async function asked(mail: JsonObject): Promise<{ readonly page: Page; readonly answer: Promise<JsonObject> }> {
  const { page } = jonas
  await page.goto(`${site.origin}/approvals`)
  await page.getByText('Nothing waits.').waitFor()
  const answer = site.send(mail)
  const early = answer.then((said) => Promise.reject(new Error(JSON.stringify(said))))
  await Promise.race([early, page.getByRole('heading', { name: /support-triage wants/ }).waitFor()])
  early.catch(() => undefined)
  await expect.poll(() => deny(page).getAttribute('aria-disabled'), { timeout: 15_000 }).toBe('false')
  return { page, answer }
}

afterEach(async () => {
  for (const { id } of await open()) await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
  const { killSwitch } = site.gateway.identity
  if (killSwitch.list().length > 0) await killSwitch.resume({ kind: 'all' }, 'test', 'the next test')
  await jonas.setVerified(true)
})

const records = async (kind: string): Promise<readonly JsonObject[]> => {
  const found = await site.socket('GET', `/api/v1/log?kind=${kind}&limit=100`)
  return (found.body.items ?? found.body.records) as readonly JsonObject[]
}

describe('an approval, from the agent to the log', () => {
  it('SC5 T-024: a call waits, its approver reads it, a passkey approves it, it goes on, and the log proves it', async () => {
    const to = fresh('accounts')
    const mail = { to: [to], subject: 'Re: Invoice 2291', body: 'The list you asked for.' }
    const before = site.sent().length
    const { page, answer } = await asked(mail)
    expect(await page.getByRole('article').innerText()).toContain(to)
    expect(await page.getByText('You did not give this recipient.').count()).toBeGreaterThan(0)
    const row = page.locator('section[aria-label=Requests] li').first()
    expect(await row.innerText()).toContain(`Send something to ${to}, with gmail.send_email`)
    expect(await row.innerText()).toContain('You did not give this recipient.')
    expect(
      await page
        .getByRole('link', { name: 'For me 1' })
        .or(page.getByRole('tab', { name: 'For me 1' }))
        .count(),
    ).toBe(1)
    await shot(page, 'e2e-approval')
    expect(await axe(page)).toEqual([])
    expect(site.sent()).toHaveLength(before)
    await page.getByLabel('Reason').fill('Confirmed with Lena by phone')
    await approve(page).click()
    await page.getByRole('dialog').waitFor()
    await shot(page, 'e2e-confirm')
    expect(await axe(page)).toEqual([])
    await withPasskey(page).click()
    const { result } = (await answer) as { result: JsonObject }
    expect(JSON.stringify(result)).toContain('sent')
    expect(site.sent().slice(before)).toEqual([mail])
    await page
      .getByText(/Approved by you/)
      .first()
      .waitFor()
    expect((await records('approval.resolved')).map((record) => JSON.stringify(record)).join('\n')).toContain('passkey')
    // the log proves it: the record's way to the signed root, checked with the key that the log was opened with
    const { body } = await site.socket('GET', '/api/v1/approvals?state=consumed')
    const [{ auditId }] = body.items as [{ auditId: string }]
    const proofOf = async () => (await site.socket('GET', `/api/v1/log/records/${auditId}/proof`)).body
    await expect
      .poll(async () => ((await proofOf()).items as unknown[] | undefined)?.length ?? 0, SEALED)
      .toBeGreaterThan(0)
    const { items } = (await proofOf()) as { items: readonly Proof[] }
    const verified = await Promise.all(items.map(verifyProof))
    expect(verified).toEqual(items.map(() => expect.objectContaining({ ok: true })))
    const told = items.map(({ record: { body: text } }) => text).join('\n')
    expect(told).toContain('"approval.resolved"')
    const [first] = items
    const forged = { ...(first as Proof), record: { ...(first as Proof).record, body: told.replace('a', 'b') } }
    expect(await verifyProof(forged)).toMatchObject({ ok: false })
  }, 90_000)

  it('T-049: an approval for this recipient and session lets the next mail to it go without asking, and no other', async () => {
    const mail = { to: [fresh('lena')], subject: 'One', body: 'One' }
    const { page, answer } = await asked(mail)
    await page.getByLabel('Reason').fill('Lena writes every day')
    await page.getByRole('radio', { name: 'This recipient, this session' }).check()
    await page.getByRole('button', { name: /^Approve…/ }).click()
    await page.getByRole('button', { name: 'Approve with passkey' }).click()
    await answer
    await site.send({ ...mail, subject: 'Two', body: 'Two' })
    expect(site.sent().slice(-1)).toEqual([{ ...mail, subject: 'Two', body: 'Two' }])
    const other = await asked({ ...mail, to: [fresh('bob')] })
    await other.page.keyboard.press('d')
    expect(JSON.stringify(await other.answer)).toContain('SP_APPROVAL_DENIED')
  }, 60_000)

  it('T-021 T-022 T-005: another browser with the copied profile, driven over DevTools, reads and decides nothing', async () => {
    const before = site.sent().length
    const { answer } = await asked({ to: [fresh('accounts')], subject: 'Again', body: 'The list.' })
    const [{ id } = { id: '' }] = await open()
    const stolen = await browser.newContext({
      storageState: await jonas.context.storageState(),
      ignoreHTTPSErrors: true,
    })
    try {
      const page = await stolen.newPage()
      await addAuthenticator(page)
      await page.goto(`${site.origin}/health`)
      const send = (method: string, path: string, body?: Json): Promise<{ status: number; body: JsonObject }> =>
        page.evaluate(SEND, { method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      expect((await send('GET', `/api/v1/approvals/${id}`)).body).toMatchObject({ id, state: 'pending' })
      const { body: me } = await send('GET', '/api/v1/me')
      const operator = me['id'] as string
      const options = (await send('POST', '/api/v1/passkeys/options', { operator })).body
      const made = await page.evaluate<JsonObject>(
        `(${CREATE})(${JSON.stringify({ ...options, excludeCredentials: [] })})`,
      )
      const enrolled = await send('POST', '/api/v1/passkeys', { operator, response: made, label: 'mine' })
      expect(enrolled).toMatchObject({ status: 403, body: { code: 'SP_AUTHN_PRESENCE' } })
      const { body: challenge } = await send('GET', `/api/v1/approvals/${id}/challenge?nonce=${'ab'.repeat(32)}`)
      const { call, view, nonce, notAfter } = challenge as unknown as Record<'call' | 'view' | 'nonce', string> & {
        notAfter: number
      }
      const scope = { kind: 'once' } as const
      const digest = decisionDigest({ approvalId: id, call, view, scope, notAfter, nonce })
      const asking = { challenge: Buffer.from(digest, 'hex').toString('base64url'), userVerification: 'required' }
      const got = await page.evaluate<{ id: string; response: JsonObject }>(`(${GET})(${JSON.stringify(asking)})`)
      const { authenticatorData, clientDataJSON, signature } = got.response
      const assertion = { credential: got.id, authenticatorData, clientDataJSON, signature } as JsonObject
      const seen = { operator, nonce, view, scope, reason: '' }
      const tries: readonly Json[] = [
        {},
        { ...seen, notAfter, assertion },
        { ...seen, notAfter, proof: '0'.repeat(64) },
        { operator, held: true, view, scope, reason: '' },
      ]
      for (const body of tries) {
        const { status } = await send('POST', `/api/v1/approvals/${id}/approve`, body)
        expect([JSON.stringify(body).slice(0, 60), status >= 400 && status < 500]).toEqual([expect.anything(), true])
      }
      expect((await open()).map((each) => each.id)).toEqual([id])
    } finally {
      await stolen.close()
    }
    await site.socket('POST', `/api/v1/approvals/${id}/deny`, {})
    await answer
    expect(site.sent()).toHaveLength(before)
  }, 60_000)

  it('SC5: denying takes one press and no passkey; the agent is told, nothing runs', async () => {
    const before = site.sent().length
    const { page, answer } = await asked({ to: [fresh('bob')], subject: 'No', body: 'No' })
    await jonas.setVerified(false)
    await page.keyboard.press('d')
    const refused = JSON.stringify(await answer)
    expect(refused).toContain('SP_APPROVAL_DENIED')
    await page
      .getByText(/Denied by you/)
      .first()
      .waitFor()
    expect(site.sent().length).toBe(before)
  }, 60_000)

  it('T-010: a passkey whose human is not verified approves nothing, and the bar is as it was', async () => {
    const before = site.sent().length
    const { page, answer } = await asked({ to: [fresh('bob')], subject: 'UV', body: 'UV' })
    await page.getByLabel('Reason').fill('The human went away')
    await jonas.setVerified(false)
    await approve(page).click()
    await withPasskey(page).click()
    await page.getByText('The passkey was not used. Nothing was done.').waitFor({ timeout: 20_000 })
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(await page.getByLabel('Reason').inputValue()).toBe('The human went away')
    expect(site.sent().length).toBe(before)
    expect(await open()).toHaveLength(1)
    await page.keyboard.press('d')
    await answer
  }, 60_000)

  it('E-30: all agents stopped is said on every page; going on takes a passkey and a reason', async () => {
    const { page } = jonas
    await page.goto(`${site.origin}/log`)
    await page.locator('aside').getByText('jonas').waitFor()
    await page.keyboard.press('Shift+K')
    await page.getByRole('button', { name: 'Stop all agents' }).click()
    await page.getByRole('button', { name: 'Close' }).last().click()
    const refused = JSON.stringify(await site.send({ to: [fresh('bob')], subject: 'K', body: 'K' }))
    expect(refused).toContain('SP_AUTHZ_KILLED')
    for (const path of ['/approvals', '/settings', '/log']) {
      await page.goto(`${site.origin}${path}`)
      await page.getByText(/All agents are stopped by jonas, \d\d:\d\d\./).waitFor()
    }
    await shot(page, 'e2e-stopped')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Resume…' }).click()
    const on = page.getByRole('dialog').getByRole('button', { name: 'Resume…' })
    expect(await on.isDisabled()).toBe(true)
    await page.getByLabel('Why it may go on').fill('It was a false alarm')
    await on.click()
    await page.getByRole('button', { name: 'Resume with passkey' }).click()
    await page.getByText('All agents are stopped').waitFor({ state: 'detached' })
    expect(site.gateway.identity.killSwitch.list()).toEqual([])
  }, 60_000)

  it('SEC-5.2: what waits is on the screen within 300 ms after the call, and the call goes on within 300 ms', async () => {
    const { page } = jonas
    const seen: number[] = []
    for (let round = 0; round < 3; round++) {
      await page.goto(`${site.origin}/approvals`)
      await page.getByText('Nothing waits.').waitFor()
      const started = Date.now()
      const to = fresh('p95')
      const answer = site.send({ to: [to], subject: 'p', body: 'p' })
      await page.getByText(to).first().waitFor()
      seen.push(Date.now() - started)
      await expect.poll(() => deny(page).getAttribute('aria-disabled'), { timeout: 15_000 }).toBe('false')
      const pressed = Date.now()
      await deny(page).click()
      await answer
      seen.push(Date.now() - pressed)
    }
    const worst = seen.toSorted((a, b) => a - b)[Math.ceil(seen.length * 0.95) - 1] ?? 0
    console.log(`approval to screen and decision to call, ms: ${seen.join(' ')}`)
    // the figure is measured in bench; here only that nothing waits for a poll
    expect(worst).toBeLessThan(3000)
    expect(faults).toEqual([])
  }, 90_000)
})
