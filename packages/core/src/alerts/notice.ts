import type { JsonObject } from '../json/types.ts'
import type { Alert, AlertSeverity } from './alert.ts'
import { text } from './signals.ts'

/** What sinks get: one alert as it was when it was told. */
export interface Notice {
  /** The same for every try: who gets it twice can tell. */
  readonly id: string
  readonly why: 'new' | 'worse' | 'again' | 'test'
  /** ms since 1970. */
  readonly at: number
  readonly alert: NoticeAlert
}

export interface NoticeAlert {
  readonly id: string
  readonly name: string
  readonly severity: AlertSeverity
  readonly sentence: string
  readonly agent: string
  readonly session: string
  readonly tool: string
  readonly count: number
  readonly first: number
  readonly last: number
  /** Of the newest record. */
  readonly auditId: string
  readonly rules: readonly string[]
  readonly code: string
  readonly reason: string
  /** Redacted arguments as JSON text, cut with their digest when long (AC-5.2.1). */
  readonly parameters: string
}

export function noticeOf(id: string, why: Notice['why'], alert: Alert, now: number): Notice {
  const { name, severity, sentence, agent, session, tool, count, first, last, cause } = alert
  const rules = cause['policyRule']
  const seen = { id: alert.id, name, severity, sentence, agent, session, tool, count, first, last }
  const told = {
    auditId: text(cause, 'auditId'),
    rules: Array.isArray(rules) ? rules.map(String) : [],
    code: text(cause, 'code'),
    reason: text(cause, 'reason'),
    parameters: text(cause, 'parameters'),
  }
  return { id, why, at: now, alert: { ...seen, ...told } }
}

/** The body of webhooks: fixed names, times in ISO 8601, everything that was chosen by others is a value. */
export function noticeJson({ id, why, at, alert }: Notice): JsonObject {
  const { first, last, rules, ...rest } = alert
  const iso = (ms: number): string => new Date(ms).toISOString()
  const dated = { ...rest, rules: [...rules], first: iso(first), last: iso(last) }
  return { type: 'alert', notice: id, why, sentAt: iso(at), alert: dated }
}
