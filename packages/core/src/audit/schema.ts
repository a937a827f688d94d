import { isJsonObject, type JsonObject } from '../json/types.ts'
import type { CallOutcome, Level, LogRecord, PolicyDecision, RecordKind } from './record.ts'

const KINDS: readonly RecordKind[] = [
  'decision',
  'outcome',
  'approval.requested',
  'approval.resolved',
  'release',
  'refusal',
  'policy',
  'identity',
  'tool',
  'gateway',
  'alert',
  'egress',
  'credential',
]
const LEVELS: readonly Level[] = ['info', 'warn', 'error']
const DECISIONS: readonly PolicyDecision[] = ['allowed', 'denied', 'approval_required', 'elevated']
const OUTCOMES: readonly CallOutcome[] = ['success', 'failure', 'timeout', 'aborted', 'not_executed']

const TIMESTAMP = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$'

/** Members of a record and their JSON Schema; what is not named here may be there too (kinds grow members). */
const MEMBERS: Readonly<Record<string, JsonObject>> = {
  kind: { enum: KINDS },
  auditId: { type: 'string', minLength: 1, description: 'Joins the records of one call (UUID v7).' },
  timestamp: { type: 'string', pattern: TIMESTAMP, description: 'ISO 8601, UTC, milliseconds.' },
  level: { enum: LEVELS },
  toolName: { type: 'string', description: '`<server>.<tool>`.' },
  toolCategory: { type: 'string', description: 'First group of the tool, e.g. `group:fs`.' },
  effect: { enum: ['read', 'write', 'external'] },
  sessionId: { type: 'string' },
  requestId: { type: 'string' },
  actor: { type: 'string', description: 'Delegation chain, outermost first, joined by ` > `.' },
  agentId: { type: 'string' },
  instance: { type: 'string' },
  surface: { type: 'string' },
  trust: { type: 'string' },
  enforcement: { enum: ['gateway', 'host'] },
  policyDecision: { enum: DECISIONS },
  policyRule: { type: 'array', items: { type: 'string' } },
  bundle: { type: 'string', description: 'Digest of the policy in force.' },
  judged: {
    type: 'object',
    description: 'What policy was told beside arguments and labels, where it differs from an ordinary call.',
  },
  parameters: { description: 'Redacted arguments.' },
  parameterHash: { type: 'string', description: 'Digest of the exact arguments.' },
  outcome: { enum: OUTCOMES },
  decidedMs: { type: 'number', minimum: 0, description: 'From the arrival of the call to the decision, ms.' },
  durationMs: { type: 'number', minimum: 0 },
  addedMs: {
    type: 'number',
    minimum: 0,
    description: 'Part of `durationMs` that was not the server’s, ms; where nobody was asked.',
  },
  errorType: { type: 'string' },
  redactions: { type: 'number', minimum: 0, description: 'How many secrets were taken out of the result.' },
  resultDigest: {
    type: 'string',
    description: 'SHA-256 of the result as the agent got it, hex. Its text is not kept.',
  },
  resultSize: { type: 'number', minimum: 0, description: 'Characters of the result as the agent got it.' },
  tokenId: { type: 'string', description: 'jti of the capability token that authorised the execution.' },
  approvalId: { type: 'string' },
  origins: { description: 'Arguments that the user, a result or a record explains: path, role, origin, tools.' },
}

const BASE = ['kind', 'auditId', 'timestamp', 'level']
const CALL = [
  ...['toolName', 'toolCategory', 'sessionId', 'requestId', 'actor', 'agentId', 'instance', 'surface', 'trust'],
  ...['enforcement', 'policyDecision', 'policyRule', 'bundle', 'parameters', 'parameterHash'],
]

/** What each kind must have beside `kind`, `auditId`, `timestamp` and `level` (ND-1.2.a, E-13, E-14). */
const REQUIRED: Readonly<Record<RecordKind, readonly string[]>> = {
  decision: CALL,
  release: [...CALL, 'tokenId'],
  outcome: ['toolName', 'sessionId', 'agentId', 'outcome', 'durationMs'],
  'approval.requested': [],
  'approval.resolved': [],
  refusal: [],
  policy: [],
  identity: [],
  tool: [],
  gateway: [],
  alert: [],
  egress: ['sandbox', 'target', 'verdict'],
  credential: ['operation', 'success'],
}

/** JSON Schema (draft 2020-12) of every record in the log; printed by the docs, checked by the tests. */
export const RECORD_SCHEMA: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:sallyport:schema:record:1',
  title: 'Sallyport log record',
  type: 'object',
  properties: MEMBERS,
  required: BASE,
  allOf: KINDS.filter((kind) => REQUIRED[kind].length > 0).map((kind) => ({
    if: { properties: { kind: { const: kind } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { required: REQUIRED[kind] },
  })),
}

const checks = Object.entries(MEMBERS).map(([name, schema]) => ({ name, check: compile(schema) }))

/** What is wrong with a record, or undefined. The same rules as RECORD_SCHEMA, at a fraction of the cost. */
export function recordFault(record: LogRecord): string | undefined {
  if (!isJsonObject(record)) return 'The record is not an object.'
  for (const name of BASE) if (record[name] === undefined) return `${name} is missing.`
  for (const { name, check } of checks) {
    const value = record[name]
    if (value !== undefined && !check(value)) return `${name} is not valid.`
  }
  for (const name of REQUIRED[record.kind]) if (record[name] === undefined) return `${name} is missing.`
  return undefined
}

function compile(schema: JsonObject): (value: unknown) => boolean {
  const allowed = schema['enum']
  if (Array.isArray(allowed)) {
    const set = new Set<unknown>(allowed)
    return (value) => set.has(value)
  }
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern']) : undefined
  switch (schema['type']) {
    case 'string': {
      const least = Number(schema['minLength'] ?? 0)
      return pattern === undefined
        ? (value) => typeof value === 'string' && value.length >= least
        : (value) => typeof value === 'string' && pattern.test(value)
    }
    case 'number':
      return (value) => typeof value === 'number' && value >= 0
    case 'array':
      return (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')
    default:
      return () => true
  }
}
