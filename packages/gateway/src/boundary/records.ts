import type {
  CallOutcome,
  CallRecord,
  Decision,
  ErrorCode,
  Json,
  JsonObject,
  LogRecord,
  PolicyDecision,
  RecordKind,
  RegisteredTool,
} from '@sallyport/core'
import type { ReasoningContext } from './contexts.ts'
import type { Caller, Enforcement, Ingress } from './ports.ts'

/** What is known of a call when a record about it is written; later steps know more. */
export interface CallFacts {
  readonly auditId: string
  readonly requestId: string
  readonly caller: Caller
  readonly reasoning: ReasoningContext
  readonly sessionId: string
  readonly server: string
  readonly toolName: string
  readonly enforcement: Enforcement
  readonly tool: RegisteredTool | undefined
  /** Redacted arguments; null where they could not be read. */
  readonly parameters: Json
  readonly parameterHash: string
  readonly trust: string
}

const WORDS: Record<Decision['outcome'], PolicyDecision> = {
  allow: 'allowed',
  deny: 'denied',
  ask: 'approval_required',
}

/** Elevated tools that were let through are written as such (ND-1.2.a). */
export function policyWord(decision: Decision, tool: RegisteredTool): PolicyDecision {
  return decision.outcome === 'allow' && tool.elevated ? 'elevated' : WORDS[decision.outcome]
}

/** A record about a call (ND-1.2.a, E-14). `extra` holds what only this kind has. */
export function callRecord(
  kind: RecordKind,
  call: CallFacts,
  timestamp: string,
  decision: {
    readonly policyDecision: PolicyDecision
    readonly policyRule: readonly string[]
    readonly bundle: string
  },
  extra: JsonObject = {},
): LogRecord {
  const { caller } = call
  const record: CallRecord = {
    kind,
    auditId: call.auditId,
    timestamp,
    level: decision.policyDecision === 'denied' ? 'warn' : 'info',
    toolName: call.tool?.id ?? `${call.server}.${call.toolName}`.slice(0, 200),
    toolCategory: call.tool?.annotation.groups[0] ?? 'group:unclassified',
    effect: call.tool?.annotation.effect ?? 'external',
    ...(call.tool === undefined ? {} : { effect: call.tool.annotation.effect }),
    sessionId: call.sessionId,
    requestId: call.requestId.slice(0, 200),
    actor: [...caller.principal.chain, caller.principal.id].join(' > '),
    agentId: caller.principal.id,
    instance: caller.principal.instance,
    surface: caller.surface,
    ingress: caller.ingress,
    sessionHint: call.reasoning.conversation,
    purpose: call.reasoning.purpose,
    trust: call.trust,
    enforcement: call.enforcement,
    policyDecision: decision.policyDecision,
    policyRule: decision.policyRule,
    bundle: decision.bundle,
    parameters: call.parameters,
    parameterHash: call.parameterHash,
    ...extra,
  }
  return record as unknown as LogRecord
}

/** The record of how a call ended (E-13). */
export interface Ending {
  readonly outcome: CallOutcome
  readonly durationMs: number
  readonly code?: ErrorCode
  readonly resultDigest?: string
  readonly redactions?: number
  readonly confinement?: string
  readonly labels?: JsonObject
}

export function outcomeRecord(call: CallFacts, timestamp: string, ending: Ending): LogRecord {
  const { code, resultDigest, redactions, confinement, labels } = ending
  return {
    kind: 'outcome',
    auditId: call.auditId,
    timestamp,
    level: ending.outcome === 'success' ? 'info' : 'warn',
    toolName: call.tool?.id ?? `${call.server}.${call.toolName}`.slice(0, 200),
    sessionId: call.sessionId,
    agentId: call.caller.principal.id,
    outcome: ending.outcome,
    durationMs: Math.round(ending.durationMs * 1000) / 1000,
    ...(code === undefined ? {} : { errorType: code }),
    ...(resultDigest === undefined ? {} : { resultDigest }),
    ...(redactions === undefined ? {} : { redactions }),
    ...(confinement === undefined ? {} : { confinement }),
    ...(labels === undefined ? {} : { labels }),
  }
}

/** Something that was refused before it was a call (T-170). */
export function refusalRecord(
  auditId: string,
  timestamp: string,
  caller: Caller | undefined,
  what: { readonly code: ErrorCode; readonly reason: string; readonly ingress: Ingress },
): LogRecord {
  return {
    kind: 'refusal',
    auditId,
    timestamp,
    level: 'warn',
    agentId: caller?.principal.id ?? '',
    ingress: what.ingress,
    code: what.code,
    reason: what.reason.slice(0, 500),
  }
}
