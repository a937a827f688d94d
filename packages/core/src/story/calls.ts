import { isJsonObject, type JsonObject } from '../json/types.ts'

/** A record of a session with its place in it. */
export interface StoryRecord {
  readonly stream: string
  readonly seq: number
  readonly record: JsonObject
}

/** What became of a call. */
export type CallState = 'allowed' | 'denied' | 'waiting' | 'approved' | 'refused' | 'expired' | 'failed'

/** All records of one call. */
export interface StoryCall {
  readonly id: string
  /** `stream:seq` of the decision. */
  readonly place: string
  /** Number of its first record within the session, from 1. */
  readonly n: number
  /** ms since 1970. */
  readonly at: number
  readonly tool: string
  readonly effect: string
  readonly decision: JsonObject
  readonly outcome: JsonObject | undefined
  readonly approvalId: string | undefined
  readonly state: CallState
}

interface Parts {
  readonly n: number
  readonly place: string
  readonly decision: JsonObject
  outcome?: JsonObject
  release?: JsonObject
  requested?: JsonObject
  resolved?: JsonObject
}

const text = (record: JsonObject | undefined, name: string): string => {
  const value = record?.[name]
  return typeof value === 'string' ? value : ''
}

/** Calls of a session in the order of their decisions. Records that belong to no call are left out. */
export function callsOf(records: readonly StoryRecord[]): readonly StoryCall[] {
  const calls = new Map<string, Parts>()
  records.forEach(({ record, stream, seq }, index) => {
    const id = text(record, 'auditId')
    if (record['kind'] === 'decision' && !calls.has(id)) {
      calls.set(id, { n: index + 1, place: `${stream}:${seq}`, decision: record })
      return
    }
    const call = calls.get(id)
    if (!call) return
    if (record['kind'] === 'outcome') call.outcome = record
    else if (record['kind'] === 'release') call.release = record
    else if (record['kind'] === 'approval.requested') call.requested = record
    else if (record['kind'] === 'approval.resolved') call.resolved = record
  })
  return [...calls].map(([id, parts]) => {
    const { n, place, decision, outcome } = parts
    const approvalId = text(parts.requested, 'approvalId') || text(decision, 'approvalId')
    return {
      ...{ id, n, place, decision, outcome, state: stateOf(parts) },
      at: Date.parse(text(decision, 'timestamp')),
      tool: text(decision, 'toolName'),
      effect: text(decision, 'effect'),
      approvalId: approvalId === '' ? undefined : approvalId,
    }
  })
}

function stateOf({ decision, outcome, release, resolved }: Parts): CallState {
  const decided = text(decision, 'policyDecision')
  if (decided === 'denied') return 'denied'
  if (decided === 'approval_required' && release === undefined) {
    const resolution = text(resolved, 'resolution')
    if (resolution === 'expire') return 'expired'
    if (resolution !== '' && resolution !== 'approve') return 'refused'
    return outcome === undefined ? 'waiting' : 'refused'
  }
  const ended = text(outcome, 'outcome')
  if (ended !== '' && ended !== 'success') return 'failed'
  return release === undefined ? 'allowed' : 'approved'
}

/** Labels of a session; numbers as in the records. */
export interface Carried {
  readonly integrity: number
  readonly confidentiality: number
}

/** Labels that a record holds, each replaced by what was known before where it says nothing. */
export function labelsOf(record: JsonObject | undefined, before: Carried): Carried {
  const labels = isJsonObject(record?.['labels']) ? record['labels'] : {}
  const { integrity, confidentiality } = labels
  return {
    integrity: typeof integrity === 'number' ? Math.min(integrity, before.integrity) : before.integrity,
    confidentiality:
      typeof confidentiality === 'number' ? Math.max(confidentiality, before.confidentiality) : before.confidentiality,
  }
}
