import { severityRank, type Severity } from '@sallyport/core'
import type { ScanFinding, ScanVerdict } from '../finding.ts'

/** Result of one scan, for every form of output. */
export interface ScanReport {
  readonly subject: string
  readonly verdict: ScanVerdict
  readonly summary: Readonly<Record<Severity, number>>
  readonly files: number
  readonly findings: readonly ReportedFinding[]
}

/** A finding with its weakness (CWE), where the rule has one. */
export type ReportedFinding = ScanFinding & { readonly cwe?: number }

/** Findings, the gravest first. */
export const bySeverity = <F extends Pick<ScanFinding, 'severity'>>(findings: readonly F[]): readonly F[] =>
  findings.toSorted((one, other) => severityRank(other.severity) - severityRank(one.severity))

export function summaryOf(findings: readonly ScanFinding[]): Readonly<Record<Severity, number>> {
  const summary: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  for (const { severity } of findings) summary[severity]++
  return summary
}
