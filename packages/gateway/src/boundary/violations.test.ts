import { expect, test } from 'vitest'
import { recordFault, type LogRecord } from '@sallyport/core'
import { createBoundary } from './boundary.ts'
import { bench, call, caller, tool, verdict, type Bench } from './fixtures/ports.ts'
import { Refusals } from './violations.ts'

const alerts = (b: Bench): readonly LogRecord[] => b.records.filter(({ kind }) => kind === 'alert')

/** The bench with a clock that the test moves. */
function still(): { readonly b: Bench; readonly ports: Bench['ports']; readonly pass: (ms: number) => void } {
  const b = bench()
  let at = Date.parse('2026-11-21T00:00:00Z')
  const clock = { now: () => at, monotonic: () => at }
  return { b, ports: { ...b.ports, clock }, pass: (ms) => void (at += ms) }
}

test('E-57 HB-66: the fifth refusal within 60 s is a critical alert, durable before the caller hears of the refusal', async () => {
  const { b, ports, pass } = still()
  b.decide = () => verdict('deny')
  const boundary = createBoundary({
    ...ports,
    // nothing that is only queued is there yet when the answer comes
    evidence: { ...ports.evidence, enqueue: () => undefined },
  })
  for (let i = 0; i < 4; i++) {
    await boundary.cross(caller(), call({ path: '/a', password: 'hunter2' }))
    pass(14_999)
  }
  expect(alerts(b)).toEqual([])
  const fifth = await boundary.cross(caller(), call({ path: '/a', password: 'hunter2' }))
  expect(alerts(b)).toMatchObject([
    {
      auditId: fifth.auditId,
      name: 'call.refused_repeatedly',
      severity: 'critical',
      toolName: 'files.read_file',
      sessionId: 's-1',
      agentId: 'coder',
      policyRule: ['test.deny'],
      code: 'SP_POLICY_DENIED',
    },
  ])
  expect(recordFault(alerts(b)[0] as LogRecord)).toBeUndefined()
})

test('E-57: five refusals that take longer than 60 s are none, a burst is told once a minute, and agents are counted apart', async () => {
  const slow = new Refusals()
  expect([0, 1, 2, 3, 4, 5, 6].map((n) => slow.count('i', n * 15_001))).not.toContain(true)
  const fast = new Refusals()
  const told = Array.from({ length: 200 }, (_, n) => [n * 1000, fast.count('i', n * 1000)] as const)
  expect(told.filter(([, alert]) => alert).map(([at]) => at)).toEqual([4_000, 65_000, 126_000, 187_000])
  const many = new Refusals()
  expect(Array.from({ length: 50_000 }, (_, n) => many.count(`i${n % 12_500}`, n)).includes(true)).toBe(false)
  for (let n = 0; n < 4; n++) expect(many.count('a', n)).toBe(false)
  expect(many.count('b', 4)).toBe(false)
  expect(many.count('a', 4)).toBe(true)
})

test('E-57: refusals of every kind and under every session name count together', async () => {
  const { b, ports } = still()
  b.decide = () => verdict('deny')
  const boundary = createBoundary(ports)
  const as = (sessionHint: string) => ({ ...caller(), sessionHint })
  await boundary.cross(as('a'), call({ path: '/a' }, { tool: 'read_fi1e' }))
  await boundary.cross(as('b'), call('{"path":'))
  await boundary.cross(as('c'), call({ path: 1 }))
  await boundary.cross(as('d'), call({ path: '/a' }))
  expect(alerts(b)).toEqual([])
  await boundary.cross(as('e'), call({ path: '/b' }))
  expect(alerts(b)).toMatchObject([{ severity: 'critical', name: 'call.refused_repeatedly' }])
})

test('E-57: a refusal is as grave as its rule says, else as its tool, else medium', async () => {
  const { b, ports } = still()
  const risky = tool('run')
  b.registry.set({
    tool: { ...risky, annotation: { ...risky.annotation, groups: ['group:runtime'] } },
    state: 'pinned',
    note: '',
  })
  b.decide = () => verdict('deny', { severity: 'low' })
  const boundary = createBoundary(ports)
  await boundary.cross(caller(), call({ path: '/a' }, { tool: 'run' }))
  await boundary.cross(caller(), call({ path: 1 }, { tool: 'run' }))
  await boundary.cross(caller(), call({ path: 1 }))
  await boundary.cross(caller(), call({ path: '/a' }, { tool: 'nowhere' }))
  expect(b.records.map((record) => record['severity'])).toEqual(['low', 'critical', 'high', 'medium'])
})

test('E-57: a rule that is marked with an alert raises one when it decides, whatever it decides', async () => {
  for (const outcome of ['allow', 'ask', 'deny'] as const) {
    const { b, ports } = still()
    b.decide = (request) => verdict(request.context.approved ? 'allow' : outcome, { alert: true, severity: 'high' })
    await createBoundary(ports).cross(caller(), call({ path: '/a' }))
    expect(alerts(b)).toMatchObject([
      { name: 'policy.rule_fired', severity: 'high', policyRule: [`test.${outcome}`], toolName: 'files.read_file' },
    ])
  }
})

test('HB-66 T-009: each released call names its token in the log; one that is shown again is refused, and an alert names it', async () => {
  const { b, ports } = still()
  let first: ReturnType<typeof ports.capability.issue> | undefined
  const stolen = { ...ports.capability, issue: (claims: never) => (first ??= ports.capability.issue(claims)) }
  const boundary = createBoundary({ ...ports, capability: stolen })
  expect((await boundary.cross(caller(), call({ path: '/a' }))).outcome).toBe('executed')
  expect(b.records[0]).toMatchObject({ kind: 'decision', tokenId: first?.claims.jti })
  expect(alerts(b)).toEqual([])
  expect(await boundary.cross(caller(), call({ path: '/a' }))).toMatchObject({ code: 'SP_CAP_REPLAYED' })
  expect(await boundary.cross(caller(), call({ path: '/b' }))).toMatchObject({ code: 'SP_CAP_MISMATCH' })
  expect(b.ran).toHaveLength(1)
  expect(alerts(b)).toMatchObject([
    { name: 'token.refused', severity: 'critical', code: 'SP_CAP_REPLAYED', tokenId: first?.claims.jti },
    { name: 'token.refused', severity: 'critical', code: 'SP_CAP_MISMATCH', tokenId: first?.claims.jti },
  ])
})
