import type { Json, JsonObject } from '../json/types.ts'

/**
 * Kinds of records in the log (E-13): what was decided and may now happen (`decision`, the durable intent), what happened
 * (`outcome`), what reached out of a sandbox (`egress`), and everything that changes what may happen. New kinds are added, never renamed.
 */
export type RecordKind =
  | 'decision'
  | 'outcome'
  | 'approval.requested'
  | 'approval.resolved'
  | 'release'
  | 'refusal'
  | 'policy'
  | 'identity'
  | 'tool'
  | 'gateway'
  | 'alert'
  | 'egress'
  | 'credential'

export type PolicyDecision = 'allowed' | 'denied' | 'approval_required' | 'elevated'
export type CallOutcome = 'success' | 'failure' | 'timeout' | 'aborted' | 'not_executed'
export type Level = 'info' | 'warn' | 'error'

/** Members every record has. The writer adds stream, sequence number and hashes. */
export interface RecordBase {
  readonly kind: RecordKind
  /** Joins the records of one call (UUID v7). */
  readonly auditId: string
  /** ISO 8601, UTC, milliseconds. */
  readonly timestamp: string
  readonly level: Level
}

/** The call-shaped part of `decision`, `release`, `outcome` and `approval.*` records (ND-1.2.a, E-14). */
export interface CallRecord extends RecordBase {
  readonly toolName: string
  readonly toolCategory: string
  readonly sessionId: string
  readonly requestId: string
  readonly actor: string
  readonly agentId: string
  readonly instance: string
  readonly surface: string
  readonly trust: string
  readonly enforcement: 'gateway' | 'host'
  readonly policyDecision: PolicyDecision
  readonly policyRule: readonly string[]
  readonly bundle: string
  readonly parameters: Json
  readonly parameterHash: string
  readonly [extra: string]: Json
}

export type LogRecord = RecordBase & JsonObject

/** A record as stored: `body` is canonical JSON, `hash` chains over `prev`. */
export interface StoredRecord {
  readonly stream: string
  readonly seq: number
  readonly body: string
  readonly prev: string
  readonly hash: string
}
