import type { Severity } from '../policy/decision.ts'

/** Points that one finding costs (ND-7.4.a). */
export const HEALTH_COST: Readonly<Record<Severity, number>> = Object.freeze({
  critical: 40,
  high: 25,
  medium: 10,
  low: 5,
  info: 0,
})

/** Highest score while there is a finding of that severity (E-73). */
export const HEALTH_CAP: Readonly<Partial<Record<Severity, number>>> = Object.freeze({ critical: 39, high: 69 })

export interface HealthScore {
  /** 0 to 100. */
  readonly score: number
  /** What the score cannot go above before something grave is mended; 100 where nothing is. */
  readonly cap: number
}

/** max(0, 100 − Σ weights), and never above the cap of the worst finding (ND-7.4.a, E-73). */
export function healthScore(severities: readonly Severity[]): HealthScore {
  const cap = Math.min(100, ...severities.map((severity) => HEALTH_CAP[severity] ?? 100))
  const left = severities.reduce((points, severity) => points - HEALTH_COST[severity], 100)
  return { score: Math.max(0, Math.min(cap, left)), cap }
}
