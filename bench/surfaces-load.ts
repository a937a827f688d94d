import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext } from 'playwright-core'
import { newContext, startBrowser } from '../test/browser/kit.ts'
import { atMost, option, pause, percentile, told, type Figure } from './surfaces-figure.ts'
import { signedInBrowser } from './surfaces-people.ts'
import { openStage, type Stage } from './surfaces-stage.ts'

const RUNS = 5
const WAITING = 5
const SLOWER = 4
const [FIRST_LOAD_KB, LCP_MS, BLOCKING_MS, CLS] = [200, 1_500, 200, 0.05]
const BUILT = fileURLToPath(new URL('../packages/gateway/console/', import.meta.url))

const OBSERVE = `window.bench = { lcp: 0, fcp: 0, tasks: [], cls: 0 }
const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true })
watch('largest-contentful-paint', ({ startTime }) => (bench.lcp = startTime))
watch('paint', ({ name, startTime }) => name === 'first-contentful-paint' && (bench.fcp = startTime))
watch('longtask', ({ startTime, duration }) => bench.tasks.push([startTime, duration]))
watch('layout-shift', ({ value, hadRecentInput }) => hadRecentInput || (bench.cls += value))`

interface Seen {
  readonly lcp: number
  readonly fcp: number
  readonly tasks: readonly (readonly [start: number, duration: number])[]
  readonly cls: number
}

/** Weight of the first load of the console as it is built, and what a slow machine makes of the approvals page. */
export async function load(args: readonly string[]): Promise<readonly Figure[]> {
  const runs = option(args, 'runs', RUNS)
  const [stage, browser] = await Promise.all([openStage(), startBrowser()])
  try {
    const { context } = await signedInBrowser(stage, browser, 'ana')
    const credential = await stage.tell<string>('agent', 'bench')
    for (let n = 0; n < WAITING; n++) {
      const { text } = await stage.call(credential, 'desk.send', { to: `p${n}@desk.example`, body: `Part ${n}` }, 1)
      if (!text.includes('approvalId')) throw new Error(`asking answered ${text}`)
    }
    const seen: Seen[] = []
    let files: readonly string[] = []
    for (let n = 0; n < runs; n++) {
      process.stderr.write(`load ${n + 1} of ${runs}\n`)
      const visit = await visited(stage, browser, context)
      seen.push(visit.seen)
      files = visit.files
    }
    const median = (of: (seen: Seen) => number): number => percentile(seen.map(of), 0.5)
    const first = files.filter((file) => isFirst(file))
    return [
      atMost('first load, gzip', 'kB', kilobytes(first), FIRST_LOAD_KB, 1),
      told('the same with the page and what comes later, gzip', 'kB', kilobytes(files), 1),
      atMost(
        `LCP, CPU ${SLOWER} times slower, median`,
        'ms',
        median(({ lcp }) => lcp),
        LCP_MS,
        runs,
      ),
      told(
        'FCP, likewise',
        'ms',
        median(({ fcp }) => fcp),
        runs,
      ),
      atMost('total blocking time, likewise', 'ms', median(blocking), BLOCKING_MS, runs),
      atMost(
        'CLS, likewise',
        '',
        median(({ cls }) => cls),
        CLS,
        runs,
      ),
    ]
  } finally {
    await browser.close()
    await stage.close()
  }
}

/** What tasks after the first paint take beyond 50 ms each. */
const blocking = ({ tasks, fcp }: Seen): number =>
  tasks.reduce((sum, [start, duration]) => sum + (start + duration < fcp ? 0 : Math.max(0, duration - 50)), 0)

/** One visit with nothing in the cache. */
async function visited(stage: Stage, browser: Browser, signedIn: BrowserContext) {
  const context = await newContext(browser)
  try {
    await context.addCookies(await signedIn.cookies())
    const page = await context.newPage()
    const files = new Set(['index.html'])
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (pathname.startsWith('/assets/')) files.add(pathname.slice(1))
    })
    const cdp = await context.newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    await page.addInitScript({ content: OBSERVE })
    await page.goto(`${stage.origin}/approvals`)
    const rows = page.locator('section[aria-label="Requests"] li')
    await rows.nth(WAITING - 1).waitFor()
    await page.getByRole('article').waitFor()
    await pause(3_000)
    const seen = (await page.evaluate('bench')) as Seen
    if (seen.lcp === 0) throw new Error('nothing was painted')
    return { seen, files: [...files] }
  } finally {
    await context.close()
  }
}

/** The page itself, what it names, and fonts: all that the first paint waits for. */
const isFirst = (file: string): boolean =>
  file === 'index.html' || file.endsWith('.woff2') || readFileSync(`${BUILT}index.html`, 'utf8').includes(file)

const kilobytes = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(BUILT + file), { level: 9 }).length, 0) / 1000
