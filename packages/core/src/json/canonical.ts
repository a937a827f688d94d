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

/**
 * The value with its members in order; the very value where they are already. RFC 8785 writes scalars as JSON.stringify does, so
 * that only the order is missing. Keys that begin with a digit may be integers, which cannot be put in order in an object: they
 * are left to the reference implementation.
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
  let copy: Json[] | undefined
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Json
    const inner = sorted(item)
    if (inner === HARD) return HARD
    if (inner !== item) (copy ??= [...items])[at] = inner
  }
  return copy ?? items
}

function sortedMembers(members: JsonObject): Json | typeof HARD {
  const names = Object.keys(members)
  let same = true
  // the usual case first: members in order, and nothing to make anew
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    if (isHard(name)) return HARD
    if (at > 0 && name < (names[at - 1] as string)) same = false
  }
  if (!same) names.sort()
  const inners: Json[] = []
  for (const name of names) {
    const member = members[name] as Json
    // as JSON.stringify has it, an undefined member is none
    const inner = member === undefined ? member : sorted(member)
    if (inner === HARD) return HARD
    same &&= inner === member
    inners.push(inner)
  }
  if (same) return members
  const result: Record<string, Json> = {}
  for (let at = 0; at < names.length; at++) result[names[at] as string] = inners[at] as Json
  return result
}

function isHard(name: string): boolean {
  const first = name.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || name === '__proto__' || name === 'toJSON'
}
