import type { Page } from 'playwright-core'
import { startBrowser } from '../test/browser/kit.ts'
import { atMost, option, pause, percentile, told, type Figure } from './surfaces-figure.ts'
import { addPerson, signedInBrowser } from './surfaces-people.ts'
import { openStage, REFUSED, waitingFor, type Answer, type Stage } from './surfaces-stage.ts'

const RUNS = 50
const [SHOWN_MS, GOES_ON_MS, ALERT_MS] = [300, 300, 100]

/** Resolves with the time of the first frame that is painted with a row of the list that was not there before. */
const NEW_ROW = `(() => {
  const rows = () => [...document.querySelectorAll('section[aria-label="Requests"] li a')]
  const known = new Set(rows().map(({ href }) => href))
  window.benchRow = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const row = rows().find(({ href }) => !known.has(href))
      if (row === undefined || row.getClientRects().length === 0) return
      observer.disconnect()
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())))
    })
    observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true })
  })
})()`

/**
 * From an agent's call that needs a human to its row on the approver's screen, in real Chromium; from the decision, by passkey, to
 * the call's answer; from a denial by policy to its alert. One call after the other.
 */
export async function approvals(args: readonly string[]): Promise<readonly Figure[]> {
  const runs = option(args, 'runs', RUNS)
  const [stage, browser] = await Promise.all([openStage(ROOMY), startBrowser()])
  try {
    const credential = await stage.tell<string>('agent', 'bench')
    const { page } = await signedInBrowser(stage, browser, 'ana')
    const ana = await (await addPerson(stage, 'ana', false)).signIn()
    const live = page.waitForEvent('websocket')
    await page.goto(`${stage.origin}/approvals`)
    await page.getByText('Nothing waits.').waitFor()
    await live
    await pause(1_000)
    const [shown, sent, answered, free]: [number[], number[], number[], number[]] = [[], [], [], []]
    for (let n = 0; n < runs; n++) {
      if (n % 10 === 0) process.stderr.write(`approval ${n + 1} of ${runs}\n`)
      const to = `person-${n}@desk.example`
      await page.evaluate(NEW_ROW)
      const started = Date.now()
      const call = stage.call(credential, 'desk.send', { to, body: 'The list you asked for.' }).then(whenDone)
      shown.push((await rowOf(page, call)) - started)
      const decided = await ana.approve(await waitingFor(stage))
      const { at, status, text } = await call
      if (status !== 200) throw new Error(`the call answered ${status} ${text}`)
      sent.push(at - decided.sent)
      answered.push(Math.max(0, at - decided.answered))
      const unasked = Date.now()
      await stage.call(credential, 'desk.note', { text: `note ${n}` })
      free.push(Date.now() - unasked)
      await pause(300)
    }
    const last = ana.ask('GET', '/api/v1/approvals?state=pending')
    if (!(await last).text.includes('"items":[]')) throw new Error('an approval still waits')
    return [
      atMost('call to row on screen, p95', 'ms', percentile(shown, 0.95), SHOWN_MS, runs),
      told('call to row on screen, p50', 'ms', percentile(shown, 0.5), runs),
      atMost('decision sent to answer of the call, p95', 'ms', percentile(sent, 0.95), GOES_ON_MS, runs),
      told('decision sent to answer of the call, p50', 'ms', percentile(sent, 0.5), runs),
      told('decision answered to answer of the call, p95', 'ms', percentile(answered, 0.95), runs),
      told('peer: a whole call that nobody is asked about, p50', 'ms', percentile(free, 0.5), runs),
      ...(await alerts(stage, credential, Math.min(runs, REFUSED))),
    ]
  } finally {
    await browser.close()
    await stage.close()
  }
}

const ROOMY = 'gateway: { rateLimit: { defaults: { requestsPerMinute: 6000, burstSize: 1000 } } }'

const whenDone = (answer: Answer): Answer & { readonly at: number } => ({ ...answer, at: Date.now() })

/** When the row was there; an answer before that is a fault. */
function rowOf(page: Page, call: Promise<Answer>): Promise<number> {
  const early = call.then(({ status, text }) => Promise.reject(new Error(`answered ${status} ${text}`)))
  return Promise.race([page.evaluate('window.benchRow') as Promise<number>, early])
}

interface Alerts {
  readonly items: readonly { readonly name: string; readonly count: number }[]
}

/** Each denial is of another tool: the first twenty have an alert of their own, the others are counted in one (T-157). */
async function alerts(stage: Stage, credential: string, runs: number): Promise<readonly Figure[]> {
  const round: number[] = []
  let late = 0
  for (let n = 0; n < runs; n++) {
    const started = Date.now()
    const { status, text } = await stage.call(credential, `desk.refuse_${n}`, { text: `n ${n}` })
    const refused = Date.now()
    if (status !== 403) throw new Error(`the call answered ${status} ${text}`)
    round.push(refused - started)
    const { items } = JSON.parse((await stage.operator({ path: '/api/v1/alerts?limit=1000' })).text) as Alerts
    const counted = items.reduce((sum, { name, count }) => sum + (name === 'call.denied' ? count : 0), 0)
    if (counted !== n + 1) late++
  }
  return [
    // an alert that is there when the denial is answered took no longer than the answer
    atMost('denials whose alert was not there with the answer', 'alerts', late, 0, runs),
    atMost('call to denial with its alert written, p99', 'ms', percentile(round, 0.99), ALERT_MS, runs),
  ]
}
