import { SallyportError, type LogRecord } from '@sallyport/core'
import { v7 } from 'uuid'
import type { Clock } from '../../boundary/ports.ts'
import type { EvidenceAlert } from './evidence.ts'

/** Wall clock and monotonic clock may drift apart by this much before somebody has set the clock, ms. */
const TOLERANCE_MS = 2000

export interface ClockGuard {
  /** The record and alert about a clock that was set since the last look, if it was (T-165). */
  observe(): { readonly record: LogRecord; readonly alert: EvidenceAlert } | undefined
  /**
   * Nothing is released while the clock says less than the newest checkpoint: old approvals and tokens would live again.
   * @throws SallyportError SP_AUDIT_CLOCK.
   */
  admit(records: readonly LogRecord[]): void
}

/** @param newest Time of the newest checkpoint, ms since 1970. */
export function createClockGuard(clock: Clock, newest: number): ClockGuard {
  let wall = clock.now()
  let monotonic = clock.monotonic()
  // The highest time this gateway has vouched for: what was released is never older than this.
  let floor = newest
  let first = wall + TOLERANCE_MS < newest ? newest : undefined
  return {
    observe() {
      const now = clock.now()
      const at = clock.monotonic()
      const expected = first ?? wall + (at - monotonic)
      first = undefined
      wall = now
      monotonic = at
      const drift = now - expected
      if (drift >= -TOLERANCE_MS) floor = Math.max(floor, Math.min(now, expected + TOLERANCE_MS))
      return Math.abs(drift) <= TOLERANCE_MS ? undefined : report(expected, now)
    },
    admit(records) {
      const behind = floor - clock.now()
      if (behind <= TOLERANCE_MS || !records.some((record) => record.kind === 'release' || isIntent(record))) return
      throw new SallyportError('SP_AUDIT_CLOCK', `It is ${Math.ceil(behind / 1000)} s behind.`)
    },
  }
}

const isIntent = (record: LogRecord): boolean =>
  record.kind === 'decision' && (record['policyDecision'] === 'allowed' || record['policyDecision'] === 'elevated')

function report(expected: number, now: number): { readonly record: LogRecord; readonly alert: EvidenceAlert } {
  const back = now < expected
  const name = back ? 'clock-set-back' : 'clock-jumped'
  const seconds = Math.round(Math.abs(now - expected) / 1000)
  const message = `The clock was set ${back ? 'back' : 'forward'} by ${seconds} s.`
  const iso = (ms: number): string => new Date(ms).toISOString()
  return {
    alert: { name, severity: back ? 'critical' : 'info', message },
    record: {
      ...{ kind: 'gateway', auditId: v7(), timestamp: iso(now), level: 'error' },
      ...{ event: name, expected: iso(expected), found: iso(now) },
    } as LogRecord,
  }
}
