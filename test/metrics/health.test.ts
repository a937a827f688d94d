import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withValue, type JsonObject, type LogRecord, type Spread } from '@sallyport/core'
import { openHealth, type HealthDeps } from '../../packages/gateway/src/metrics/health/health.ts'
import { fine, found, type CheckResult, type HealthCheck } from '../../packages/gateway/src/metrics/health/check.ts'
import { dayOf } from '../../packages/gateway/src/metrics/health/days.ts'
import { Metrics } from '../../packages/gateway/src/metrics/registry.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { openTestStore, temporaryDirectory, TestClock } from '../api/kit.ts'
import { claim, openStage, readFigures, type Stage } from './stage.ts'

const DAY = 86_400_000

interface Report {
  readonly score?: number
  readonly cap: number
  readonly checkedAt?: number
  readonly findings: readonly { id: string; severity: string; cost: number; since: number; why: string }[]
  readonly fine: readonly { id: string; proof: string }[]
  readonly unknown: readonly { id: string }[]
  readonly week: { calls: number; asked: number; denied: number; answerMs?: number; addedMs?: number }
}

describe('the health of a gateway', () => {
  let stage: Stage
  beforeAll(async () => {
    // the audit of the posture has findings of its own about a policy that allows everything
    const security = { monitoring: { enabled: false } }
    stage = await openStage({ console: { port: 0 }, health: { every: '1d' }, security })
  }, 60_000)
  afterAll(() => stage.close())

  const check = async (): Promise<Report> => {
    const { status, body, text } = await stage.ask({ method: 'POST', path: '/api/v1/health/check', body: {} })
    expect(status, text).toBe(200)
    return body as Report
  }
  const ids = ({ findings }: Report): readonly string[] => findings.map(({ id }) => id)

  test('ND-2.1.a: `/health` stays bare, on every socket', async () => {
    for (const bearer of [undefined, 'x']) {
      const { status, text } = await stage.ask({ path: '/health', ...(bearer === undefined ? {} : { bearer }) })
      expect(status).toBe(200)
      expect(text).not.toMatch(/score|finding|version|agent/i)
    }
  })

  test('E-73 AC-7.4.2: the score comes from what was found, with its cap and what each finding costs', async () => {
    const report = await check()
    expect(ids(report)).toContain('identity.unclaimed')
    expect(report.cap).toBe(69)
    const costs = report.findings.reduce((sum, { cost }) => sum + cost, 0)
    expect(report.score).toBe(Math.max(0, Math.min(69, 100 - costs)))
    expect(report.fine.map(({ id }) => id)).toEqual(expect.arrayContaining(['routes', 'metadata', 'log', 'files']))
    const figures = readFigures((await stage.ask({ path: '/metrics/security' })).text)
    expect(figures.of('sallyport_security_health_score')).toBe(report.score)
    expect(figures.of('sallyport_security_audit_findings{severity="high",category="identity"}')).toBe(1)
    expect(figures.of('sallyport_security_audit_findings_total{severity="high",category="identity"}')).toBe(1)
  })

  test('AC-2.1.5: the probe asked every route as a stranger, and none let it in', async () => {
    const { proof } = (await check()).fine.find(({ id }) => id === 'routes') ?? { proof: '' }
    expect(Number.parseInt(proof, 10)).toBeGreaterThan(60)
  })

  test('what was mended is gone, and the score is better by what it cost', async () => {
    const before = await check()
    await claim(stage.gateway)
    const after = await check()
    expect(ids(before)).toContain('identity.unclaimed')
    expect(ids(after)).not.toContain('identity.unclaimed')
    expect(after.score).toBe(Math.min(69, (before.score ?? 0) + 25))
  })

  test('T-057: a key that others can read is found, and what is seen again keeps its date', async () => {
    const key = join(stage.state, 'keys', 'mac.key')
    chmodSync(key, 0o644)
    const first = await check()
    const again = await check()
    chmodSync(key, 0o600)
    const of = (report: Report) => report.findings.find(({ id }) => id === `config.files.${key}`)
    expect(of(first)).toMatchObject({ severity: 'high', cost: 25 })
    expect(of(again)?.since).toBe(of(first)?.since)
    expect(ids(await check())).not.toContain(`config.files.${key}`)
  })

  test('T-012: an agent that acts unconfined is a high finding: at L0 the gateway only advises', async () => {
    await stage.call('counter.count', { id: 'acts' })
    const finding = (await check()).findings.find(({ id }) => id === 'isolation.advisory')
    expect(finding).toMatchObject({ severity: 'high' })
    expect(finding?.why).toContain('tester')
  })

  test('T-162: a record that somebody edited in the database holds the score at 39', async () => {
    const database = new Database(join(stage.state, 'state.db'))
    const outcomes = database.prepare(`SELECT count(*) FROM audit_event WHERE kind = 'outcome'`).pluck()
    const before = outcomes.get() as number
    await stage.call('counter.count', { id: 'to be edited' })
    // the outcome is written after the answer
    await expect.poll(() => outcomes.get() as number, { timeout: 10_000 }).toBeGreaterThan(before)
    const { changes } = database
      .prepare(`UPDATE audit_event SET body = replace(body, 'tester', 'nobody') WHERE kind = 'outcome'`)
      .run()
    database.close()
    expect(changes).toBeGreaterThan(before)
    const report = await check()
    expect(ids(report)[0]).toBe('log.changed')
    expect(report.score).toBeLessThanOrEqual(39)
    expect(report.cap).toBe(39)
  })

  test('several who ask at once get one check', async () => {
    const all = await Promise.all([check(), check(), check()])
    expect(new Set(all.map(({ checkedAt }) => checkedAt)).size).toBe(1)
  })

  test('AC-7.4.5: calls, questions and denials of today stand in both views', async () => {
    await stage.call('counter.none', {})
    for (const days of [7, 30]) {
      const { body } = await stage.ask({ path: `/api/v1/health/history?days=${days}` })
      const { days: all } = body as { days: readonly { day: string; calls: number; denied: number; score?: number }[] }
      expect(all).toHaveLength(days)
      expect(all.at(-1)?.day).toBe(dayOf(Date.now()))
      expect(all.at(-1)?.calls).toBeGreaterThanOrEqual(2)
      expect(all.at(-1)?.denied).toBeGreaterThanOrEqual(1)
      expect(all[0]?.score).toBeUndefined()
    }
    expect((await stage.ask({ path: '/api/v1/health/history?days=8' })).status).toBe(422)
  })
})

describe('health over time', () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>
  let store: Store
  let clock: TestClock
  let alerts: string[]
  let result: CheckResult
  beforeAll(async () => {
    folder = await temporaryDirectory()
  })
  afterAll(() => folder.remove())

  const open = async (name: string, more: Partial<HealthDeps> = {}) => {
    clock = new TestClock()
    alerts = []
    result = fine('all good')
    mkdirSync(join(folder.path, name))
    store = await openTestStore(join(folder.path, name), clock)
    return reopen(more)
  }
  const reopen = (more: Partial<HealthDeps> = {}) => {
    const checks: readonly HealthCheck[] = [{ id: 'x', area: 'log', title: 'x', run: () => result }]
    const metrics = new Metrics((value) => value)
    const alert = (name: string): void => void alerts.push(name)
    return openHealth({ checks, store, clock, metrics, every: DAY, alertBelow: 70, alert, ...more })
  }
  const bad = (severity: 'critical' | 'high' | 'medium', id = severity): CheckResult =>
    found({ id, severity, title: 'bad', why: 'because', next: 'do something' })

  test('console §9.3: before the first check there is no score, and none is made up', async () => {
    const health = await open('never')
    const report = await health.report()
    expect(report.score).toBeUndefined()
    expect(report.checkedAt).toBeUndefined()
    await store.close()
  })

  test('a check that throws is unknown, never fine, and what it found before is not called mended', async () => {
    const health = await open('unknown')
    result = bad('high')
    await health.check()
    const failing: HealthCheck = {
      ...{ id: 'x', area: 'log', title: 'x' },
      run: () => Promise.reject(new Error('no')),
    }
    const blind = await reopen({ checks: [failing] })
    const report = await blind.check()
    expect(report.unknown).toEqual([{ id: 'x', title: 'x', why: 'It could not look.' }])
    expect(report.fine).toEqual([])
    expect((await blind.history(7)).events).toMatchObject([{ id: 'high' }])
    expect((await blind.history(7)).events[0]?.until).toBeUndefined()
    await store.close()
  })

  test('AC-7.4.3: a score that falls below the threshold raises one alert, over checks and restarts', async () => {
    let health = await open('threshold')
    await health.check()
    expect(alerts).toEqual([])
    result = bad('high')
    await health.check()
    await health.check()
    expect(alerts).toEqual(['health.below'])
    health = await reopen()
    await health.check()
    expect(alerts).toEqual(['health.below'])
    result = fine('mended')
    await health.check()
    result = bad('critical')
    await health.check()
    expect(alerts).toEqual(['health.below', 'health.below'])
    await store.close()
  })

  test('AC-7.4.3: the threshold is configurable', async () => {
    const health = await open('configured', { alertBelow: 95 })
    result = bad('medium')
    await health.check()
    expect(alerts).toEqual(['health.below'])
    await store.close()
  })

  test('E-73: a finding is counted as new once, over a restart, and again when it comes back', async () => {
    const health = await open('news')
    result = bad('high')
    await health.check()
    const metrics = new Metrics((value) => value)
    const again = await reopen({ metrics })
    await again.check()
    const news = async () =>
      readFigures(await metrics.text('all')).of(
        'sallyport_security_audit_findings_total{severity="high",category="log"}',
      )
    expect(await news()).toBe(0)
    result = fine('mended')
    await again.check()
    result = bad('high')
    await again.check()
    expect(await news()).toBe(1)
    await store.close()
  })

  test('AC-7.4.5: a store of 30 days gives both views, with what was grave and when it was mended', async () => {
    const health = await open('seeded')
    const today = clock.now()
    const scoreOf = (back: number): number => (back >= 20 ? 55 : back >= 18 ? 39 : 85)
    const spread = [30_000, 38_000, 90_000].reduce<Spread>(withValue, {})
    for (let back = 29; back >= 1; back -= 1) {
      const day = dayOf(today - back * DAY)
      for (const stream of ['a', 'b']) {
        const body = {
          ...{ day, calls: 100, asked: 2, denied: 1, approvedByPeople: 2, deniedByPeople: 1 },
          ...{ answers: spread, added: { '60': 5 }, score: scoreOf(back), lowest: scoreOf(back) },
        } as unknown as JsonObject
        const row = { kind: 'health', id: `day:${day}:${stream}`, state: '', expiresAt: 0, body } as const
        expect(await store.put(row, 0)).toBe(true)
      }
    }
    result = bad('critical', 'critical')
    clock.wall = today - 19 * DAY
    await health.check()
    clock.wall = today - 17 * DAY
    result = bad('medium')
    await health.check()
    clock.wall = today
    await health.check()
    const month = await health.history(30)
    expect(month.days).toHaveLength(30)
    expect(month.days[0]).toMatchObject({ calls: 200, asked: 4, denied: 2, score: 55 })
    expect(month.change).toBe(90 - 55)
    expect(Math.min(...month.days.map(({ lowest }) => lowest ?? 100))).toBe(39)
    expect(month.events).toMatchObject([{ id: 'critical', since: today - 19 * DAY, until: today - 17 * DAY }])
    const week = await health.history(7)
    expect(week.days).toHaveLength(7)
    expect(week.days[0]?.day).toBe(dayOf(today - 6 * DAY))
    expect(week.events).toEqual([])
    expect(week.change).toBe(90 - 85)
    expect((await health.report()).week).toMatchObject({ calls: 1200, asked: 24, denied: 12 })
    expect((await health.report()).week.answerMs).toBeGreaterThan(36_000)
    expect((await health.report()).week.answerMs).toBeLessThan(40_000)
    await store.close()
  })

  test('figures of today survive a restart, and a new day begins with none', async () => {
    let health = await open('days')
    const call = { kind: 'decision', policyDecision: 'denied', timestamp: '' } as unknown as LogRecord
    for (let i = 0; i < 3; i += 1) health.note(call, { resolution: 'approve', ms: 1000 })
    await health.close()
    health = await reopen()
    health.note(call, undefined)
    expect(await health.last(1)).toMatchObject({ calls: 4, denied: 4, approvedByPeople: 3 })
    await health.close()
    health = await reopen()
    expect(await health.last(1)).toMatchObject({ calls: 4 })
    clock.pass(DAY / 1000)
    health.note(call, undefined)
    expect(await health.last(1)).toMatchObject({ calls: 1, approvedByPeople: 0 })
    expect(await health.last(2)).toMatchObject({ calls: 5 })
    await health.close()
    await store.close()
  })
})
