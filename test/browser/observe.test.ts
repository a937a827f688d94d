import { describe, expect, it } from 'vitest'
import { Activity } from '../../packages/gateway/src/control/activity/activity.ts'
import { observeRoutes } from '../../packages/gateway/src/ingress/api/observe-routes.ts'
import { startLog } from '../log/gateway.ts'
import { fakeGateway, ME, QUIET } from './fixtures.ts'
import { axe, fits, newContext, shot } from './kit.ts'
import { exampleHour, longSession } from './log-example.ts'
import { openWithLog } from './real-log.ts'
import { builtConsole, LOOKS } from './stage.ts'

const stage = builtConsole()

/** Whether an element is within what its scrolled box shows. */
const IN_VIEW = (element: unknown): boolean => {
  type Box = { left: number; right: number }
  type Part = { getBoundingClientRect(): Box; closest(selector: string): Part }
  const [own, box] = [element as Part, (element as Part).closest('[data-story=graph]')].map((part) =>
    part.getBoundingClientRect(),
  ) as [Box, Box]
  return own.left >= box.left && own.right <= box.right
}

/** The hour of the example in a real store, behind the real routes, with the activity that its last minutes were. */
async function example() {
  const now = Date.now() - 2_000
  const clock = { at: now }
  const activity = new Activity({ now: () => clock.at, publish: () => undefined })
  const log = await startLog((store) =>
    observeRoutes({
      ...{
        activity,
        log: store,
        waiting: async () => new Set(['s-7f3k']),
        open: async () => new Set(['s-7f3k', 's-claude-code-4']),
      },
    }),
  )
  const records = exampleHour(now)
  for (let i = 0; i < records.length; i += 1000) await log.evidence.append(records.slice(i, i + 1000))
  for (const record of records) {
    clock.at = Date.parse(record.timestamp)
    activity.note(record)
  }
  clock.at = now
  return log
}

describe('what people watch', () => {
  it('activity, sessions and a story have no fault that axe or the content policy knows, light, dark and on a phone', async () => {
    const log = await example()
    for (const [name, look] of LOOKS) {
      const { context, page, gateway, faults } = await openWithLog(stage, log, look)
      const check = async (what: string): Promise<void> => {
        await shot(page, `${what}-${name}`)
        expect(await axe(page), what).toEqual([])
        expect(await fits(page), what).toBe(true)
      }
      await page.goto(`${stage.url}/activity`)
      await page.getByRole('region', { name: 'Calls as they happen' }).getByText('gmail.send_email').first().waitFor()
      const denied = (id: string) => ({
        auditId: id,
        kind: 'decision',
        timestamp: new Date().toISOString(),
        agent: 'docs-writer',
        session: 's-live',
        tool: 'web.fetch',
        decision: 'denied',
        object: 'api.deepl.com',
        reason: 'Host is in no egress rule.',
        rule: 'net.new-host',
        labels: null,
      })
      // until the page is connected
      let n = 0
      const told = page.getByText('Host is in no egress rule.').first()
      while (!(await told.isVisible())) {
        gateway.publish('activity', 'x', denied(`x${n++}`))
        await page.waitForTimeout(300)
      }
      await check('activity')
      await page.goto(`${stage.url}/sessions`)
      await page.getByRole('link', { name: 's-7f3k' }).waitFor()
      await check('sessions')
      await page.goto(`${stage.url}/sessions/s-7f3k`)
      await page.getByText(/After reading/).waitFor()
      await check('story')
      if (name !== 'phone') {
        await page.keyboard.press('ArrowRight')
        await page.keyboard.press('ArrowRight')
        await page.getByRole('heading', { name: 'Used later in' }).waitFor()
        await check('story-selected')
      }
      expect(faults).toEqual([])
      await context.close()
    }
  }, 180_000)

  it('the story is told as a list to those who do not see it, and by keyboard goes from a value to its origin', async () => {
    const log = await example()
    const { context, page } = await openWithLog(stage, log)
    await page.goto(`${stage.url}/sessions/s-7f3k`)
    const list = page.getByRole('list', { name: 'Story' })
    await list
      .getByText(/came from gmail.read_email/)
      .first()
      .waitFor({ state: 'attached' })
    expect(await list.textContent()).toContain(
      'to[0] came from gmail.read_email, #24 from lena@outlook.example, which nobody vouches for.',
    )
    expect(await page.locator('[data-story=graph]').getAttribute('aria-hidden')).toBe('true')
    // six threads at most, an arrow each
    expect(await page.locator('[data-story=graph] path[marker-end]').count()).toBeLessThanOrEqual(6)
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page.getByText('Where its values came from').waitFor()
    await page.keyboard.press('o')
    await page.getByText('Used later in').waitFor()
    await page.keyboard.press('u')
    await page.getByText('Where its values came from').waitFor()
    await page.getByRole('link', { name: 'Review' }).waitFor()
    await page.keyboard.press('l')
    await page.waitForURL(/view=list/)
    await shot(page, 'story-list')
    await page.getByRole('button', { name: /^Show all/ }).click()
    await page.waitForURL(/all=true/)
    await expect.poll(() => list.getByRole('listitem').count()).toBeGreaterThan(8)
    await page.goto(`${stage.url}/sessions/none`)
    await page.getByText('The story of this session could not be told.').waitFor()
    await context.close()
  }, 90_000)

  it('a step says where each value came from and what is known of its result, by keyboard too', async () => {
    const log = await example()
    for (const [name, look] of LOOKS) {
      const { context, page, faults } = await openWithLog(stage, log, look)
      await page.goto(`${stage.url}/sessions/s-7f3k`)
      await page.getByText(/After reading/).waitFor()
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowDown')
      const pane = page.getByRole('complementary', { name: 'Selected step' })
      await pane.getByText('Where its values came from').waitFor()
      expect(await pane.getByRole('region', { name: 'Arguments' }).innerText()).toContain('accounts@rneridian.example')
      // from the argument to the read that it stands in
      await page.keyboard.press('a')
      const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent')
      await expect.poll(focused).toContain('drive.read_file')
      await page.keyboard.press('Tab')
      expect(await focused()).toContain('gmail.read_email')
      await page.keyboard.press('Enter')
      await pane.getByRole('heading', { name: 'gmail.read_email' }).waitFor()
      expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Selected step')
      const returned = pane.getByRole('region', { name: 'What it returned' })
      await returned.getByText('1,214 characters').waitFor()
      expect(await returned.innerText()).toMatch(/1 finding, medium: inj.asks-for-data/)
      expect(await returned.innerText()).toContain('not kept')
      await shot(page, `story-returned-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      expect(faults).toEqual([])
      await context.close()
    }
  }, 90_000)

  it('a long story has a map, which keys move; new steps wait at its end until they are asked for', async () => {
    const log = await example()
    const start = Date.now() - 100_000
    await log.evidence.append(longSession(start, 60))
    for (const [name, look] of LOOKS.filter(([each]) => each !== 'phone')) {
      const { context, page, gateway, faults } = await openWithLog(stage, log, look)
      await page.goto(`${stage.url}/sessions/s-long?all=true`)
      const map = page.getByRole('scrollbar', { name: 'Part of the story that is seen' })
      const seen = (): Promise<string | null> => map.getAttribute('aria-valuetext')
      await expect.poll(seen).toMatch(/^Steps 1 to \d of \d\d$/)
      const all = (await seen())?.split(' of ')[1]
      await shot(page, `story-long-${name}`)
      expect(await axe(page)).toEqual([])
      await map.focus()
      await page.keyboard.press('End')
      await expect.poll(seen).toMatch(new RegExp(` to ${all} of ${all}$`))
      await page.keyboard.press('Home')
      await expect.poll(seen).toMatch(/^Steps 1 to/)
      await map.click({ position: { x: 300, y: 12 } })
      await expect.poll(seen).not.toMatch(/^Steps 1 to/)
      // what is chosen by key comes into view
      await page.keyboard.press('Home')
      await page.evaluate('document.activeElement.blur()')
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
      await page.locator('[data-story=graph] [data-chosen]').waitFor()
      expect(await page.locator('[data-story=graph] [data-chosen]').evaluate(IN_VIEW)).toBe(true)
      if (name === 'light') {
        await map.press('Home')
        await log.evidence.append(longSession(start, 4, 60))
        gateway.publish('approvals', 'x')
        await page.getByRole('button', { name: /^\d new steps →$/ }).click()
        await expect.poll(seen).toMatch(/ to (\d\d) of \1$/)
        await page.getByRole('button', { name: /new steps? →$/ }).waitFor({ state: 'detached' })
      }
      expect(await fits(page)).toBe(true)
      expect(faults).toEqual([])
      await context.close()
    }
  }, 90_000)

  it('paused, nothing moves; what came meanwhile is counted and then shown', async () => {
    const log = await example()
    const { context, page, gateway } = await openWithLog(stage, log)
    await page.goto(`${stage.url}/activity`)
    await page.getByRole('region', { name: 'Calls as they happen' }).getByText('gmail.send_email').first().waitFor()
    await page.keyboard.press('Space')
    const call = (i: number) => ({
      auditId: `y${i}`,
      kind: 'decision',
      timestamp: new Date().toISOString(),
      agent: 'docs-writer',
      session: 's-live',
      tool: `web.tool${i}`,
      decision: 'allowed',
      object: '',
      reason: '',
      rule: '',
      labels: null,
    })
    for (let i = 0; i < 37; i++) gateway.publish('activity', `y${i}`, call(i))
    await page.getByRole('button', { name: 'Go on, 37 new' }).waitFor()
    expect(await page.getByText('web.tool36').count()).toBe(0)
    await page.keyboard.press('Space')
    await page.getByText('web.tool36').waitFor()
    gateway.publish('activity', 'counts', {
      at: Date.now(),
      n: 940,
      told: 50,
      tools: { 'fs.read': 900, 'fs.list': 40 },
    })
    await page
      .getByText('More than 50 calls a second: 940 are not shown one by one, fs.read ×900, fs.list ×40')
      .waitFor()
    await shot(page, 'activity-counts')
    await context.close()
  }, 60_000)

  it('FV-6: by keyboard alone, only calls of one tool group; the address holds it, and nothing found says so', async () => {
    const log = await example()
    const { context, page, gateway } = await openWithLog(stage, log)
    await page.goto(`${stage.url}/activity`)
    const stream = page.getByRole('region', { name: 'Calls as they happen' })
    await stream.getByText('gmail.send_email').first().waitFor()
    const call = (id: string, tool: string, group: string) => ({
      ...{
        auditId: id,
        kind: 'decision',
        timestamp: new Date().toISOString(),
        agent: 'docs-writer',
        session: 's-live',
      },
      ...{ tool, group, decision: 'allowed', object: '', reason: '', rule: '', labels: null },
    })
    let n = 0
    while (!(await stream.getByText('web.fetch_one').first().isVisible())) {
      gateway.publish('activity', `w${n}`, call(`w${n}`, 'web.fetch_one', 'group:web'))
      gateway.publish('activity', `f${n}`, call(`f${n++}`, 'own.draw', 'group:drawing'))
      await page.waitForTimeout(300)
    }
    await page.keyboard.press('f')
    const choice = page.getByRole('combobox', { name: 'Tool group' })
    await choice.and(page.locator(':focus')).waitFor()
    await page.keyboard.type('Web')
    await page.waitForURL(/[?&]group=group%3Aweb/)
    await stream.getByText('own.draw').first().waitFor({ state: 'detached' })
    expect(await stream.getByText('web.fetch_one').count()).toBeGreaterThan(0)
    expect(await stream.getByText('gmail.send_email').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await shot(page, 'activity-group')
    await page.goto(`${stage.url}/activity?group=group%3Anodes`)
    await page.getByText(/None of the last calls is like that/).waitFor()
    expect(await choice.inputValue()).toBe('group:nodes')
    await page.getByRole('button', { name: 'Clear filter' }).click()
    await stream.getByText('gmail.send_email').first().waitFor()
    await context.close()
  }, 60_000)

  it('T-173 HB-145: the story ends its own session and no agent; a viewer is not offered it', async () => {
    const log = await example()
    const { context, page, gateway } = await openWithLog(stage, log)
    const sent: unknown[] = []
    await context.route('**/api/v1/sessions/s-7f3k/end', (route) => {
      sent.push(route.request().postDataJSON())
      return route.fulfill({ json: { id: 's-7f3k', state: 'ended', aborted: 1 } })
    })
    await page.goto(`${stage.url}/sessions/s-7f3k`)
    await page.getByRole('button', { name: 'End session…' }).click()
    const dialog = page.getByRole('dialog', { name: 'End this session' })
    await dialog.getByText('Other sessions of support-triage go on').waitFor()
    await dialog.getByText('sallyport session end s-7f3k').waitFor()
    expect(await axe(page)).toEqual([])
    expect(await fits(page)).toBe(true)
    await shot(page, 'session-end')
    await dialog.getByLabel('Reason, optional').fill('It read too much')
    await dialog.getByRole('button', { name: 'End session' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(sent).toEqual([{ reason: 'It read too much' }])
    gateway.answer({ '/api/v1/me': { ...ME, roles: ['viewer'], scopes: ['read'] } })
    await page.reload()
    await page.getByRole('link', { name: /^Records/ }).waitFor()
    expect(await page.getByRole('button', { name: 'End session…' }).count()).toBe(0)
    await context.close()
  }, 60_000)

  it('FV-6: nothing yet, and not possible, each in words', async () => {
    const context = await newContext(stage.browser)
    const empty = { callsPerMinute: 0, asked: 0, denied: 0, agents: 0, points: [], work: [] }
    const gateway = await fakeGateway(context, {
      ...QUIET,
      '/api/v1/activity': empty,
      '/api/v1/log': { items: [], next: null, searchedTo: null, unindexed: 0, tookMs: 1 },
      '/api/v1/sessions/history': { items: [], next: null },
    })
    const page = await context.newPage()
    await page.goto(`${stage.url}/activity`)
    await page.getByText('No agent has called yet.').waitFor()
    await shot(page, 'activity-empty')
    expect(await axe(page)).toEqual([])
    await page.goto(`${stage.url}/sessions`)
    await page.getByText('No agent has called yet.').waitFor()
    const broken = () => ({
      status: 503,
      body: { title: 'The store cannot be used.', code: 'SP_STORE_UNAVAILABLE', detail: 'Disk.', next: 'Check it.' },
    })
    gateway.answer({ '/api/v1/sessions/history': broken, '/api/v1/activity': broken })
    await page.goto(`${stage.url}/sessions`)
    await page.getByText('The sessions could not be loaded.').waitFor()
    await shot(page, 'sessions-error')
    expect(await axe(page)).toEqual([])
    await page.goto(`${stage.url}/activity`)
    await page.getByText('could not be loaded').first().waitFor()
    await context.close()
  }, 60_000)
})
