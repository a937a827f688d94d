import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import type { Provenance } from '../../packages/gateway/src/assurance/admission/bundle.ts'
import { approveSkill, blockSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import type { Site } from '../people/console.ts'
import { ME, type Answer } from './fixtures.ts'
import { axe, fits, shot } from './kit.ts'
import { openRealSite, signIn } from './real-site.ts'
import { builtConsole, LOOKS } from './stage.ts'

const stage = builtConsole()
const SLOW = 90_000
const HIDDEN = String.fromCodePoint(0xad)

const manifest = (name: string, more = ''): string =>
  `---\nname: ${name}\ndescription: Reads invoices and lists what is due.\nversion: 1.4.0\n${more}---\n# ${name}\n\nList what is due, oldest first.\n`
const NET = "import urllib.request\nurllib.request.urlopen('https://api.meridian.example/rates').read()\n"

let site: Site
let page: Page
let context: BrowserContext
let faults: readonly string[]
let hashes: Record<'invoice-helper' | 'rates' | 'notes', string>

beforeAll(async () => {
  site = await openRealSite('skills: { interval: 1s }\n')
  const admission = admissionOf(site)
  const take = async (name: string, files: Readonly<Record<string, string>>, more: Partial<Provenance> = {}) => {
    const bytes = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text), mode: 0o644 }))
    const provenance = { source: 'folder', url: `/home/ana/skills/${name}`, notes: [], ...more } as const
    return (await admitBundle({ name, version: '1.4.0', files: bytes, provenance }, admission, 'account:ana')).hash
  }
  const meridian = { source: 'registry', url: 'clawhub:meridian/invoice-helper@1.4.0', signature: 'absent' } as const
  hashes = {
    'invoice-helper': await take(
      'invoice-helper',
      { 'SKILL.md': manifest('invoice-helper', 'author: Meridian\n'), 'rates.py': NET },
      { ...meridian, integrity: `sha512-${'A'.repeat(86)}==`, notes: ['the registry calls it new'] },
    ),
    rates: await take('rates', { 'SKILL.md': manifest('rates'), 'rates.py': NET }),
    notes: await take('notes', { 'SKILL.md': manifest('notes') }),
  }
  const looked = { by: 'operator:ana', reason: 'looked at it' }
  await approveSkill({ name: 'notes', hash: hashes.notes, ...looked }, false, admission)
  await blockSkill({ publisher: 'fastskills', at: Date.now(), by: 'operator:mei', reason: 'sells our name' }, admission)
  ;({ context, page, faults } = await signIn(stage.browser, site))
  page.setDefaultTimeout(20_000)
}, 120_000)
afterAll(async () => {
  await context.close()
  await site.close()
})

const open = (path: string, on = page): Promise<unknown> => on.goto(site.origin + path)
const button = (name: string | RegExp): Locator => page.getByRole('button', { name })
const stateOf = async (name: keyof typeof hashes): Promise<unknown> => {
  const { skills } = await admissionOf(site).store.read()
  const version = skills[name]?.versions.find(({ hash }) => hash === hashes[name])
  return [version?.state, version?.requiresApproval, version?.history.at(-1)?.by]
}

describe('page of skills', () => {
  it('HB-31 HB-33 E-80: a passkey lets a version out of quarantine with a reason, and then to visitors', async () => {
    await open(`/supply/skill/invoice-helper`)
    await page.getByText('Waits for a review. No agent loads it').waitFor()
    await page.getByText('Changes data or reaches the network without').waitFor()
    await page.getByText('SKILL.md:1').first().waitFor()
    await page.getByText('clawhub:meridian/invoice-helper@1.4.0').waitFor()
    await page.getByText('the registry calls it new').waitFor()
    await page.getByText('a claim, not proved').waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-waiting-light')
    expect(await button('Approve…').isDisabled()).toBe(true)
    await page.keyboard.press('r')
    await page.keyboard.type('Read every line of it')
    // what goes out is not approved without a person who agrees to it
    expect(await button('Approve…').isDisabled()).toBe(true)
    await page.getByRole('checkbox').check()
    await button('Approve…').click()
    await page.getByText('Agents inside may load it from now on').waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-approve-light')
    expect((await stateOf('invoice-helper')) as unknown[]).toContain('pending_review')
    await button('Approve with passkey').click()
    await page.getByText('It serves agents inside, not those').waitFor()
    expect(await stateOf('invoice-helper')).toEqual(['internal', true, 'operator:ana'])
    await page.getByLabel('Reason').fill('Served a month without a question')
    await button('Promote to everybody…').click()
    await button('Promote with passkey').click()
    await page.getByText('It serves agents inside and those that visitors talk to.').waitFor()
    expect(await stateOf('invoice-helper')).toEqual(['external', true, 'operator:ana'])
    await page.getByText('Served a month without a question').waitFor()
    expect(await axe(page)).toEqual([])
    expect(faults).toEqual([])
  }, 60_000)

  it('E-80: rejecting takes a reason and one key, and no passkey', async () => {
    await open('/supply')
    await page.getByRole('link', { name: /^in quarantine rates/ }).click()
    await page.getByText('Waits for a review').waitFor()
    await page.getByLabel('Reason').fill('Nobody asked for it')
    await expect.poll(() => button('Reject').isDisabled()).toBe(false)
    await page.getByRole('heading', { name: 'Your decision' }).click()
    await page.keyboard.press('d')
    await page.getByText('It was refused. No agent loads it.').waitFor()
    expect(await stateOf('rates')).toEqual(['refused', false, 'operator:ana'])
    // the button is gone; whoever goes on by keyboard is not thrown out of the page
    await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('H2')
    expect(await button('Approve…').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-refused-light')
  }, 60_000)

  it('HB-35 E-85 T-035: one that was changed in place is off, shows what is different without drawing it, and rolls back', async () => {
    const place = join(site.stateDir, 'skills/internal', `notes@${hashes.notes}`, 'SKILL.md')
    chmodSync(place, 0o600)
    appendFileSync(place, `Then open <img src=x onerror=alert(1)> and hid${HIDDEN}den.\n`)
    const { store } = admissionOf(site)
    await expect.poll(async () => (await store.read()).skills['notes']?.versions.length, { timeout: 30_000 }).toBe(2)
    await open('/supply')
    await page.getByRole('link', { name: /^off notes/ }).waitFor()
    await page.getByRole('link', { name: /^in quarantine notes/ }).click()
    await page.getByRole('heading', { name: 'What is different' }).waitFor()
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
    await page.getByRole('img', { name: 'hidden character, soft hyphen' }).first().waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-drift-light')
    await page.getByRole('link', { name: /^off notes/ }).click()
    await page.getByText('It is off. No agent loads it').waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-off-light')
    await page.getByLabel('Reason').fill('Back to what was read')
    await button('Back to these reviewed bytes…').click()
    await button('Roll back with passkey').click()
    await page.getByText('It serves agents inside, not those').waitFor()
    expect(await stateOf('notes')).toEqual(['internal', false, 'operator:ana'])
    expect(faults).toEqual([])
  }, 90_000)

  it('HB-34: the lists have an address; a passkey takes a rule off the one and adds to the other', async () => {
    await open('/supply/rules')
    await page.getByText('sells our name').waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-rules-light')
    await button('Take off…').click()
    await page.getByLabel('Why it may come off').fill('They are our reseller')
    await button('Take it off…').click()
    await button('Take off with passkey').click()
    await page.getByText('Nothing is blocked.').waitFor()
    await button('Let one in without a review…').click()
    await page.getByLabel('Name').fill('rates')
    await page.getByLabel('SHA-256').fill(hashes.rates)
    await page.getByLabel('From').fill('/home/ana/skills/rates')
    await page.getByLabel('Reason').fill('Own work')
    expect(await axe(page)).toEqual([])
    await shot(page, 'supply-allow-light')
    await button('Allow…').click()
    await button('Allow with passkey').click()
    await page.getByRole('dialog', { name: 'Let one in' }).waitFor({ state: 'detached' })
    await page.getByText('Own work').waitFor()
    const { allow, block } = await admissionOf(site).store.read()
    expect([allow.map(({ name, hash }) => [name, hash]), block]).toEqual([[['rates', hashes.rates]], []])
  }, 60_000)

  for (const [name, look] of LOOKS) {
    it(`SC2: has no fault that axe or the content policy knows, and fits: ${name}`, async () => {
      const own = await signIn(stage.browser, site, look)
      for (const path of ['/supply', `/supply/skill/invoice-helper`, '/supply/skill/notes', '/supply/rules']) {
        await open(path, own.page)
        await own.page.getByRole('heading', { name: 'Supply chain', level: 1 }).waitFor()
        await expect.poll(() => own.page.locator('[aria-busy=true]').count()).toBe(0)
        await own.page.waitForTimeout(300)
        expect([path, await axe(own.page)]).toEqual([path, []])
        expect([path, await fits(own.page)]).toEqual([path, true])
        await shot(own.page, `${path.slice(1).replaceAll('/', '-')}-${name}`)
      }
      expect(own.faults).toEqual([])
      await own.context.close()
    }, 60_000)
  }
})

const NOBODY = { '/api/v1/me': ME, '/api/v1/tools/servers': { servers: [] } }
const empty = { skills: [], block: [], allow: [] }
const broken: Answer = () => ({
  status: 503,
  body: {
    title: 'The store does not answer.',
    code: 'SP_STORE_UNAVAILABLE',
    detail: '',
    next: 'Run sallyport doctor.',
  },
})

describe('states of the page of skills', () => {
  it(
    'empty, failed, not permitted and offline each say so',
    async () => {
      const opened = await stage.open({}, { ...NOBODY, '/api/v1/skills': empty }, '/supply')
      const { page: own, gateway } = opened
      await own.getByText('No skill is known. Take one into quarantine:').waitFor()
      expect(await axe(own)).toEqual([])
      await shot(own, 'supply-empty')
      gateway.answer({ '/api/v1/skills': broken })
      await own.reload()
      await own.getByText('The list of skills could not be loaded.').waitFor({ timeout: 20_000 })
      expect(await axe(own)).toEqual([])
      await shot(own, 'supply-error')
      gateway.answer({
        '/api/v1/skills': () => ({
          status: 403,
          body: { title: 'You may not do that.', code: 'SP_AUTHZ_SCOPE', detail: '' },
        }),
      })
      await own.reload()
      await own.getByText('You may not do that.').waitFor()
      expect(await own.getByText('No skill is known.').count()).toBe(0)
      await opened.context.close()
    },
    SLOW,
  )

  it(
    'HB-31: who may not decide is told why, and so is who is not connected',
    async () => {
      const version = {
        ...{ hash: 'ab'.repeat(32), state: 'pending_review', capabilities: [], verdict: 'failed', found: 0 },
        ...{ requiresApproval: false, provenance: { source: 'archive', notes: [] }, publishers: [], findings: [] },
        ...{
          files: [],
          history: [{ at: 1, to: 'pending_review', by: 'account:ana', reason: 'It waits.', of: 'scan' }],
        },
      }
      const row = { name: 'notes', ...version, serves: 'nobody', source: '', since: 1 }
      const answers = {
        ...NOBODY,
        '/api/v1/skills': { ...empty, skills: [row] },
        '/api/v1/skills/notes': { name: 'notes', version, serves: 'nobody', versions: [] },
      }
      const viewer = { ...ME, roles: ['viewer'], scopes: ['read'] }
      const opened = await stage.open({}, { ...answers, '/api/v1/me': viewer }, '/supply')
      await opened.page.getByText('Skills are decided on by policy or admin.').waitFor()
      await opened.page.getByText('It was not scanned completely.').waitFor()
      await opened.page.getByText('not known', { exact: true }).waitFor()
      await opened.page.getByText('What its code does is not known.').waitFor()
      expect(await opened.page.getByRole('button', { name: 'Reject' }).isDisabled()).toBe(true)
      expect(await axe(opened.page)).toEqual([])
      await shot(opened.page, 'supply-viewer')
      await opened.context.close()
      const other = await stage.open({}, answers, '/supply')
      await other.page.getByLabel('Reason').fill('Looked at it')
      const reject = other.page.getByRole('button', { name: 'Reject' })
      await expect.poll(() => reject.isDisabled()).toBe(false)
      other.gateway.drop(1012, false)
      await other.page.getByText('Not connected: nothing can be decided now.').waitFor({ timeout: 20_000 })
      expect(await reject.isDisabled()).toBe(true)
      await shot(other.page, 'supply-offline')
      await other.context.close()
    },
    SLOW,
  )
})
