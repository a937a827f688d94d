import { SallyportError, type LogRecord } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import type { LogRow } from '../../store/ports.ts'
import { createEvidence, type EvidenceAlert, type OnWriteFailure } from './evidence.ts'
import { createOperationalLog } from './operational.ts'

const TIME = Date.parse('2026-11-20T10:00:00.000Z')

function decision(members: Record<string, unknown> = {}): LogRecord {
  return {
    ...{ kind: 'decision', auditId: 'a1', timestamp: new Date(TIME).toISOString(), level: 'info' },
    ...{ toolName: 'fs.read', toolCategory: 'group:fs', effect: 'read', sessionId: 's1', requestId: 'r1' },
    ...{ actor: 'bob > claude', agentId: 'claude', instance: 'i1', surface: 'cli', trust: 'trusted' },
    ...{ enforcement: 'gateway', policyDecision: 'allowed', policyRule: ['p1'], bundle: 'b', parameters: {} },
    ...{ parameterHash: 'h' },
    ...members,
  } as unknown as LogRecord
}

const outcome = (): LogRecord =>
  ({
    ...{ kind: 'outcome', auditId: 'a1', timestamp: new Date(TIME).toISOString(), level: 'info', toolName: 'fs.read' },
    ...{ sessionId: 's1', agentId: 'claude', outcome: 'success', durationMs: 1.5 },
  }) as LogRecord

/** A log whose disk can be taken away: the failing part is the disk, everything else is real. */
function setup(onWriteFailure: OnWriteFailure = 'block', newest = 0) {
  const written: LogRow[] = []
  const alerts: EvidenceAlert[] = []
  const lines: string[] = []
  const state = { fails: false, wall: TIME, monotonic: 0 }
  const clock = { now: () => state.wall, monotonic: () => state.monotonic }
  const store = {
    stream: 'local',
    checkpoints: async () => (newest === 0 ? [] : [{ stream: 'local', size: 1, root: '', note: '', ts: newest }]),
    async append(rows: readonly LogRow[]) {
      await Promise.resolve()
      if (state.fails) throw new SallyportError('SP_AUDIT_WRITE_FAILED', 'ENOSPC')
      written.push(...rows)
    },
  }
  const operational = createOperationalLog({
    clock,
    sink: (text, done) => {
      lines.push(...text.trimEnd().split('\n'))
      done()
    },
  })
  const alert = (a: EvidenceAlert): void => void alerts.push(a)
  const evidence = createEvidence({ store, clock, onWriteFailure, alert, operational, retryMs: 5 })
  return { evidence, written, alerts, lines, state, operational }
}

describe('when the log cannot be written', () => {
  it('E-12: block denies every call and says so', async () => {
    const { evidence, state, alerts, lines, operational } = setup()
    state.fails = true
    await expect(evidence.append([decision()])).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
    await operational.flush()
    expect(alerts).toMatchObject([{ name: 'log-write-failed', severity: 'critical' }])
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 'error' }])
  })

  it.each([
    ['allow-low-risk', { effect: 'read' }, true],
    ['allow-low-risk', { effect: 'read', policyDecision: 'elevated' }, false],
    ['allow-low-risk', { effect: 'write' }, false],
    ['allow-low-risk', { effect: undefined }, false],
    ['continue', { effect: 'read', policyDecision: 'elevated' }, true],
    ['continue', { effect: 'write' }, false],
    ['continue', { effect: 'external' }, false],
  ] as const)('AC-1.2.1 T-166: %s with %j goes on: %s', async (mode, members, goesOn) => {
    const { evidence, state, written } = setup(mode)
    state.fails = true
    const call = evidence.append([JSON.parse(JSON.stringify({ ...decision(), ...members })) as LogRecord])
    if (!goesOn) return expect(call).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
    await call
    state.fails = false
    await evidence.close()
    expect(written).toHaveLength(1)
  })

  it('E-12: an outcome that fails closes the gate until a write succeeds, and nothing is written twice', async () => {
    const { evidence, state, written, alerts } = setup()
    await evidence.append([decision()])
    state.fails = true
    evidence.enqueue([outcome()])
    await evidence.settled()
    expect(evidence.healthy()).toBe(false)
    await expect(evidence.append([decision()])).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
    state.fails = false
    await Promise.all([evidence.append([decision()]), evidence.append([decision()])])
    expect(evidence.healthy()).toBe(true)
    expect(written.map((row) => row.kind)).toEqual(['decision', 'outcome', 'decision', 'decision'])
    expect(alerts.map((a) => a.name)).toEqual(['log-write-failed', 'log-recovered'])
    await evidence.close()
  })
})

describe('records', () => {
  it('E-14: a record without a required member is refused, so that the call is denied', async () => {
    const { evidence } = setup()
    const record = { ...decision() } as Record<string, unknown>
    delete record['actor']
    await expect(evidence.append([record as unknown as LogRecord])).rejects.toThrow(/actor is missing/)
  })

  it('AC-1.1.2: one structured line per crossing, info when allowed, warn when denied', async () => {
    const { evidence, lines, operational } = setup()
    await evidence.append([decision()])
    await evidence.append([decision({ policyDecision: 'denied', level: 'warn' })])
    await operational.flush()
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(parsed.map((line) => line['level'])).toEqual(['info', 'warn'])
    for (const line of parsed) {
      expect(line).toMatchObject({
        toolName: 'fs.read',
        sessionId: 's1',
        requestId: 'r1',
        timestamp: '2026-11-20T10:00:00.000Z',
      })
      expect(line).toHaveProperty('policyDecision')
    }
  })

  it('T-169: a large record whose optional members are absent is shortened, not refused', async () => {
    const { evidence, written } = setup()
    const record = {
      ...decision({ parameters: { text: 'x'.repeat(300_000) } }),
      approvalId: undefined,
      code: undefined,
    }
    await evidence.append([record as unknown as LogRecord])
    await evidence.settled()
    expect(written).toHaveLength(1)
    expect(JSON.parse(written[0]?.body ?? '')).toMatchObject({ parameters: { truncated: true, length: 300_011 } })
  })

  it('ND-1.2.a: the audit stream holds no operational lines and the other way round', async () => {
    const { evidence, lines, written, operational } = setup()
    await evidence.append([decision({ parameters: { note: 'canary-parameter' } })])
    evidence.enqueue([outcome()])
    await evidence.settled()
    await operational.flush()
    expect(written).toHaveLength(2)
    expect(lines).toHaveLength(1)
    expect(lines.join('')).not.toContain('canary-parameter')
  })

  it('T-169: a huge record keeps its small members and a digest of the rest', async () => {
    const { evidence, written } = setup()
    await evidence.append([decision({ parameters: { text: 'x'.repeat(1_000_000) } })])
    expect(written[0]?.body.length).toBeLessThan(2000)
    expect(JSON.parse(written[0]?.body ?? '')).toMatchObject({
      toolName: 'fs.read',
      parameters: { truncated: true, length: 1_000_011 },
    })
  })
})

describe('the clock', () => {
  it('T-165: set back an hour: a record, an alert, and no release until the log is passed', async () => {
    const { evidence, state, written, alerts } = setup()
    await evidence.append([decision()])
    state.wall -= 3_600_000
    state.monotonic += 1000
    await expect(evidence.append([decision()])).rejects.toMatchObject({ code: 'SP_AUDIT_CLOCK' })
    await expect(evidence.append([decision()])).rejects.toMatchObject({ code: 'SP_AUDIT_CLOCK' })
    expect(alerts.map((a) => a.name)).toEqual(['clock-set-back'])
    await evidence.append([decision({ policyDecision: 'denied' })])
    state.wall += 3_600_000
    await evidence.append([decision()])
    expect(JSON.parse(written.find((row) => row.kind === 'gateway')?.body ?? '{}')).toMatchObject({
      event: 'clock-set-back',
    })
    expect(written.filter((row) => row.decision === 'allowed')).toHaveLength(2)
  })

  it('T-165: forward an hour is recorded and holds nothing up', async () => {
    const { evidence, state, written } = setup()
    await evidence.append([decision()])
    state.wall += 3_600_000
    await evidence.append([decision()])
    expect(JSON.parse(written.find((row) => row.kind === 'gateway')?.body ?? '{}')).toMatchObject({
      event: 'clock-jumped',
    })
    expect(written.filter((row) => row.kind === 'decision')).toHaveLength(2)
  })

  it('T-165: a start with the clock behind the newest checkpoint releases nothing', async () => {
    const { evidence, alerts } = setup('block', TIME + 3_600_000)
    await expect(evidence.append([decision()])).rejects.toMatchObject({ code: 'SP_AUDIT_CLOCK' })
    expect(alerts.map((a) => a.name)).toEqual(['clock-set-back'])
  })
})
