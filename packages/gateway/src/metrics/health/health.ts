import { HEALTH_COST, healthScore, quantile, type LogRecord, type Severity } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { Answer } from '../answers.ts'
import type { Metrics } from '../registry.ts'
import type { CheckResult, Fine, HealthCheck, HealthFinding } from './check.ts'
import { addDays, Days, type Day } from './days.ts'
import { SeenFindings, type Seen } from './seen.ts'

interface HealthReport {
  /** ms since 1970; absent: no check yet. */
  readonly checkedAt?: number
  readonly nextAt: number
  /** Absent: no check yet, and no score is made up. */
  readonly score?: number
  readonly cap: number
  /** Worst first. */
  readonly findings: readonly (HealthFinding & { readonly cost: number; readonly since: number })[]
  readonly fine: readonly (Fine & { readonly id: string })[]
  /** What could not be looked at: unknown, never fine. */
  readonly unknown: readonly { readonly id: string; readonly title: string; readonly why: string }[]
  /** What the last 7 days came to. */
  readonly week: Figures
}

interface Figures {
  readonly calls: number
  readonly asked: number
  readonly denied: number
  /** Median, ms; absent where nobody answered. */
  readonly answerMs?: number
  /** Median of what the gateway added to a call, ms. */
  readonly addedMs?: number
}

interface HealthHistory {
  readonly days: readonly (Figures & { readonly day: string; readonly score?: number; readonly lowest?: number })[]
  /** Grave findings of that time, newest last. */
  readonly events: readonly Seen[]
  /** Score now less the first score of that time; absent where there is only one. */
  readonly change?: number
}

export interface HealthDeps {
  readonly checks: readonly HealthCheck[]
  readonly store: Store
  readonly clock: Clock
  readonly metrics: Metrics
  /** ms between two checks. */
  readonly every: number
  readonly alertBelow: number
  readonly alert: (name: string, severity: Severity, message: string) => void
}

export interface Health {
  readonly checks: readonly HealthCheck[]
  /** Takes in every record; waits for nothing. */
  note(record: LogRecord, answer: Answer | undefined): void
  /** Looks now, or joins who is looking. */
  check(): Promise<HealthReport>
  report(): Promise<HealthReport>
  history(days: 7 | 30): Promise<HealthHistory>
  /** Days up to today, as the checks about people look at them. */
  last(days: number): Promise<Day>
  /** Looks soon, and then again and again. */
  start(): void
  close(): Promise<void>
}

/** Name of the alert about a score that fell. */
export const HEALTH_ALERT = 'health.below'
const FIRST = 2_000
const FLUSH = 60_000
/** Longest a check may take, ms. */
const LIMIT = 30_000
const RANK: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** The security score of this gateway: what it can find out about itself, how that went on, and what to do (SEC-7.4). */
export async function openHealth(deps: HealthDeps): Promise<Health> {
  const { checks, store, clock, metrics, every, alertBelow, alert } = deps
  const days = await Days.open(store, clock)
  const seen = await SeenFindings.open(store)
  const before = (await days.last(30)).findLast(({ score }) => score !== undefined)?.score
  let isBelow = before !== undefined && before < alertBelow
  let looked: Omit<HealthReport, 'week' | 'nextAt'> | undefined
  let running: Promise<HealthReport> | undefined
  let nextAt = clock.now() + FIRST
  const timers: NodeJS.Timeout[] = []

  const report = async (): Promise<HealthReport> => {
    const week = figuresOf(addDays('', await days.last(7)))
    return { ...(looked ?? { cap: 100, findings: [], fine: [], unknown: [] }), nextAt, week }
  }

  const look = async (): Promise<HealthReport> => {
    const results = await Promise.all(checks.map(async (check) => ({ check, result: await resultOf(check) })))
    const now = clock.now()
    const found = results.flatMap(({ check, result }) =>
      result.state === 'found'
        ? result.found.map((one) => ({ ...one, title: sentence(one.title), category: check.area }))
        : [],
    )
    const findings = found.sort((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity))
    const unknown = results.flatMap(({ check: { id, title }, result }) =>
      result.state === 'unknown' ? [{ id, title, why: result.why }] : [],
    )
    const fine = results.flatMap(({ check: { id }, result }) =>
      'fine' in result && result.fine !== undefined ? [{ id, ...result.fine }] : [],
    )
    const blind = new Set(results.flatMap(({ check, result }) => (result.state === 'unknown' ? [check.area] : [])))
    const news = await seen.update(findings, blind, now)
    const { score, cap } = healthScore(findings.map(({ severity }) => severity))
    const dated = findings.map((one) => ({
      ...one,
      cost: HEALTH_COST[one.severity],
      since: seen.since(one.id) ?? now,
    }))
    looked = { checkedAt: now, score, cap, findings: dated, fine, unknown }
    measure(metrics, score, findings, news)
    days.scored(score)
    await days.flush()
    warn(score, findings)
    return report()
  }

  const warn = (score: number, findings: readonly HealthFinding[]): void => {
    if (score < alertBelow && !isBelow)
      alert(HEALTH_ALERT, 'high', `The security score fell to ${score}. ${findings[0]?.title ?? ''}`.trim())
    isBelow = score < alertBelow
  }

  const check = (): Promise<HealthReport> => {
    running ??= look().finally(() => (running = undefined))
    return running
  }
  const again = (wait: number): void => {
    nextAt = clock.now() + wait
    const timer = setTimeout(() => {
      again(every)
      void check().catch(() => metrics.add('trouble', { part: 'health' }))
    }, wait)
    timer.unref()
    timers[0] = timer
  }

  return {
    checks,
    note: (record, answer) => days.note(record, answer),
    check,
    report,
    async history(count) {
      const all = await days.last(count)
      const from = clock.now() - count * 86_400_000
      const scores = all.flatMap(({ score }) => (score === undefined ? [] : [score]))
      const change = scores.length < 2 ? {} : { change: (scores.at(-1) ?? 0) - (scores[0] ?? 0) }
      return {
        days: all.map((day) => ({ day: day.day, ...figuresOf(day), ...scoresOf(day) })),
        events: seen.all.filter(
          ({ severity, since, until }) => isGrave(severity) && Math.max(since, until ?? since) >= from,
        ),
        ...change,
      }
    },
    last: async (count) => addDays('', await days.last(count)),
    start() {
      again(FIRST)
      const timer = setInterval(() => void days.flush().catch(() => metrics.add('trouble', { part: 'days' })), FLUSH)
      timer.unref()
      timers[1] = timer
    },
    async close() {
      timers.forEach((timer) => clearTimeout(timer))
      await running?.catch(() => undefined)
      await days.flush().catch(() => undefined)
    },
  }
}

/** With a capital letter: findings begin with how many of something there are. */
const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const isGrave = (severity: Severity): boolean => severity === 'critical' || severity === 'high'

async function resultOf(check: HealthCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'unknown', why: 'It took too long.' }), LIMIT)
  })
  try {
    return await Promise.race([check.run(), late])
  } catch {
    return { state: 'unknown', why: 'It could not look.' }
  } finally {
    clearTimeout(timer)
  }
}

function measure(
  metrics: Metrics,
  score: number,
  findings: readonly HealthFinding[],
  news: readonly HealthFinding[],
): void {
  metrics.set('score', {}, score)
  metrics.reset('findings')
  const kinds = new Map(findings.map(({ severity, category }) => [`${severity} ${category}`, { severity, category }]))
  for (const { severity, category } of kinds.values()) {
    const same = findings.filter((one) => one.severity === severity && one.category === category)
    metrics.set('findings', { severity, category }, same.length)
  }
  for (const { severity, category } of news) metrics.add('newFindings', { severity, category })
}

function figuresOf({ calls, asked, denied, answers, added }: Day): Figures {
  const [answerMs, addedMs] = [quantile(answers, 0.5), quantile(added, 0.5)]
  return {
    ...{ calls, asked, denied },
    ...(answerMs === undefined ? {} : { answerMs }),
    ...(addedMs === undefined ? {} : { addedMs }),
  }
}

const scoresOf = ({ score, lowest }: Day): { readonly score?: number; readonly lowest?: number } => ({
  ...(score === undefined ? {} : { score }),
  ...(lowest === undefined ? {} : { lowest }),
})
