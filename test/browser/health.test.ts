import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { fakeGateway, ME, serveStatics, type Answer, type FakeGateway, type Statics } from './fixtures.ts'
import { axe, fits, newContext, shot, startBrowser, watchFaults, type Look } from './kit.ts'
import { openRealSite, signIn } from './real-site.ts'

const NOW = Date.UTC(2026, 10, 20, 14, 30)
const DAY = 86_400_000

const finding = (severity: string, cost: number, id: string, words: object) => ({
  ...{ id, severity, category: 'isolation', cost, since: NOW - 9 * DAY, ...words },
})
const REPORT = {
  ...{ checkedAt: NOW, nextAt: NOW + 1_800_000, score: 85, cap: 100 },
  findings: [
    finding('medium', 10, 'isolation.servers', {
      title: '2 servers run unconfined',
      why: 'gmail, crm can read and change whatever this account can.',
      next: 'Set sandbox.wrapped, or servers.NAME.sandbox, in the configuration',
      page: '/tools',
    }),
    finding('low', 5, 'log.heads', {
      title: 'Heads of the log are kept beside the log only',
      why: 'Whoever can write both can write another history that fits.',
      next: 'Set audit.checkpoint.export to a file elsewhere',
    }),
    finding('info', 0, 'log.unreviewed', {
      title: 'Log not reviewed for 9 days',
      why: 'From day 14 it counts as low.',
      next: 'sallyport log query --decision denied',
      page: '/log',
    }),
  ],
  fine: [
    ['log', 'Log verified from the first record', '1,842,400'],
    ['routes', 'Every route refuses a stranger', '214 routes'],
    ['metadata', 'Cloud metadata is unreachable', '6 forms'],
    ['claimed', 'People hold this gateway', '3'],
    ['files', 'Own files are private', '16 files'],
    ['attention', 'Questions are read', '61 % approved, median 38.0 s'],
  ].map(([id, title, proof]) => ({ id, title, proof })),
  unknown: [{ id: 'secrets', title: 'Secrets in the vault', why: 'It could not look.' }],
  week: { calls: 96_418, asked: 2025, denied: 412, answerMs: 38_000, addedMs: 0.31 },
}

const wave = (at: number): number => 1 + 0.3 * Math.sin(at * 1.7) + 0.2 * Math.sin(at * 0.6)
const days = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const back = count - 1 - at
    const calls = Math.round(13_774 * wave(at))
    const score = back > 19 ? 55 : back > 18 ? 39 : back > 10 ? 65 : back > 4 ? 75 : 85
    return {
      ...{ day: new Date(NOW - back * DAY).toISOString().slice(0, 10), calls, score, lowest: score },
      ...{ asked: Math.round(calls * 0.021 * wave(at + 3)), denied: Math.round(60 * wave(at + 5)) },
      ...{ answerMs: 38_000 * wave(at + 1), addedMs: 0.31 * wave(at + 2) },
    }
  })
const HISTORY = {
  days: days(30),
  change: 30,
  events: [
    {
      id: 'network.open',
      title: 'open to the network without TLS',
      since: NOW - 19 * DAY,
      until: NOW - 19 * DAY + 41 * 3_600_000,
    },
  ],
}
const ANSWERS = {
  '/api/v1/me': { ...ME, serverTime: new Date(NOW).toISOString() },
  '/api/v1/approvals': { items: [] },
  '/api/v1/health': REPORT,
  '/api/v1/health/history': (({ query }) => ({
    status: 200,
    body: query.get('days') === '7' ? { ...HISTORY, days: days(7), events: [], change: 0 } : HISTORY,
  })) satisfies Answer,
  'POST /api/v1/health/check': REPORT,
}

let browser: Browser
let statics: Statics
beforeAll(async () => {
  ;[browser, statics] = await Promise.all([startBrowser(), serveStatics()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await statics.close()
})

interface Opened {
  readonly page: Page
  readonly gateway: FakeGateway
  readonly faults: readonly string[]
  readonly context: BrowserContext
}

async function open(look: Look, more: Readonly<Record<string, Answer>> = {}): Promise<Opened> {
  const context = await newContext(browser, look)
  const faults = await watchFaults(context)
  const gateway = await fakeGateway(context, { ...ANSWERS, ...more })
  const page = await context.newPage()
  await page.goto(`${statics.url}/health`)
  return { page, gateway, faults, context }
}

async function isSound({ page, faults }: Opened): Promise<void> {
  expect(await axe(page)).toEqual([])
  expect(faults).toEqual([])
  expect(await fits(page)).toBe(true)
}

const LOOKS = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 360, height: 740 }],
] as const

describe('page of health', () => {
  for (const [name, look] of LOOKS) {
    it(`AC-7.4.2 AC-7.4.5: shows the score, what to fix, what works and how it went, ${name}`, async () => {
      const opened = await open(look)
      const { page, context } = opened
      const main = page.getByRole('main')
      await main.getByText('of 100').waitFor()
      await main.getByText('Fix the medium and the low finding to reach 100.').waitFor()
      for (const words of [
        '2 servers run unconfined',
        'Costs 10.',
        'Costs nothing.',
        '214 routes',
        '97.8 %',
        '412',
        '0.31 ms',
      ])
        await main.getByText(words).first().waitFor()
      await main.getByText('Secrets in the vault: could not check.').waitFor()
      await page.locator('canvas').first().waitFor()
      await page.waitForTimeout(400)
      await shot(page, `health-${name}`)
      await isSound(opened)
      const sentence = await page.locator('figcaption').first().textContent()
      expect(sentence).toContain('Score 85')
      expect(sentence).toContain('lowest 39')
      expect(await page.locator('figure table').first().locator('tbody tr').count()).toBe(31)
      await context.close()
    }, 60_000)
  }

  it('AC-7.4.5: 7 days are one link away and have an address', async () => {
    const { page, context } = await open({})
    await page.getByRole('link', { name: '7 days' }).click()
    await page.waitForFunction(`document.querySelector('figure tbody')?.children.length === 8`)
    expect(new URL(page.url()).searchParams.get('days')).toBe('7')
    await context.close()
  })

  it('console §9.3: before the first check there is no score; the key `c` looks, and the score is there', async () => {
    const never = { nextAt: NOW, cap: 100, findings: [], fine: [], unknown: [], week: REPORT.week }
    const opened = await open({}, { '/api/v1/health': never })
    const { page, gateway, context } = opened
    await page.getByText('No check yet.').waitFor()
    await shot(page, 'health-never')
    await isSound(opened)
    expect(await page.getByText('of 100').count()).toBe(0)
    gateway.answer({ '/api/v1/health': REPORT })
    await page.keyboard.press('c')
    await page.getByText('of 100').waitFor()
    await context.close()
  })

  it('AC-7.4.2: a real gateway: a person signs in, has it check itself, and sees its score and what it found', async () => {
    const site = await openRealSite()
    const { context, page, faults } = await signIn(browser, site)
    try {
      await page.goto(`${site.origin}/health`)
      await page.getByRole('button', { name: 'Check now' }).first().click()
      await page.getByRole('heading', { name: 'Heads of the log are kept beside the log only' }).waitFor()
      await page.getByText('Every route refuses a stranger').waitFor()
      await page.getByText('Cloud metadata is unreachable').waitFor()
      const report = (await page.evaluate(`fetch('/api/v1/health').then((answer) => answer.json())`)) as {
        score: number
      }
      await page.locator('span', { hasText: new RegExp(`^${report.score}$`) }).waitFor()
      await page.locator('canvas').first().waitFor()
      await shot(page, 'health-real')
      expect(await axe(page)).toEqual([])
      expect(faults).toEqual([])
    } finally {
      await context.close()
      await site.close()
    }
  }, 60_000)

  it('nothing to fix is said, and a score that is held says by what', async () => {
    const fine = { ...REPORT, score: 100, findings: [], unknown: [] }
    const { page, gateway, context } = await open({}, { '/api/v1/health': fine })
    await page.getByText('Nothing to fix. Everything').waitFor()
    await page.locator('canvas').first().waitFor()
    await shot(page, 'health-fine')
    const critical = finding('critical', 40, 'log.changed', {
      title: 'The log is not what was written',
      why: 'Record 1,204 differs from what was written.',
      next: 'sallyport log verify',
      page: '/log',
    })
    gateway.answer({ '/api/v1/health': { ...REPORT, score: 39, cap: 39, findings: [critical, ...REPORT.findings] } })
    gateway.publish('health', 'score')
    await page.getByText('A critical finding holds it at 39.').waitFor()
    await shot(page, 'health-critical')
    expect(await axe(page)).toEqual([])
    await context.close()
  })

  it('an error says what was not done and leaves the rest; a check that fails says so', async () => {
    const broken = {
      status: 503,
      body: { title: 'The store cannot be used.', code: 'SP_STORE_UNAVAILABLE', detail: '', next: '' },
    }
    const opened = await open({}, { '/api/v1/health/history': () => broken, 'POST /api/v1/health/check': () => broken })
    const { page, context } = opened
    await page.getByText('The history could not be loaded.').waitFor({ timeout: 20_000 })
    await page.getByText('2 servers run unconfined').waitFor()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('The check could not be made.').waitFor()
    await shot(page, 'health-error')
    await isSound(opened)
    await context.close()
  }, 60_000)

  it('who may not look is told so, and it does not look like empty', async () => {
    const refused = {
      status: 403,
      body: { title: 'You may not do that.', code: 'SP_AUTHZ_SCOPE', detail: 'It needs read.', next: '' },
    }
    const { page, context } = await open({}, { '/api/v1/health': () => refused })
    await page.getByText('You may not do that.').waitFor()
    expect(await page.getByText('No check yet.').count()).toBe(0)
    await context.close()
  })

  it('offline: what is shown stays, and the page says that it may be old', async () => {
    const opened = await open({})
    const { page, gateway, context } = opened
    await page.getByText('2 servers run unconfined').waitFor()
    gateway.drop(1012, false)
    await page.getByText('Not connected since').waitFor({ timeout: 20_000 })
    await page.getByText('2 servers run unconfined').waitFor()
    await shot(page, 'health-offline')
    await context.close()
  }, 60_000)
})
