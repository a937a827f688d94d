import { isJsonObject, type Json, type JsonObject } from '../../json/types.ts'

/** What a log can be searched by. */
export const LOG_FIELDS = Object.freeze([
  ...['kind', 'decision', 'agent', 'tool', 'session', 'rule', 'person', 'integrity', 'confidentiality'],
  ...['effect', 'outcome', 'id'],
] as const)
export type LogField =
  | 'kind'
  | 'decision'
  | 'agent'
  | 'tool'
  | 'session'
  | 'rule'
  | 'person'
  | 'integrity'
  | 'confidentiality'
  | 'effect'
  | 'outcome'
  | 'id'

/** Values of a record by field; a field without values is absent. */
export type Facets = Readonly<Partial<Record<LogField, readonly string[]>>>

/** Words for labels, worst first (integrity) and least first (confidentiality). */
export const INTEGRITY_WORDS = Object.freeze(['hostile', 'untrusted', 'semi-trusted', 'trusted'] as const)
export const CONFIDENTIALITY_WORDS = Object.freeze(['public', 'internal', 'confidential', 'secret'] as const)

/** What the log calls a decision, and what people call it. */
const DECISION_WORDS: Readonly<Record<string, string>> = {
  allowed: 'allowed',
  elevated: 'elevated',
  denied: 'denied',
  approval_required: 'asked',
}
const VERDICT_WORDS: Readonly<Record<string, string>> = {
  allow: 'allowed',
  allowed: 'allowed',
  deny: 'denied',
  denied: 'denied',
}

/** Most values of one field that count. */
const MOST_VALUES = 8

/** What a record is found by. Reads the record itself, never a column beside it. */
export function facetsOf(record: JsonObject): Facets {
  const one = (name: string): readonly string[] | undefined => nonEmpty([record[name]])
  const labels = isJsonObject(record['labels']) ? record['labels'] : {}
  const facets: Partial<Record<LogField, readonly string[] | undefined>> = {
    kind: one('kind'),
    decision: decisionOf(record),
    agent: one('agentId'),
    tool: one('toolName'),
    session: one('sessionId'),
    rule: nonEmpty(Array.isArray(record['policyRule']) ? (record['policyRule'] as readonly Json[]) : [record['rule']]),
    person: personOf(record),
    integrity: nonEmpty([INTEGRITY_WORDS[Number(labels['integrity'] ?? -1)]]),
    confidentiality: nonEmpty([CONFIDENTIALITY_WORDS[Number(labels['confidentiality'] ?? -1)]]),
    effect: one('effect'),
    outcome: one('outcome'),
    id: one('auditId'),
  }
  return facets as Facets
}

/** The decision in the words of the console: only records that are one have it. */
function decisionOf(record: JsonObject): readonly string[] | undefined {
  const text = (name: string): string => (typeof record[name] === 'string' ? record[name] : '')
  switch (record['kind']) {
    case 'decision':
      return nonEmpty([DECISION_WORDS[text('policyDecision')]])
    case 'release':
      return ['approved']
    case 'refusal':
      return ['denied']
    case 'egress':
      return nonEmpty([VERDICT_WORDS[text('verdict')]])
    default:
      return undefined
  }
}

/** People have part in a record that they decided, or that says whose act it was. */
function personOf(record: JsonObject): readonly string[] | undefined {
  const { agentId, decidedBy, operator, actor } = record
  const acted = typeof actor === 'string' && actor.startsWith('operator:') && actor !== agentId ? actor : undefined
  return nonEmpty([decidedBy, operator, acted])
}

function nonEmpty(values: readonly (Json | undefined)[]): readonly string[] | undefined {
  const texts = values.filter((value): value is string => typeof value === 'string' && value !== '')
  return texts.length === 0 ? undefined : [...new Set(texts)].slice(0, MOST_VALUES)
}
