import type { Finding } from '../finding.ts'
import type { InjectionReport } from './detector.ts'

/** A finding that someone has looked at and answers for. It ends: what was harmless in March may not be in June. */
export interface InjectionSuppression {
  /** Id of a rule, e.g. `injection.line-role-label`; never a category or all of them. */
  readonly rule: string
  /** Applies only where the found text, folded to lower case, holds this. At least four units. */
  readonly contains: string
  readonly owner: string
  readonly reason: string
  /** First millisecond at which it no longer applies. */
  readonly expiresAt: number
}

const SHORTEST = 4
/** Longest time one may last: a year, in milliseconds. */
const LONGEST_SUPPRESSION = 366 * 24 * 3600 * 1000

/** What is wrong with a suppression, or undefined. `now` in milliseconds since 1970. */
export function suppressionFault(suppression: InjectionSuppression, now: number): string | undefined {
  const { rule, contains, owner, reason, expiresAt } = suppression
  if (!/^injection\.[a-z0-9-]+$/.test(rule)) return 'It names no rule.'
  if (contains.length < SHORTEST) return 'It says too little of the text it is for.'
  if (owner.trim() === '') return 'It has no owner.'
  if (reason.trim() === '') return 'It has no reason.'
  if (!Number.isFinite(expiresAt) || expiresAt - now > LONGEST_SUPPRESSION) return 'It does not end within a year.'
  return undefined
}

/**
 * A report as it stands after what has been answered for: covered findings are gone, and where none is left the verdict is `flag`, which is still
 * logged. Invalid and expired suppressions cover nothing.
 */
export function suppress(
  report: InjectionReport,
  text: string,
  suppressions: readonly InjectionSuppression[],
  now: number,
): InjectionReport {
  const inForce = suppressions.filter((one) => suppressionFault(one, now) === undefined && one.expiresAt > now)
  const covered = ({ rule, start, end }: Finding): boolean => {
    const found = text.slice(start, end).toLowerCase()
    return inForce.some((one) => one.rule === rule && found.includes(one.contains.toLowerCase()))
  }
  const findings = report.findings.filter((finding) => !covered(finding))
  if (findings.length === report.findings.length) return report
  return { ...report, findings, verdict: findings.length === 0 ? 'flag' : report.verdict }
}
