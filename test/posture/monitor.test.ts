import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unseen, type Facts } from '../../packages/gateway/src/assurance/posture/facts.ts'
import { createPostureMonitor, type PostureMonitorDeps } from '../../packages/gateway/src/assurance/posture/monitor.ts'
import { openStage, readFigures, type Stage } from '../metrics/stage.ts'
import { facts, skill, yaml } from './fixtures.ts'

/** A monitor of a machine that the test changes, and what it told. */
function watched(changes: Partial<PostureMonitorDeps> = {}) {
  const told: string[] = []
  const kept: { known?: readonly string[]; machine: Facts; failures: number } = { machine: facts(), failures: 0 }
  const deps: PostureMonitorDeps = {
    ...{ gather: async () => kept.machine, every: 60_000, threshold: 'medium' },
    alert: ({ id }) => told.push(id),
    memory: {
      read: async () => kept.known,
      write: async (known) => {
        kept.known = known
      },
    },
    failed: () => (kept.failures += 1),
    ...changes,
  }
  return { deps, monitor: createPostureMonitor(deps), told, kept }
}

describe('the audit while a gateway runs', () => {
  test('ND-7.1.a: tells of what is new at or above the threshold, once', async () => {
    const { monitor, told, kept } = watched()
    await monitor.audit()
    expect(told).toEqual([])
    kept.machine = facts(yaml('session: { absoluteTimeout: 365d }\naudit: { retention: 7d }'))
    await monitor.audit()
    await monitor.audit()
    expect(told).toEqual(['monitoring.tool_log'])
  })

  test('HB-134 INV-11: a skill that changes while the gateway runs raises an alert', async () => {
    const { monitor, told, kept } = watched()
    await monitor.audit()
    kept.machine = facts(skill({ drifted: true }))
    await monitor.audit()
    expect([...told].sort()).toEqual(['monitoring.drift', 'supply.skill_hash'])
  })

  test('ND-7.1.a: a restart tells of nothing again, and what went and came back is told again', async () => {
    const { deps, monitor, told, kept } = watched()
    const bad = facts(yaml('audit: { retention: 7d }'))
    kept.machine = bad
    await monitor.audit()
    await createPostureMonitor(deps).audit()
    expect(told).toHaveLength(1)
    kept.machine = facts()
    await monitor.audit()
    kept.machine = bad
    await monitor.audit()
    expect(told).toHaveLength(2)
  })

  test('FV-1: what could not be looked at for a while is not new afterwards', async () => {
    const { monitor, told, kept } = watched()
    const bad = facts(yaml('audit: { retention: 7d }'))
    kept.machine = bad
    await monitor.audit()
    kept.machine = { ...bad, config: unseen('It cannot be read.') }
    await monitor.audit()
    kept.machine = bad
    await monitor.audit()
    expect(told).toHaveLength(1)
  })

  test('ND-7.1.a: runs by itself every interval, goes on after a failure, and ends', async () => {
    let looks = 0
    const { monitor, kept } = watched({
      every: 20,
      gather: async () => {
        looks += 1
        if (looks === 1) throw new Error('broken')
        return kept.machine
      },
    })
    monitor.start()
    await expect.poll(() => looks, { timeout: 4_000 }).toBeGreaterThan(2)
    await monitor.close()
    const at = looks
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([looks, kept.failures]).toEqual([at, 1])
  })
})

describe('a gateway that audits itself', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ health: { every: '1d' }, redaction: { tagged: true } })
    writeFileSync(join(stage.place, 'sallyport.yaml'), 'version: 1\n', { mode: 0o666 })
  }, 60_000)
  afterAll(() => stage.close())

  test('E-73 SEC-7.4: what the audit finds is in the score, in the gauge of open findings and in the counter of new ones, once', async () => {
    const ask = async () =>
      (await stage.ask({ method: 'POST', path: '/api/v1/health/check', body: {} })).body as {
        readonly findings: readonly { readonly id: string; readonly severity: string; readonly category: string }[]
        readonly score: number
      }
    await ask()
    const { findings, score } = await ask()
    const ids = findings.map(({ id }) => id)
    expect(ids).toContain('posture.policy.too_broad.test.allow')
    expect(ids).toContain('posture.logging.redaction.redaction.tagged')
    expect(new Set(ids).size).toBe(ids.length)
    const figures = readFigures((await stage.ask({ path: '/metrics/security' })).text)
    const count = findings.filter(({ severity, category }) => severity === 'low' && category === 'log').length
    expect(figures.of('sallyport_security_audit_findings{severity="low",category="log"}')).toBe(count)
    expect(figures.of('sallyport_security_audit_findings_total{severity="low",category="log"}')).toBe(count)
    expect(figures.of('sallyport_security_health_score')).toBe(score)
    expect(score).toBeLessThanOrEqual(69)
  })
})
