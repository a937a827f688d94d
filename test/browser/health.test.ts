import { describe, expect, it } from 'vitest'
import { type Answer } from './fixtures.ts'
import { HEALTH, NOW, REPORT, finding } from './health-example.ts'
import { axe, fits, shot, type Look } from './kit.ts'
import { openRealSite, signIn } from './real-site.ts'
import { builtConsole, LOOKS, type Opened } from './stage.ts'

const stage = builtConsole()

const open = (look: Look, more: Readonly<Record<string, Answer>> = {}): Promise<Opened> =>
  stage.open(look, { ...HEALTH, ...more }, '/health')

async function isSound({ page, faults }: Opened): Promise<void> {
  expect(await axe(page)).toEqual([])
  expect(faults).toEqual([])
  expect(await fits(page)).toBe(true)
}

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
    const { context, page, faults } = await signIn(stage.browser, site)
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
