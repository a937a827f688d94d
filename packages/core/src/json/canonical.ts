import canonicalize from 'canonicalize'
import { SallyportError } from '../errors/error.ts'
import type { Json } from './types.ts'

/**
 * Canonical JSON (RFC 8785): the bytes that are hashed, signed and stored.
 * @throws SallyportError SP_JSON_INVALID for what has no canonical form (NaN, lone surrogates, undefined).
 */
export function canonicalJson(value: Json): string {
  try {
    const text = canonicalize(value)
    if (text !== undefined) return text
  } catch (cause) {
    throw new SallyportError('SP_JSON_INVALID', 'The value has no canonical form.', { cause })
  }
  throw new SallyportError('SP_JSON_INVALID', 'The value has no canonical form.')
}
