import { isJsonObject, type JsonObject } from '../json/types.ts'
import type { Verdict } from './verdict.ts'
import { metaOf } from './params.ts'
import { eraOf, MODERN_VERSIONS } from './versions.ts'

/** Reserved `_meta` keys of 2026-07-28. */
export const META_VERSION = 'io.modelcontextprotocol/protocolVersion'
export const META_CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'
export const META_CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
export const META_LOG_LEVEL = 'io.modelcontextprotocol/logLevel'
export const META_SERVER_INFO = 'io.modelcontextprotocol/serverInfo'
export const META_SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'

/** JSON-RPC codes of 2026-07-28. */
export const HEADER_MISMATCH = -32020
export const MISSING_CAPABILITY = -32021
export const UNSUPPORTED_VERSION = -32022

/** What a request of the 2026 era says of itself in its `_meta`. */
export interface Envelope {
  readonly version: string
  readonly clientCapabilities: JsonObject
  readonly logLevel?: string
}

/** True when the request claims the 2026 era: the version key is there, whatever it says. */
export const claimsEnvelope = (params: JsonObject): boolean => META_VERSION in metaOf(params)

/** The envelope of a request that claims one, or the JSON-RPC error it is refused with. */
export function readEnvelope(params: JsonObject): Verdict<Envelope> {
  const meta = metaOf(params)
  const version = meta[META_VERSION]
  const clientCapabilities = meta[META_CLIENT_CAPABILITIES]
  const clientInfo = meta[META_CLIENT_INFO]
  const bad = (key: string): Verdict<Envelope> => ({
    ok: false,
    code: -32602,
    message: `Invalid _meta envelope: ${key} is missing or has the wrong type.`,
  })
  if (typeof version !== 'string') return bad(META_VERSION)
  if (eraOf(version) !== 'modern') {
    const message = 'Unsupported protocol version'
    return { ok: false, code: UNSUPPORTED_VERSION, message, data: { supported: MODERN_VERSIONS, requested: version } }
  }
  if (!isJsonObject(clientCapabilities)) return bad(META_CLIENT_CAPABILITIES)
  if (clientInfo !== undefined && !isJsonObject(clientInfo)) return bad(META_CLIENT_INFO)
  const logLevel = meta[META_LOG_LEVEL]
  if (logLevel !== undefined && typeof logLevel !== 'string') return bad(META_LOG_LEVEL)
  return { ok: true, value: { version, clientCapabilities, ...(logLevel === undefined ? {} : { logLevel }) } }
}
