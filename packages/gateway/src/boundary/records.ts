import {
  severityRank,
  type CallOutcome,
  type CallRecord,
  type Decision,
  type ErrorCode,
  type FlowAssessment,
  type Json,
  type JsonObject,
  type LogRecord,
  type PolicyDecision,
  type RecordKind,
  type Redacted,
  type RegisteredTool,
  type Severity,
} from '@sallyport/core'
import type { ReasoningContext } from './contexts.ts'
import type { Caller, Enforcement, GateFinding, GateReport, Ingress, Inspected } from './ports.ts'

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

/** Members that only some records of a call have. */
export interface CallExtra {
  readonly approvalId?: string
  readonly code?: ErrorCode
  /** From arrival to decision, ms. */
  readonly decidedMs?: number
  readonly evidence?: string
  /** What policy was told; see `judgedRecord`. */
  readonly judged?: JsonObject | undefined
  readonly labels?: JsonObject
  readonly origins?: Json
  readonly outcome?: CallOutcome
  readonly reason?: string
  readonly severity?: string
  readonly tokenId?: string
}

/**
 * A record about a call (ND-1.2.a, E-14). Members are in canonical order and absent ones undefined: such a record is encoded as
 * it is, without being copied first.
 */
export function callRecord(
  kind: RecordKind,
  call: CallFacts,
  timestamp: string,
  decision: {
    readonly policyDecision: PolicyDecision
    readonly policyRule: readonly string[]
    readonly bundle: string
  },
  extra: CallExtra = {},
): LogRecord {
  const { caller, tool } = call
  const { principal } = caller
  const record: WithAbsent<CallRecord> = {
    actor: principal.chain.length === 0 ? principal.id : [...principal.chain, principal.id].join(' > '),
    agentId: principal.id,
    approvalId: extra.approvalId,
    auditId: call.auditId,
    bundle: decision.bundle,
    code: extra.code,
    decidedMs: extra.decidedMs === undefined ? undefined : rounded(extra.decidedMs),
    effect: tool?.annotation.effect ?? 'external',
    enforcement: call.enforcement,
    evidence: extra.evidence,
    ingress: caller.ingress,
    instance: principal.instance,
    judged: extra.judged,
    kind,
    labels: extra.labels,
    level: decision.policyDecision === 'denied' ? 'warn' : 'info',
    origins: extra.origins,
    outcome: extra.outcome,
    parameterHash: call.parameterHash,
    parameters: call.parameters,
    policyDecision: decision.policyDecision,
    policyRule: decision.policyRule,
    purpose: call.reasoning.purpose,
    reason: extra.reason,
    requestId: call.requestId.slice(0, 200),
    sessionHint: call.reasoning.conversation,
    sessionId: call.sessionId,
    severity: extra.severity,
    surface: caller.surface,
    timestamp,
    tokenId: extra.tokenId,
    toolCategory: tool?.annotation.groups[0] ?? 'group:unclassified',
    toolName: nameOf(call),
    trust: call.trust,
  }
  return record as unknown as LogRecord
}

/** Most arguments whose origin a record tells, and most tools for each. */
const MOST_ORIGINS = 16
const MOST_SOURCES = 4

/** Where arguments came from that something besides the model explains, for the story of a session; their values are in `parameters`. */
export function originsMember({ leaves }: FlowAssessment): { readonly origins?: Json } {
  const told = leaves.filter(({ origin, role }) => origin !== 'model' && role !== 'param').slice(0, MOST_ORIGINS)
  if (told.length === 0) return {}
  const origins = told.map(({ path, role, origin, from }) => ({
    from: from.slice(0, MOST_SOURCES),
    origin,
    path,
    role,
  }))
  return { origins }
}

/** All members, absent ones undefined. */
type WithAbsent<T> = { readonly [K in keyof T]: T[K] | undefined } & Readonly<Record<string, unknown>>

const nameOf = ({ tool, server, toolName }: CallFacts): string => tool?.id ?? `${server}.${toolName}`.slice(0, 200)

/** The record of how a call ended (E-13). */
export interface Ending {
  readonly outcome: CallOutcome
  readonly durationMs: number
  /** Part of it that was not the server's; only where nobody was asked. */
  readonly addedMs?: number
  readonly code?: ErrorCode
  readonly resultDigest?: string
  /** Characters of the result as the agent got it; its text is not kept. */
  readonly resultSize?: number
  readonly redactions?: number
  readonly redacted?: readonly Redacted[]
  readonly inspection?: JsonObject
  readonly confinement?: string
  readonly labels?: JsonObject
}

/** Most redactions that a record tells of one by one; their count is always there. */
const MOST_TOLD = 64

/** What inspection came to, as members of an ending (AC-3.5.4); what it did not do leaves none. */
export function inspectionOf(seen: Inspected, before: string): Partial<Ending> {
  const { digest: resultDigest, redactions, redacted, findings, wrapped, resultText } = seen
  const noted = findings.length > 0 || wrapped > 0
  const inspection = {
    action: seen.suspicious ? 'noticed' : wrapped > 0 ? 'wrapped' : 'none',
    findings: findings.slice(0, MOST_TOLD) as unknown as Json,
    sizeAfter: resultText.length,
    sizeBefore: before.length,
    wrapped,
  }
  return {
    resultDigest,
    resultSize: resultText.length,
    redactions,
    ...redactedMember(redacted),
    ...(noted ? { inspection } : {}),
  }
}

/** A result that tries to steer the agent (AC-3.1.3). */
export function resultAlert(call: CallFacts, timestamp: string, findings: readonly GateFinding[]): LogRecord {
  return {
    kind: 'alert',
    auditId: call.auditId,
    timestamp,
    level: 'warn',
    name: 'content.result',
    severity: findings[0]?.severity ?? 'medium',
    message: 'A result holds text that tries to steer the agent. It was handed on with a notice.',
    toolName: nameOf(call),
    sessionId: call.sessionId,
    agentId: call.caller.principal.id,
    instance: call.caller.principal.instance,
    findings: findings.slice(0, MOST_TOLD) as unknown as Json,
  }
}

/** The member of an ending that says what was redacted; none when nothing was. */
const redactedMember = (redacted: readonly Redacted[] | undefined): { readonly redacted?: readonly Redacted[] } =>
  redacted === undefined || redacted.length === 0 ? {} : { redacted: redacted.slice(0, MOST_TOLD) }

/** In canonical order, like `callRecord`. */
export function outcomeRecord(call: CallFacts, timestamp: string, ending: Ending): LogRecord {
  return {
    addedMs: ending.addedMs === undefined ? undefined : rounded(ending.addedMs),
    agentId: call.caller.principal.id,
    auditId: call.auditId,
    confinement: ending.confinement,
    durationMs: rounded(ending.durationMs),
    errorType: ending.code,
    inspection: ending.inspection,
    kind: 'outcome',
    labels: ending.labels,
    level: ending.outcome === 'success' ? 'info' : 'warn',
    outcome: ending.outcome,
    redacted: ending.redacted,
    redactions: ending.redactions,
    resultDigest: ending.resultDigest,
    resultSize: ending.resultSize,
    sessionId: call.sessionId,
    timestamp,
    toolName: nameOf(call),
  } as unknown as LogRecord
}

/** To a microsecond. */
const rounded = (ms: number): number => Math.max(0, Math.round(ms * 1000) / 1000)

const GATE_MESSAGES = {
  'content.gate': 'The arguments of a call hold text that tries to steer an assistant, or hides something.',
  'content.code': 'Code that a call would write or run was objected to, or was not scanned.',
} as const

/** What the content gate found and did (AC-3.2.3): the alert and the audit trail of a bypass in one. */
export function gateRecord(
  call: CallFacts,
  timestamp: string,
  report: GateReport,
  about: keyof typeof GATE_MESSAGES = 'content.gate',
): LogRecord {
  const worst = report.findings.reduce<Severity>(
    (most, { severity }) => (severityRank(severity) > severityRank(most) ? severity : most),
    'info',
  )
  const full = report.auditLevel === 'full'
  return {
    kind: 'alert',
    auditId: call.auditId,
    timestamp,
    level: report.action === 'allow' ? 'info' : 'warn',
    name: about,
    severity: worst,
    message: GATE_MESSAGES[about],
    toolName: nameOf(call),
    sessionId: call.sessionId,
    sessionHint: call.reasoning.conversation,
    agentId: call.caller.principal.id,
    instance: call.caller.principal.instance,
    action: report.action,
    findings: (full ? report.findings : report.findings.slice(0, 1)) as unknown as Json,
    parameterHash: call.parameterHash,
    // the decision has them too, and files are long
    ...(full && about === 'content.gate' ? { parameters: call.parameters } : {}),
    ...(report.bypass === undefined ? {} : { bypass: report.bypass }),
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
