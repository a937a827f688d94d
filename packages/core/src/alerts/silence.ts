import type { Alert } from './alert.ts'

/** What a silence hides. All members that are there have to fit; at least one is. */
export interface SilenceMatcher {
  readonly name?: string | undefined
  readonly agent?: string | undefined
  readonly tool?: string | undefined
}

export interface Silence {
  readonly id: string
  readonly matcher: SilenceMatcher
  /** ms since 1970. */
  readonly from: number
  readonly until: number
  readonly reason: string
  readonly by: string
}

/** Longest a silence may last, ms. */
export const LONGEST_SILENCE = 30 * 86_400_000

type Matched = Pick<Alert, 'name' | 'agent' | 'tool' | 'severity'>

/** Critical alerts are never hidden, whatever the silence says (T-175). */
export function silences({ matcher }: Pick<Silence, 'matcher'>, alert: Matched): boolean {
  if (alert.severity === 'critical') return false
  const wanted = (['name', 'agent', 'tool'] as const).filter((member) => matcher[member] !== undefined)
  return wanted.length > 0 && wanted.every((member) => matcher[member] === alert[member])
}

/** The silence that hides this alert at this time. */
export const silenceOf = (alert: Matched, all: Iterable<Silence>, now: number): Silence | undefined => {
  for (const each of all) if (each.until > now && silences(each, alert)) return each
  return undefined
}
