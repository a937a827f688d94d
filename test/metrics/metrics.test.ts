import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage, type Figures, type Stage } from './stage.ts'

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
if (!hasPromtool) console.warn('not verified: promtool is not installed, so nothing checks names and texts of metrics')

const SECRET = 'sk-ant-api03-canaryCanaryCanary0123456789abcdefghijklmnopqrstuvwxyzCANARY-AAAA'

describe('metrics of a gateway', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  }, 60_000)
  afterAll(() => stage.close())

  /** How much series grew while something happened. */
  async function growth(happens: () => Promise<unknown>): Promise<(series: string) => number> {
    const before = await stage.scrape()
    await happens()
    const after = await stage.scrape()
    return (series) => after.of(series) - before.of(series)
  }

  test('AC-7.4.1: a call counts once as decided and once as carried out', async () => {
    const grew = await growth(async () => {
      for (const id of ['a', 'b', 'c']) expect((await stage.call('counter.count', { id })).status).toBe(200)
    })
    expect(grew('sallyport_decisions_total{decision="allowed",enforcement="gateway"}')).toBe(3)
    const done = 'tool="counter.count",sandbox="unsandboxed",outcome="success"'
    expect(grew(`sallyport_security_tool_executions_total{${done}}`)).toBe(3)
    expect(grew('sallyport_decision_duration_seconds_count{decision="allowed"}')).toBe(3)
    expect(grew('sallyport_call_duration_seconds_count{outcome="success"}')).toBe(3)
    expect(grew('sallyport_added_duration_seconds_count')).toBe(3)
  })

  test('AC-7.4.1 ND-7.4.a: a refused call counts by the code it got, and nothing as carried out', async () => {
    const grew = await growth(async () => {
      expect((await stage.call('counter.nothing', { id: 'x' })).status).toBeGreaterThanOrEqual(400)
      expect((await stage.call('counter.count', { id: 1 })).status).toBeGreaterThanOrEqual(400)
    })
    expect(grew('sallyport_decisions_total{decision="denied",enforcement="gateway"}')).toBe(2)
    expect(grew('sallyport_security_policy_violations_total{type="SP_MCP_UNKNOWN_TOOL"}')).toBe(1)
    expect(grew('sallyport_security_policy_violations_total{type="SP_MCP_INVALID_ARGUMENTS"}')).toBe(1)
    const done = 'tool="counter.count",sandbox="unsandboxed",outcome="success"'
    expect(grew(`sallyport_security_tool_executions_total{${done}}`)).toBe(0)
  })

  test('AC-7.4.1: a wrong credential is an attempt that failed', async () => {
    const grew = await growth(() => stage.ask({ path: '/v1/tools', bearer: 'nobody' }))
    expect(grew('sallyport_security_auth_attempts_total{result="failure"}')).toBe(1)
  })

  test('E-28 ND-7.1.a: both pages are served to operators; the second has security alone', async () => {
    const [all, security] = [await stage.scrape(), await stage.scrape('/metrics/security')]
    for (const name of [
      'sallyport_security_policy_violations_total',
      'sallyport_security_tool_executions_total',
      'sallyport_security_auth_attempts_total',
    ]) {
      expect(all.text).toContain(`# TYPE ${name} counter`)
      expect(security.text).toContain(`# TYPE ${name} counter`)
    }
    for (const name of ['sallyport_security_health_score', 'sallyport_security_audit_findings'])
      expect(security.text).toContain(`# TYPE ${name} gauge`)
    expect(security.text).not.toContain('process_resident_memory_bytes')
    expect((await stage.ask({ path: '/metrics' })).headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('AC-2.2.5 E-28: limits count what they were asked and what they refused, under both names', async () => {
    const grew = await growth(() => stage.call('counter.count', { id: 'limit' }))
    for (const prefix of ['', 'sallyport_']) {
      expect(grew(`${prefix}gateway_rate_limit_hits_total{class="tool-calls"}`)).toBe(1)
      expect(grew(`${prefix}gateway_rate_limit_violations_total{class="tool-calls"}`)).toBe(0)
    }
  })

  test('E-28 TM-RECON-001: without a credential there is nothing, and an agent that may call tools is no monitor', async () => {
    for (const path of ['/metrics', '/metrics/security']) {
      const nobody = await stage.ask({ path, bearer: 'x' })
      expect([401, 429]).toContain(nobody.status)
      const agent = await stage.ask({ path, bearer: stage.credential('tester') })
      expect(agent.status).toBe(403)
      expect(agent.text).not.toContain('sallyport_')
    }
  })

  test('E-28: a monitor that only reads scrapes with the token of its file, and may do nothing else', async () => {
    await stage.gateway.identity.agents.add({ name: 'prometheus', by: 'test', scopes: ['read'] })
    const token = join(stage.state, 'agents', 'prometheus', 'token')
    expect(statSync(token).mode & 0o777).toBe(0o600)
    const bearer = readFileSync(token, 'utf8')
    expect((await stage.ask({ path: '/metrics', bearer })).status).toBe(200)
    expect((await stage.ask({ path: '/metrics/security', bearer })).status).toBe(200)
    const body = { tool: 'counter.count', arguments: { id: 'monitor' } }
    expect((await stage.ask({ method: 'POST', path: '/v1/calls', body, bearer })).status).toBe(403)
  })

  test('AC-7.4.6: nothing that an agent sends, nor its secrets, stands in a name, a label or a value', async () => {
    await stage.call('counter.count', { id: SECRET })
    await stage.call(`counter.${SECRET}`, { id: 'x' })
    await stage.call(SECRET, { id: 'x' })
    await stage.ask({ path: `/v1/${SECRET}`, bearer: SECRET })
    await stage.ask({
      path: '/v1/tools',
      bearer: stage.credential('tester'),
      headers: { 'x-sallyport-session': SECRET },
    })
    const { text } = await stage.scrape()
    expect(text).not.toContain(SECRET.slice(0, 20))
    expect(text).not.toContain('CANARY')
    expect(text).not.toContain(stage.credential('tester').slice(0, 16))
  })

  test('T-168: an agent cannot make up series, however many names it calls', async () => {
    // the first of its kind brings the series of refused calls
    await stage.call('counter.made_up', {})
    const before = (await stage.scrape()).series.length
    for (let i = 0; i < 60; i += 1) await stage.call(`counter.made_up_${i}`, {})
    expect((await stage.scrape()).series.length - before).toBeLessThan(5)
  })

  test.skipIf(!hasPromtool)('AC-7.4.4: promtool has no complaint about either page', async () => {
    for (const path of ['/metrics', '/metrics/security'] as const) {
      const { text } = await stage.scrape(path)
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
      expect(`${checked.stdout}${checked.stderr}`).toBe('')
      expect(checked.status).toBe(0)
    }
  })

  test('what is looked up when asked: agents, servers, log, version', async () => {
    const figures: Figures = await stage.scrape()
    expect(figures.of('sallyport_servers{sandbox="unsandboxed"}')).toBe(1)
    expect(figures.of('sallyport_agents{state="active"}')).toBeGreaterThanOrEqual(1)
    expect(figures.of('sallyport_log_healthy')).toBe(1)
    expect(figures.series.some((name) => name.startsWith('sallyport_build_info{version="'))).toBe(true)
    expect(figures.of('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(figures.of('sallyport_metrics_errors_total')).toBe(0)
    expect(figures.text).not.toMatch(/^sallyport_metrics_errors_total\{/m)
  })
})
