import type { Severity } from '@sallyport/core'
import { bySeverity, type ReportedFinding } from '../scan/report/report.ts'
import type { Baseline } from '../scan/code/baseline.ts'

/** A finding of a gate; `fingerprint` is what a baseline knows it by. */
export type GateFinding = ReportedFinding & { readonly fingerprint: string }

/** `passed`: nothing stops the merge. `unverified` are checks that could not be made: they are said, and never count as clean. */
export interface GateResult {
  readonly verdict: 'passed' | 'blocked'
  /** What stops it, the gravest first. */
  readonly blocking: readonly GateFinding[]
  /** Below high: told of. */
  readonly warnings: readonly GateFinding[]
  /** Accepted by an entry of the baseline. */
  readonly accepted: readonly (GateFinding & { readonly reason: string })[]
  readonly unverified: readonly string[]
}

const DAY = 86_400_000

/**
 * Critical findings block. High ones block unless the baseline holds an entry for them with a reason that has not ended
 * (AC-7.1.2, AC-7.1.3, E-72). Lower ones are told of, unless the baseline knows them. `now` in ms since 1970.
 */
export function gate(
  findings: readonly GateFinding[],
  baseline: Baseline,
  unverified: readonly string[],
  now: number,
): GateResult {
  const entries = new Map(baseline.findings.map((entry) => [entry.fingerprint, entry]))
  const blocking: GateFinding[] = []
  const warnings: GateFinding[] = []
  const accepted: (GateFinding & { readonly reason: string })[] = []
  for (const finding of bySeverity(findings)) {
    const entry = entries.get(finding.fingerprint)
    const holds = entry !== undefined && (entry.expires === undefined || Date.parse(entry.expires) + DAY > now)
    const reason = holds ? (entry.reason ?? '') : undefined
    if (accepts(finding.severity, reason)) accepted.push({ ...finding, reason: reason ?? '' })
    else if (finding.severity === 'critical' || finding.severity === 'high') blocking.push(finding)
    else warnings.push(finding)
  }
  return { verdict: blocking.length === 0 ? 'passed' : 'blocked', blocking, warnings, accepted, unverified }
}

function accepts(severity: Severity, reason: string | undefined): boolean {
  if (reason === undefined || severity === 'critical') return false
  return severity === 'high' ? reason.trim().length >= 3 : true
}
