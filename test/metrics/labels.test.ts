import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '@sallyport/core'
import { countRecord } from '../../packages/gateway/src/metrics/from-record.ts'
import { Metrics } from '../../packages/gateway/src/metrics/registry.ts'
import { outcomeRecord } from '../log/gateway.ts'
import { readFigures } from './stage.ts'

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

const PIECES = [
  ...[
    '"} 1\nevil_total 666\n#',
    '\r\nevil_total 1',
    '\\',
    '\\"',
    '"',
    '\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\0',
    '\u001b[2J',
  ],
  ...[
    '\u001b]0;owned\u0007',
    '{{ .Value }}',
    '{job="x"}',
    '=HYPERLINK("x")',
    '<script>',
    '__proto__',
    '__name__',
    'a.b.c',
  ],
  ...['\u202egnp.exe', '\ud800', '👩‍👩‍👧', '${jndi:ldap://x}', '%n%n', '[x](javascript:1)', '# HELP x y', 'a'.repeat(5000)],
]
const HOSTILE = PIECES.flatMap((one, at) => [
  one,
  `x${one}`,
  `${one}x`,
  `${one}${PIECES[(at + 1) % PIECES.length] ?? ''}`,
])

const count = (metrics: Metrics, record: LogRecord): void => countRecord(record, metrics)

describe('labels with hostile values', () => {
  test(`T-168: ${HOSTILE.length} payloads as names of tools: one record in, one series out, none of it ours`, async () => {
    const metrics = new Metrics((value) => value)
    for (const toolName of HOSTILE) count(metrics, outcomeRecord('1', { toolName, confinement: 'remote' }))
    const text = await metrics.text('all')
    const executions = readFigures(text).series.filter((one) =>
      one.startsWith('sallyport_security_tool_executions_total{'),
    )
    expect(executions).toHaveLength(new Set(HOSTILE).size)
    for (const series of executions) expect(series.length).toBeLessThan(260)
    expect(text).not.toMatch(/^evil_total/m)
    for (const line of text.split('\n'))
      expect(line).toMatch(/^(#.*|[a-z_]+(\{([a-z_]+="([^"\\]|\\[\\n"])*",?)*\})? [0-9.e+-]+|)$/i)
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ud800-\udfff]/u)
  })

  test.skipIf(!hasPromtool)('T-168: a real parser takes all of it', async () => {
    const metrics = new Metrics((value) => value)
    for (const toolName of HOSTILE) count(metrics, outcomeRecord('1', { toolName }))
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: await metrics.text('all'), encoding: 'utf8' })
    expect(`${checked.stdout}${checked.stderr}`).toBe('')
    expect(checked.status).toBe(0)
  })

  test('T-168: every other member that others write is one of our words, or `other`', async () => {
    const metrics = new Metrics((value) => value)
    const base = { auditId: '1', timestamp: '2030-01-01T00:00:00.000Z', level: 'warn' } as const
    for (const evil of HOSTILE) {
      count(metrics, { ...base, kind: 'alert', name: evil, severity: evil })
      count(metrics, { ...base, kind: 'egress', verdict: evil, reason: evil, target: evil, sandbox: evil })
      count(metrics, { ...base, kind: 'credential', operation: evil, success: true })
      count(metrics, { ...base, kind: 'refusal', code: evil, reason: evil })
      count(metrics, { ...base, kind: 'identity', event: evil })
      count(metrics, { ...base, kind: 'approval.requested', demand: { severity: evil } })
      count(metrics, { ...base, kind: 'approval.resolved', resolution: evil })
      count(metrics, { ...base, kind: 'policy', action: evil })
      count(metrics, { ...base, kind: evil as 'policy' })
    }
    const { series } = readFigures(await metrics.text('all'))
    const labelled = series.filter((one) => one.includes('{') && !/_(bucket|info)\{/.test(one))
    // `a.b.c` and the like have the shape of our words; there are few of them, and all are plain
    expect(labelled.length).toBeLessThan(60)
    for (const one of labelled) expect(one).toMatch(/^[a-z_]+\{([a-z_]+="[A-Za-z0-9._-]*",?)+\}$/)
  })

  test('T-168 T-157: after 200 names the rest is counted together, and nothing is lost', async () => {
    const metrics = new Metrics((value) => value)
    for (let i = 0; i < 1000; i += 1) count(metrics, outcomeRecord('1', { toolName: `server.tool_${i}` }))
    const figures = readFigures(await metrics.text('all'))
    const executions = figures.series.filter((one) => one.startsWith('sallyport_security_tool_executions_total{'))
    expect(executions).toHaveLength(201)
    expect(executions.reduce((sum, one) => sum + figures.of(one), 0)).toBe(1000)
  })

  test('AC-7.4.6: the name of a tool that holds a secret is redacted before it is a label', async () => {
    const metrics = new Metrics((value) => value.replaceAll('hunter2', '[REDACTED]'))
    count(metrics, outcomeRecord('1', { toolName: 'server.login_hunter2' }))
    const text = await metrics.text('all')
    expect(text).toContain('tool="server.login_[REDACTED]"')
    expect(text).not.toContain('hunter2')
  })

  test('AC-7.4.1: a figure that cannot be had hides none of the others', async () => {
    const metrics = new Metrics((value) => value)
    metrics.collect('broken', () => Promise.reject(new Error('no')))
    metrics.collect('fine', (into) => into.set('waiting', {}, 3))
    await metrics.text('all')
    const figures = readFigures(await metrics.text('all'))
    expect(figures.of('sallyport_approvals_waiting')).toBe(3)
    expect(figures.of('sallyport_metrics_errors_total{part="broken"}')).toBeGreaterThanOrEqual(1)
  })
})
