import type { LogRecord, RecordKind } from '@sallyport/core'
import type { Metrics } from './registry.ts'

type Reader = (record: LogRecord, metrics: Metrics) => void

const NAME = /^[a-z][a-z0-9._-]{0,63}$/
const CODE = /^SP_[A-Z_]{1,60}$/
const SEVERITIES = new Set(['critical', 'high', 'medium', 'low', 'info'])

const text = (record: LogRecord, member: string): string => {
  const value = record[member]
  return typeof value === 'string' ? value : ''
}
/** A word of ours, or `other`: what a member holds that outsiders can write is no label. */
const word = (value: string, shape = NAME): string => (shape.test(value) ? value : 'other')
const severityOf = (record: LogRecord): string => {
  const severity = text(record, 'severity')
  return SEVERITIES.has(severity) ? severity : 'other'
}
const seconds = (record: LogRecord, member: string): number | undefined => {
  const ms = record[member]
  return typeof ms === 'number' ? ms / 1000 : undefined
}

/** What confined a call: `bubblewrap: tool` is `bubblewrap`. */
const sandboxOf = (confinement: string): string =>
  confinement === '' ? 'unknown' : word(confinement.split(':')[0] ?? '')

/** What of an identity record tells that somebody proved who they are, or could not. */
const AUTHENTICATIONS: Readonly<Record<string, string>> = {
  'session.opened': 'success',
  'operator.decided': 'success',
  'operator.enrolled': 'success',
  'presence.failed': 'failure',
  'presence.locked': 'locked',
  'presence.refused': 'refused',
  'sign-in': 'success',
  'sign-in.failed': 'failure',
  'sign-in.locked': 'locked',
}

/** Alerts about what a call carries → where it stood. */
const PLACES_OF_FINDINGS: ReadonlyMap<string, string> = new Map([
  ['content.gate', 'arguments'],
  ['content.code', 'code'],
  ['content.result', 'result'],
])

function authentication(metrics: Metrics, what: string): void {
  const result = AUTHENTICATIONS[what]
  if (result !== undefined) metrics.add('authAttempts', { result })
}

function refusal(record: LogRecord, metrics: Metrics): void {
  const code = word(text(record, 'code'), CODE)
  if (code.startsWith('SP_AUTHN_')) metrics.add('authAttempts', { result: 'failure' })
  metrics.add('violations', { type: code })
}

const READERS: Readonly<Record<RecordKind, Reader | undefined>> = {
  decision(record, metrics) {
    const decision = word(text(record, 'policyDecision'))
    metrics.add('decisions', { decision, enforcement: word(text(record, 'enforcement')) })
    const took = seconds(record, 'decidedMs')
    if (took !== undefined) metrics.observe('decisionTime', { decision }, took)
    if (decision === 'denied') metrics.add('violations', { type: word(text(record, 'code'), CODE) })
  },
  outcome(record, metrics) {
    const outcome = word(text(record, 'outcome'))
    const took = seconds(record, 'durationMs')
    if (took !== undefined) metrics.observe('callTime', { outcome }, took)
    const added = seconds(record, 'addedMs')
    if (added !== undefined) metrics.observe('addedTime', {}, added)
    if (typeof record['redactions'] === 'number') metrics.add('redactions', {}, record['redactions'])
    if (outcome === 'not_executed') return
    // only what is registered is carried out: an agent cannot make up names here
    const sandbox = sandboxOf(text(record, 'confinement'))
    metrics.add('executions', { tool: text(record, 'toolName'), sandbox, outcome })
  },
  refusal,
  'approval.requested'(record, metrics) {
    const demand = record['demand'] as { readonly severity?: unknown } | undefined
    const severity = typeof demand?.severity === 'string' ? demand.severity : ''
    metrics.add('asked', { severity: word(severity) })
  },
  'approval.resolved'(record, metrics) {
    metrics.add('answered', { resolution: word(text(record, 'resolution')) })
  },
  identity(record, metrics) {
    authentication(metrics, text(record, 'event'))
  },
  alert(record, metrics) {
    const name = text(record, 'name')
    metrics.add('alerts', { name: word(name), severity: severityOf(record) })
    authentication(metrics, name)
    const where = PLACES_OF_FINDINGS.get(name)
    if (where !== undefined) metrics.add('findingsInContent', { where, severity: severityOf(record) })
  },
  egress(record, metrics) {
    const reason = text(record, 'reason')
    metrics.add('egress', { verdict: word(text(record, 'verdict')), reason: reason === '' ? 'none' : word(reason) })
  },
  credential(record, metrics) {
    const { success } = record as { success?: unknown }
    metrics.add('credentials', { operation: word(text(record, 'operation')), success: String(success === true) })
  },
  policy(record, metrics) {
    metrics.add('policyChanges', { action: word(text(record, 'action')), valid: String(record['valid'] !== false) })
  },
  release: undefined,
  tool: undefined,
  gateway: undefined,
}

/** Counts what a record says (AC-7.4.1). Never throws: the log does not wait for its figures. */
export function countRecord(record: LogRecord, metrics: Metrics): void {
  try {
    metrics.add('records', { kind: word(record.kind) })
    READERS[record.kind]?.(record, metrics)
  } catch {
    metrics.add('trouble', { part: 'record' })
  }
}
