import {
  acceptedBy,
  healthScore,
  inOrder,
  postureFingerprint,
  summaryOf,
  type PostureBaseline,
  type PostureFinding,
  type PostureSummary,
} from '@sallyport/core'
import { docsOf, findingsOf, PAGE, judge, type PostureCheck } from './check.ts'
import { POSTURE_CHECKS } from './checks.ts'
import type { Facts } from './facts.ts'
import { HOST_CHECKS } from './hosts/host-checks.ts'
import { surfaceOf, type AttackSurface } from './surface.ts'

/** A finding as reports show it. */
export interface ReportedFinding extends PostureFinding {
  readonly category: string
  /** Page and place that says more. */
  readonly docs: string
  /** What a baseline knows it by. */
  readonly fingerprint: string
}

export interface PostureReport {
  /** Heaviest first; without what a baseline accepts. */
  readonly findings: readonly ReportedFinding[]
  /** Of `findings`. */
  readonly summary: PostureSummary
  /** What `sallyport health` would make of them (ND-7.4.a, E-73). */
  readonly score: number
  /** Accepted by the baseline: shown, and not counted. */
  readonly accepted: readonly (ReportedFinding & {
    readonly by: string
    readonly reason: string
    readonly expires: string
  })[]
  /** Entries of the baseline that do nothing, and why. */
  readonly idle: readonly { readonly id: string; readonly subject: string; readonly why: string }[]
  /** What could not be looked at. `hides`: it may hide something, so that the audit is not complete. */
  readonly unknown: readonly {
    readonly id: string
    readonly title: string
    readonly why: string
    readonly hides: boolean
  }[]
  readonly fine: readonly { readonly id: string; readonly title: string; readonly proof: string }[]
  readonly complete: boolean
  readonly surface: AttackSurface | null
}

export interface AuditOptions {
  readonly baseline?: PostureBaseline
  /** Findings of others, e.g. about the agents of this machine. */
  readonly more?: readonly PostureFinding[]
  readonly checks?: readonly PostureCheck[]
}

const WHY_IDLE: Readonly<Record<string, string>> = {
  expired: 'It has expired.',
  'not found': 'There is no such finding any more.',
  worse: 'The finding is worse than what was accepted.',
  critical: 'A critical finding cannot be accepted.',
}

/** Judges what was gathered (SEC-7.1). Nothing is read or asked here. */
export function auditPosture(
  facts: Facts,
  { baseline, more = [], checks = POSTURE_CHECKS }: AuditOptions = {},
): PostureReport {
  const judged = judge(checks, facts)
  const categories = new Map<string, string>([
    ...checks.map(({ id, category }) => [id, category] as const),
    ...HOST_CHECKS.map(({ id }) => [id, 'hosts'] as const),
  ])
  const all = inOrder([...findingsOf(judged), ...more])
  const report = (one: PostureFinding): ReportedFinding => ({
    ...one,
    category: categories.get(one.id) ?? one.id.split('.')[0] ?? '',
    docs: categories.has(one.id) ? docsOf(one.id) : PAGE,
    fingerprint: postureFingerprint(one),
  })
  const today = new Date(facts.now).toISOString().slice(0, 10)
  const { open, accepted, idle } = acceptedBy(baseline ?? { version: 1, findings: [] }, all, today)
  const unknown = judged.flatMap(({ check: { id, title }, outcome }) =>
    outcome.state === 'unknown' ? [{ id, title, why: outcome.why, hides: outcome.hides }] : [],
  )
  return {
    findings: open.map(report),
    summary: summaryOf(open),
    score: healthScore(open.map(({ severity }) => severity)).score,
    accepted: accepted.map(({ finding, entry: { by, reason, expires } }) => ({
      ...report(finding),
      by,
      reason,
      expires,
    })),
    idle: idle.map(({ entry: { id, subject }, why }) => ({ id, subject, why: WHY_IDLE[why] ?? why })),
    unknown,
    fine: judged.flatMap(({ check: { id, title }, outcome }) =>
      outcome.state === 'fine' ? [{ id, title, proof: outcome.proof }] : [],
    ),
    complete: unknown.every(({ hides }) => !hides),
    surface: surfaceOf(facts),
  }
}
