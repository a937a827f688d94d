import { createHmac, hash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { Json } from './types.ts'

/** SHA-256 in lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex')

/**
 * Domain-separated digest of a JSON value: SHA-256(domain ‖ LF ‖ JCS(value)), hex. The domain (`sallyport/call/1`) keeps
 * a digest of one kind from standing in for another (threat-model §3.1).
 */
export const digest = (domain: string, value: Json): string => sha256(`${domain}\n${canonicalJson(value)}`)

/** Keyed correlation hash for redacted values: 16 hex characters = 64 bits kept (E-15). */
export const keyedTag = (key: Uint8Array, data: string): string =>
  createHmac('sha256', key).update(data).digest('hex').slice(0, 16)
