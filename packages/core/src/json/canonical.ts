import canonicalize from 'canonicalize'
import { SallyportError } from '../errors/error.ts'
import type { Json, JsonObject } from './types.ts'

/**
 * Canonical JSON (RFC 8785): the bytes that are hashed, signed and stored.
 * @throws SallyportError SP_JSON_INVALID for what has no canonical form (NaN, lone surrogates).
 */
export function canonicalJson(value: Json): string {
  const quick = sorted(value)
  const text = quick === HARD ? undefined : JSON.stringify(quick)
  // an escaped surrogate may be a lone one: the reference implementation decides
  if (text !== undefined && !text.includes('\\ud')) return text
  try {
    const reference = canonicalize(value)
    if (reference !== undefined) return reference
  } catch (cause) {
    throw new SallyportError('SP_JSON_INVALID', 'The value has no canonical form.', { cause })
  }
  throw new SallyportError('SP_JSON_INVALID', 'The value has no canonical form.')
}

/** Stands for everything that JSON.stringify would not write as RFC 8785 wants it. */
const HARD = Symbol('hard')
const INTEGER_KEY = /^(?:0|[1-9][0-9]*)$/

/**
 * The value with its members in order. RFC 8785 writes scalars as JSON.stringify does, so that only the order is missing; keys
 * that look like integers cannot be put in order in an object and are left to the reference implementation.
 */
function sorted(value: Json): Json | typeof HARD {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : HARD
    case 'object':
      return value === null
        ? null
        : Array.isArray(value)
          ? sortedItems(value as readonly Json[])
          : sortedMembers(value as JsonObject)
    default:
      return HARD
  }
}

function sortedItems(items: readonly Json[]): Json | typeof HARD {
  const result: Json[] = []
  for (const item of items) {
    const inner = sorted(item)
    if (inner === HARD) return HARD
    result.push(inner)
  }
  return result
}

function sortedMembers(members: JsonObject): Json | typeof HARD {
  const result: Record<string, Json> = {}
  for (const key of Object.keys(members).sort()) {
    if (key === '__proto__' || key === 'toJSON' || INTEGER_KEY.test(key)) return HARD
    const inner = sorted(members[key] as Json)
    if (inner === HARD) return HARD
    result[key] = inner
  }
  return result
}
