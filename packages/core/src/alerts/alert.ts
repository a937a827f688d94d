import type { JsonObject } from '../json/types.ts'

/** How bad it is: `critical` a possible breach, `high` a denial on a sensitive tool, `medium` an ordinary one, `low` to know (ND-5.2.a). */
export type AlertSeverity = 'critical' | 'high' | 'medium' | 'low'
export type AlertState = 'open' | 'taken' | 'resolved'

/** One thing that went wrong, as one record tells it. */
export interface Signal {
  /** `call.denied`, `canary.hit`: what kind of thing. */
  readonly name: string
  readonly severity: AlertSeverity
  /** For people, one sentence. */
  readonly sentence: string
  readonly agent: string
  readonly instance: string
  readonly session: string
  /** Canonical name, `<server>.<tool>`; empty where there is none. */
  readonly tool: string
  /** What makes two signals of the same name and agent one alert. */
  readonly subject: string
  /** What of the record goes along; see `excerpt`. */
  readonly cause: JsonObject
}

/** Where a notice about an alert stands on its way to one sink. */
export interface ChannelState {
  readonly state: 'queued' | 'retrying' | 'sent' | 'dead' | 'dropped'
  /** Number of the notice. */
  readonly notice: number
  /** ms since 1970. */
  readonly at: number
  readonly tries: number
  /** Why it did not arrive, in a few words. */
  readonly error?: string
}

export interface AlertEvent {
  /** ms since 1970. */
  readonly at: number
  readonly event: 'opened' | 'worse' | 'taken' | 'resolved' | 'silenced' | 'notified' | 'failed'
  readonly by?: string
  readonly text?: string
}

/** All signals of one key since the last time somebody resolved it. */
export interface Alert {
  readonly id: string
  readonly key: string
  readonly name: string
  /** The worst of its signals. */
  readonly severity: AlertSeverity
  readonly sentence: string
  readonly agent: string
  readonly instance: string
  readonly session: string
  readonly tool: string
  readonly state: AlertState
  /** Who has it; empty: nobody. */
  readonly holder: string
  readonly count: number
  /** ms since 1970. */
  readonly first: number
  readonly last: number
  /** The newest record that caused it. */
  readonly cause: JsonObject
  readonly timeline: readonly AlertEvent[]
  /** Id of the silence that keeps it from sinks; empty: none. */
  readonly silence: string
  /** Notices so far, when the last one went out (ms since 1970, 0: never), and how many signals it knew of. */
  readonly notices: number
  readonly noticedAt: number
  readonly noticedCount: number
  /** How bad it was then (empty: never told), and the gateway that told it. */
  readonly noticedAs: AlertSeverity | ''
  readonly noticedBy: string
  readonly channels: Readonly<Record<string, ChannelState>>
}

const RANK: Readonly<Record<AlertSeverity, number>> = { low: 0, medium: 1, high: 2, critical: 3 }
export const ALERT_SEVERITIES: readonly AlertSeverity[] = Object.freeze(['critical', 'high', 'medium', 'low'])

export const alertRank = (severity: AlertSeverity): number => RANK[severity]

/** Severities of records; what is only to know is `low`, what is not set `medium` (AC-5.2.2). */
export function alertSeverity(value: unknown): AlertSeverity {
  if (value === 'info') return 'low'
  return ALERT_SEVERITIES.find((severity) => severity === value) ?? 'medium'
}
