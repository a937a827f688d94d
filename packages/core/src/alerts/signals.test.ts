import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../audit/record.ts'
import { alertSeverity } from './alert.ts'
import { clip, excerpt } from './clip.ts'
import { Habits, placeOf } from './habits.ts'
import { signalsOf, type SignalRules } from './signals.ts'
import { WINDOW_RULES, Windows } from './windows.ts'

const RULES: SignalRules = { onDeny: true, canaries: { tools: [], credentials: [], hosts: [] } }
const record = (kind: LogRecord['kind'], members: Record<string, unknown>): LogRecord =>
  ({ kind, auditId: 'a', timestamp: '2026-11-28T10:00:00.000Z', level: 'info', ...members }) as LogRecord
const denied = (members: Record<string, unknown> = {}): LogRecord =>
  record('decision', {
    ...{ policyDecision: 'denied', toolName: 'fs.write', agentId: 'coder', sessionId: 's', severity: 'high' },
    ...{ policyRule: ['r1'], parameters: { path: '/etc' }, parameterHash: 'h', ...members },
  })

describe('what one record tells', () => {
  it('AC-5.2.1 AC-5.2.3: a denied call tells tool, agent, session, rule and redacted arguments', () => {
    const [signal] = signalsOf(denied({ reason: 'No policy allows this call.' }), RULES)
    expect(signal).toMatchObject({
      ...{ name: 'call.denied', severity: 'high', agent: 'coder', session: 's', tool: 'fs.write' },
      cause: { auditId: 'a', policyRule: ['r1'], parameters: '{"path":"/etc"}', parameterHash: 'h' },
    })
    expect(signal?.sentence).toBe('coder tried fs.write and was denied: No policy allows this call.')
  })

  it('AC-5.2.2: the severity is that of the rule, and medium when none is set', () => {
    for (const severity of ['critical', 'high', 'medium', 'low'] as const)
      expect(signalsOf(denied({ severity }), RULES)).toMatchObject([{ severity }])
    expect(signalsOf(denied({ severity: undefined }), RULES)).toMatchObject([{ severity: 'medium' }])
    expect(alertSeverity('info')).toBe('low')
  })

  it('ND-5.2.a: nothing is told of what was allowed, of its own records, and with `onDeny: false`', () => {
    expect(signalsOf(denied({ policyDecision: 'allowed' }), RULES)).toEqual([])
    expect(signalsOf(denied({ alertId: 'x' }), RULES)).toEqual([])
    expect(signalsOf(denied(), { ...RULES, onDeny: false })).toEqual([])
  })

  it('an alert record without a message has a sentence all the same, and is about whom it names', () => {
    const told = (members: object) => signalsOf(record('alert', { name: 'x', severity: 'high', ...members }), RULES)
    expect(told({ name: 'passkey.enrolled', operator: 'operator:ana' })).toMatchObject([
      { sentence: 'ana has a new passkey.', subject: 'operator:ana', severity: 'high' },
    ])
    expect(told({ name: 'new.thing', operator: 'operator:ana', reason: 'odd' })).toMatchObject([
      { sentence: 'new.thing: operator:ana, odd' },
    ])
    expect(told({ name: '__proto__', message: 'The disk is full.' })).toMatchObject([{ sentence: 'The disk is full.' }])
  })

  it('HB-134: a tool that is not what was pinned', () => {
    expect(signalsOf(record('tool', { change: 'tool.drifted', toolName: 'fs.read' }), RULES)).toMatchObject([
      { name: 'tool.drifted', severity: 'high' },
    ])
    expect(signalsOf(record('tool', { change: 'tool.pinned', toolName: 'fs.read' }), RULES)).toEqual([])
  })

  it('HB-66: a bait that is touched is critical, whatever became of the call', () => {
    const rules = { onDeny: true, canaries: { tools: ['db.payroll'], credentials: ['root'], hosts: ['bait.example'] } }
    const hit = { name: 'canary.hit', severity: 'critical' }
    expect(signalsOf(denied({ policyDecision: 'allowed', toolName: 'db.payroll' }), rules)).toMatchObject([hit])
    expect(
      signalsOf(record('credential', { operation: 'use', success: true, credential: 'root' }), rules),
    ).toMatchObject([hit])
    expect(
      signalsOf(record('egress', { verdict: 'allowed', target: 'bait.example:443', sandbox: 'x' }), rules),
    ).toMatchObject([hit])
    expect(signalsOf(record('credential', { operation: 'use', success: true, credential: 'other' }), rules)).toEqual([])
  })

  it('T-157 T-168: what is taken along is bounded, with known members only', () => {
    const huge = 'x'.repeat(100_000)
    const kept = excerpt({
      ...denied({ parameters: { a: huge }, reason: huge }),
      ['__proto__x']: 'y',
      '@timestamp': 'z',
    })
    expect(JSON.stringify(kept).length).toBeLessThan(8_000)
    expect(Object.keys(kept)).not.toContain('@timestamp')
    expect(kept['reason']).toMatch(/… \(100000 characters, sha256 [0-9a-f]{16}\)$/)
    expect(clip('ab😀', 3)).not.toMatch(/[\uD800-\uDBFF]…/)
  })
})

describe('bursts', () => {
  const cases: Readonly<Record<string, LogRecord>> = {
    'token.odd_use': record('refusal', { code: 'SP_AUTHN_INVALID', ingress: 'api' }),
    'egress.refused_repeatedly': record('egress', { verdict: 'refused', sandbox: 's', target: 't' }),
    'tool.failing': record('outcome', { outcome: 'failure', toolName: 'a.b' }),
    'sign-in.refused_repeatedly': record('identity', { event: 'login.failed', who: 'ana', address: '192.0.2.7' }),
  }
  it.each(WINDOW_RULES)('HB-133 E-57: $name is said at $count within its window, once, and not at one less', (rule) => {
    const one = cases[rule.name] ?? record(rule.kind, {})
    const step = rule.window / rule.count / 2
    const at = (count: number, gap: number): readonly string[] => {
      const windows = new Windows([rule])
      return Array.from({ length: count }, (_, i) => windows.see(one, i * gap)).flatMap((told) =>
        told.map(({ name }) => name),
      )
    }
    expect(at(rule.count - 1, step)).toEqual([])
    expect(at(rule.count, step)).toEqual([rule.name])
    expect(at(rule.count + 1, step)).toEqual([rule.name])
    // spread over more than the window it is none
    expect(at(rule.count, rule.window / (rule.count - 1) + 1)).toEqual([])
  })

  it('T-157: those who were quiet longest are forgotten, not those who are loud', () => {
    const windows = new Windows()
    for (let i = 0; i < 20_000; i++) windows.see(record('refusal', { code: 'SP_AUTHN_INVALID', agentId: `a${i}` }), i)
    const loud = record('refusal', { code: 'SP_AUTHN_INVALID', agentId: 'loud' })
    expect([1, 2, 3, 4, 5].flatMap((i) => windows.see(loud, 20_000 + i))).toHaveLength(1)
  })
})

describe('habits', () => {
  const signIn = (address: string): LogRecord =>
    record('identity', { event: 'login.opened', actor: 'operator:ana', address })
  const noon = new Date(2026, 10, 28, 12).getTime()
  const names = (seen: ReturnType<Habits['see']>): readonly string[] => seen.signals.map(({ name }) => name)

  it('AC-4.5.3 E-49: the first place is learnt, another one is told once', () => {
    const habits = new Habits(undefined)
    expect(names(habits.see(signIn('192.0.2.7'), noon))).toEqual([])
    expect(names(habits.see(signIn('192.0.2.99'), noon))).toEqual([])
    expect(names(habits.see(signIn('198.51.100.1'), noon))).toEqual(['sign-in.new_location'])
    expect(names(habits.see(signIn('198.51.100.1'), noon))).toEqual([])
  })

  it('AC-4.5.3: what was learnt is known after a restart', () => {
    const before = new Habits(undefined)
    before.see(signIn('192.0.2.7'), noon)
    const after = new Habits(undefined, JSON.parse(JSON.stringify(before.known)) as typeof before.known)
    expect(names(after.see(signIn('192.0.2.8'), noon))).toEqual([])
    expect(names(after.see(signIn('203.0.113.9'), noon))).toEqual(['sign-in.new_location'])
  })

  it('AC-4.5.3: a sign-in outside of normal hours, also over midnight, and never when none are set', () => {
    const at = (hour: number): number => new Date(2026, 10, 28, hour).getTime()
    const day = new Habits({ start: 8, end: 18 })
    expect(names(day.see(signIn('192.0.2.7'), at(9)))).toEqual([])
    expect(names(day.see(signIn('192.0.2.7'), at(18)))).toEqual(['sign-in.off_hours'])
    const night = new Habits({ start: 22, end: 6 })
    expect(names(night.see(signIn('192.0.2.7'), at(2)))).toEqual([])
    expect(names(night.see(signIn('192.0.2.7'), at(12)))).toEqual(['sign-in.off_hours'])
    expect(names(new Habits(undefined).see(signIn('192.0.2.7'), at(3)))).toEqual([])
  })

  it('HB-66: a credential that came by a hook and MCP comes by the API', () => {
    const habits = new Habits(undefined)
    const by = (ingress: string): readonly string[] =>
      names(habits.see(record('decision', { agentId: 'coder', ingress }), noon))
    expect([by('mcp-stdio'), by('hook'), by('mcp-stdio')]).toEqual([[], [], []])
    expect(by('api')).toEqual(['token.odd_use'])
    expect(by('api')).toEqual([])
  })

  it('E-49: a place is the network of a home, not one address', () => {
    expect(placeOf('192.0.2.7')).toBe('192.0.2.0/24')
    expect(placeOf('::ffff:192.0.2.7')).toBe('192.0.2.0/24')
    expect(placeOf('2001:db8:1:2:3:4:5:6')).toBe(placeOf('2001:db8:1:2::1'))
    expect(placeOf('2001:db8:1:2::1')).not.toBe(placeOf('2001:db8:1:3::1'))
    expect(placeOf('::1')).toBe('0:0:0:0::/64')
  })
})
