import type { LogRecord, RecordKind } from '../audit/record.ts'
import { alertSeverity, type AlertSeverity, type Signal } from './alert.ts'
import { clip, excerpt } from './clip.ts'
import { SENTENCES } from './sentences.ts'

/** What an operator may set about single records. */
export interface SignalRules {
  /** Denied calls raise alerts (`tools.policy.alertOnDeny`, ND-5.2.a). */
  readonly onDeny: boolean
  /** Baits: nobody has a reason to touch them. */
  readonly canaries: {
    readonly tools: readonly string[]
    readonly credentials: readonly string[]
    readonly hosts: readonly string[]
  }
}

type Said = Pick<Signal, 'name' | 'severity' | 'sentence'> & Partial<Pick<Signal, 'subject'>>

/** What an alert record is about, by the first of these that it has. */
const ABOUT = ['toolName', 'operator', 'who', 'address', 'approvalId', 'message'] as const

/** What a record says of itself. Records that are not here say nothing, and cost one look-up. */
const READERS: { readonly [K in RecordKind]?: (record: LogRecord, rules: SignalRules) => Said | undefined } = {
  refusal: (record) => crossed(record, 'a way in that is not for its surface'),
  decision: (record, { onDeny }) => {
    const across = crossed(record, text(record, 'toolName'))
    if (across !== undefined) return across
    if (record['policyDecision'] !== 'denied' || !onDeny) return undefined
    const reason = text(record, 'reason') || text(record, 'code')
    return {
      name: 'call.denied',
      severity: alertSeverity(record['severity']),
      sentence: `${who(record)} tried ${text(record, 'toolName')} and was denied${reason === '' ? '.' : `: ${reason}`}`,
    }
  },
  alert: (record) => ({
    name: text(record, 'name') || text(record, 'event') || 'alert',
    severity: alertSeverity(record['severity']),
    sentence: text(record, 'message') || text(record, 'detail') || spoken(record),
    subject: ABOUT.map((member) => text(record, member)).find((value) => value !== '') ?? '',
  }),
  tool: (record) =>
    record['change'] === 'tool.drifted'
      ? {
          name: 'tool.drifted',
          severity: 'high',
          sentence: `The definition of ${text(record, 'toolName')} changed after it was pinned.`,
        }
      : undefined,
  egress: (record) =>
    record['verdict'] === 'allowed'
      ? undefined
      : {
          name: 'egress.refused',
          severity: 'low',
          sentence: `A connection to ${text(record, 'target')} from ${text(record, 'sandbox')} was refused.`,
          subject: text(record, 'sandbox'),
        },
}

/**
 * What one record tells (AC-5.2.1, AC-5.2.3). Records that alerts were written for, and those that alerts wrote, tell nothing.
 * Pure.
 */
export function signalsOf(record: LogRecord, rules: SignalRules): readonly Signal[] {
  if (record['alertId'] !== undefined) return NONE
  const read = READERS[record.kind]
  const bait = rules.canaries
  const hit = CANARY_OF[record.kind]?.(record, bait)
  if (read === undefined && hit === undefined) return NONE
  const said = read?.(record, rules)
  return [...(hit === undefined ? [] : [signal(record, canary(record, hit))]), ...(said ? [signal(record, said)] : [])]
}

/** Whoever tries what another surface is for looks for a way across: told at once (HB-83, T-173). */
const crossed = (record: LogRecord, what: string): Said | undefined =>
  record['code'] === 'SP_SURFACE_SCOPE'
    ? { name: 'surface.crossed', severity: 'critical', sentence: `${who(record)} tried ${what} and was refused.` }
    : undefined

const NONE: readonly Signal[] = Object.freeze([])

const CANARY_OF: {
  readonly [K in RecordKind]?: (record: LogRecord, baits: SignalRules['canaries']) => string | undefined
} = {
  decision: (record, { tools }) => found(tools, text(record, 'toolName')),
  credential: (record, { credentials }) =>
    record['operation'] === 'use' || record['success'] === false
      ? found(credentials, text(record, 'credential'))
      : undefined,
  egress: (record, { hosts }) => found(hosts, text(record, 'target').replace(/:\d+$/, '')),
}

const found = (baits: readonly string[], name: string): string | undefined => baits.find((bait) => bait === name)

const canary = (record: LogRecord, bait: string): Said => ({
  name: 'canary.hit',
  severity: 'critical',
  sentence: `${who(record)} touched the bait ${bait}, which nobody has a reason to use.`,
  subject: bait,
})

/** The signal of a record, with its subject and everything sinks may see of it. */
export function signal(record: LogRecord, said: Said): Signal {
  return {
    name: clip(said.name, 80),
    severity: said.severity,
    sentence: clip(said.sentence, 500),
    agent: clip(text(record, 'agentId') || text(record, 'requestingIdentity'), 200),
    instance: clip(text(record, 'instance'), 200),
    session: clip(text(record, 'sessionId'), 200),
    tool: clip(text(record, 'toolName'), 200),
    subject: clip(said.subject ?? text(record, 'toolName'), 200),
    cause: excerpt(record),
  }
}

/** A signal that has no record of its own. */
export function plainSignal(name: string, severity: AlertSeverity, sentence: string): Signal {
  const nobody = { agent: '', instance: '', session: '', tool: '' }
  return { name, severity, sentence: clip(sentence, 500), ...nobody, subject: '', cause: {} }
}

export const text = (record: Readonly<Record<string, unknown>>, name: string): string => {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

const who = (record: LogRecord): string =>
  text(record, 'agentId') || text(record, 'requestingIdentity') || text(record, 'sandbox') || 'Somebody'

/** For records that have a name and no sentence. */
function spoken(record: LogRecord): string {
  const name = text(record, 'name') || text(record, 'event') || 'alert'
  const known = SENTENCES.get(name)
  if (known !== undefined) return known((member) => text(record, member).replace(/^operator:/, '') || 'somebody')
  const about = ['operator', 'agentId', 'toolName', 'approvalId', 'reason', 'source']
    .map((member) => text(record, member))
    .filter((value) => value !== '')
  return about.length === 0 ? name : `${name}: ${about.join(', ')}`
}
