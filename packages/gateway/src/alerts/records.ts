import type { Alert, Json, JsonObject, LogRecord, Signal } from '@sallyport/core'

interface Stamp {
  readonly auditId: string
  readonly timestamp: string
}

/** Members of the causing record that the record of an alert repeats (AC-5.2.1, AC-5.2.3). */
const REPEATED = ['instance', 'policyRule', 'code', 'reason', 'parameters', 'parameterHash', 'trust', 'labels'] as const

/** The record of an alert: structured, under the audit id of what caused it. `alertId` keeps it from raising alerts itself. */
export function alertRecord(signal: Signal, alert: Alert, cause: JsonObject): JsonObject {
  const { name, severity, sentence, agent, session, tool } = signal
  const repeated = REPEATED.flatMap((member) => {
    const value = cause[member]
    return value === undefined ? [] : [[member, value] as const]
  })
  return {
    ...{ kind: 'alert', auditId: cause['auditId'] ?? '', timestamp: cause['timestamp'] ?? '', level: 'warn' },
    ...{ name, severity, message: sentence, alertId: alert.id, count: alert.count },
    ...{ toolName: tool, sessionId: session, agentId: agent },
    ...Object.fromEntries(repeated),
  }
}

/** Stands for those of a flood that have no record of their own. */
export const aggregateRecord = (alert: Alert, withheld: number, stamp: Stamp): LogRecord =>
  ({
    ...{ kind: 'alert', ...stamp, level: 'warn', name: alert.name, severity: alert.severity, message: alert.sentence },
    ...{ alertId: alert.id, count: alert.count, aggregated: withheld, agentId: alert.agent, toolName: alert.tool },
    ...{ first: alert.first, last: alert.last },
  }) as LogRecord

/** What somebody did with alerts. */
export const noteRecord = (
  event: string,
  actor: string,
  stamp: Stamp,
  body: Record<string, Json | undefined>,
): LogRecord =>
  ({
    ...{ kind: 'gateway', ...stamp, level: 'info', event, actor },
    ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
  }) as LogRecord
