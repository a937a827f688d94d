import { sha256 } from '../json/digest.ts'
import type { Json, JsonObject } from '../json/types.ts'

const LONE = /\p{Surrogate}/gu

/**
 * A long text keeps its beginning; length and digest say what is missing (T-168). Never cuts a character in two, and half a character,
 * which no other encoding can hold, becomes U+FFFD.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text.replace(LONE, '\uFFFD')
  return `${text.slice(0, most).replace(LONE, '')}… (${text.length} characters, sha256 ${sha256(text).slice(0, 16)})`
}

const TEXT = 1_000
const VALUE = 4_096

/** Members of a record that an alert takes along. No other name ever becomes a member of what sinks get (T-168). */
const MEMBERS = [
  ...['kind', 'auditId', 'timestamp', 'toolName', 'sessionId', 'agentId', 'instance', 'actor', 'surface', 'ingress'],
  ...['policyRule', 'code', 'reason', 'message', 'trust', 'enforcement', 'effect', 'parameters', 'parameterHash'],
  ...['labels', 'findings', 'patterns', 'action', 'approvalId', 'tokenId', 'operator', 'source', 'address', 'event'],
  ...[
    'credential',
    'operation',
    'requestingIdentity',
    'sandbox',
    'target',
    'verdict',
    'change',
    'outcome',
    'errorType',
  ],
] as const

/** What an alert keeps of a record: known members, bounded. Values that have members of their own become JSON text. */
export function excerpt(record: Readonly<Record<string, Json | undefined>>): JsonObject {
  const taken = MEMBERS.flatMap((name) => {
    const value = record[name]
    return value === undefined || value === null || value === '' ? [] : [[name, bounded(value)] as const]
  })
  return Object.fromEntries(taken)
}

function bounded(value: Json): Json {
  if (typeof value === 'string') return clip(value, TEXT)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.slice(0, 20).map((item) => clip(item, 200))
  return clip(JSON.stringify(value), VALUE)
}
