import type { PostureSeverity } from '@sallyport/core'

const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}
const RIGHTS: Readonly<Record<'U' | 'C', Readonly<Record<string, number>>>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
}

/** Base score of a CVSS 3 vector, 0 to 10 (FIRST, CVSS v3.1 §7.1). @returns undefined for any other text */
export function cvssBase(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector)) return undefined
  const parts = new Map(vector.split('/').map((part) => part.split(':') as [string, string]))
  const weight = (name: string): number => WEIGHTS[name]?.[parts.get(name) ?? ''] ?? Number.NaN
  const scope = parts.get('S') === 'C' ? 'C' : 'U'
  const rights = RIGHTS[scope][parts.get('PR') ?? ''] ?? Number.NaN
  const open = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'))
  const impact = scope === 'C' ? 7.52 * (open - 0.029) - 3.25 * (open - 0.02) ** 15 : 6.42 * open
  const ease = 8.22 * weight('AV') * weight('AC') * rights * weight('UI')
  if (Number.isNaN(impact + ease) || !/\/S:[UC](?:\/|$)/.test(vector)) return undefined
  if (impact <= 0) return 0
  return roundedUp(Math.min((scope === 'C' ? 1.08 : 1) * (impact + ease), 10))
}

/** To one decimal, up (Appendix A). */
function roundedUp(score: number): number {
  const whole = Math.round(score * 100_000)
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10
}

/** The qualitative rating of a vector. @returns undefined for what is no vector of CVSS 3 */
export function cvssSeverity(vector: string): PostureSeverity | undefined {
  const score = cvssBase(vector)
  if (score === undefined) return undefined
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  if (score >= 4) return 'medium'
  return score > 0 ? 'low' : 'info'
}
