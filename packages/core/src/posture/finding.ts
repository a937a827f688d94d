import type { Json } from '../json/types.ts'

/** How bad it is to leave something as it is. `info` is for what was decided on purpose. */
export type PostureSeverity = 'critical' | 'high' | 'medium' | 'low' | 'info'

/** Heaviest first. */
export const POSTURE_SEVERITIES: readonly PostureSeverity[] = Object.freeze([
  'critical',
  'high',
  'medium',
  'low',
  'info',
])

/** What a check of the posture found (SEC-2.3, SEC-7.1). */
export interface PostureFinding {
  /** Stable, e.g. `gateway.public_bind_no_auth`. */
  readonly id: string
  readonly severity: PostureSeverity
  /** What it is about, e.g. `console 0.0.0.0:7443`. */
  readonly subject: string
  readonly detail: string
  /** What to do (AC-2.3.4); never empty. */
  readonly remediation: string
  /** What it lets happen. */
  readonly why?: string
  /** Where it was read, and the line, from 1. */
  readonly file?: string
  readonly line?: number
  /** What `--fix` would do about it; absent where a person has to decide. */
  readonly fix?: PostureFix
}

/** A repair that can be planned, shown, made and taken back without asking. Paths into a file are keys and indices. */
export type PostureFix =
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number }
  | { readonly kind: 'set'; readonly file: string; readonly at: readonly (string | number)[]; readonly value: Json }
  | { readonly kind: 'remove'; readonly file: string; readonly at: readonly (string | number)[] }

export type PostureSummary = Readonly<Record<PostureSeverity, number>>

export function summaryOf(findings: readonly PostureFinding[]): PostureSummary {
  const count = (severity: PostureSeverity): number => findings.filter((one) => one.severity === severity).length
  return {
    critical: count('critical'),
    high: count('high'),
    medium: count('medium'),
    low: count('low'),
    info: count('info'),
  }
}

const rankOf = (severity: PostureSeverity): number => POSTURE_SEVERITIES.indexOf(severity)

/** Whether one is at least as bad as the other. */
const isAtLeast = (severity: PostureSeverity, threshold: PostureSeverity): boolean =>
  rankOf(severity) <= rankOf(threshold)

export interface Thresholds {
  /** Findings this bad or worse stop a build; default critical. */
  readonly failOn: PostureSeverity
  /** Findings this bad or worse are reported by the exit code; default medium. */
  readonly warnOn: PostureSeverity
}

/** 0 pass · 1 at or above `warnOn` · 2 at or above `failOn` (ND-7.1.a, E-72). 3 is for an audit that could not be made. */
export function auditExit(findings: readonly PostureFinding[], { failOn, warnOn }: Thresholds): 0 | 1 | 2 {
  if (findings.some(({ severity }) => isAtLeast(severity, failOn))) return 2
  return findings.some(({ severity }) => isAtLeast(severity, warnOn)) ? 1 : 0
}

/** Heaviest first, then by id and subject: two runs on the same machine give the same list. */
export const inOrder = (findings: readonly PostureFinding[]): readonly PostureFinding[] =>
  [...findings].sort(
    (a, b) => rankOf(a.severity) - rankOf(b.severity) || compare(a.id, b.id) || compare(a.subject, b.subject),
  )

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
