import {
  eraOf,
  isJsonObject,
  LATEST_LEGACY,
  LATEST_MODERN,
  META_SERVER_INFO,
  MODERN_VERSIONS,
  SallyportError,
  type Json,
  type JsonObject,
  type OpenOptions,
  type ServerFacts,
} from '@sallyport/core'
import type { Reply, UpstreamConnection } from './connection.ts'

/** A server of the legacy era may stay silent when it is asked `server/discover`; that is its answer. */
const PROBE_MS = 3_000
const MAX_INSTRUCTIONS = 16 * 1024

/**
 * Finds out which era a server speaks, the client's own first, and opens the conversation.
 * @throws SallyportError SP_MCP_UPSTREAM_* when neither works.
 */
export async function shakeHands(
  connection: UpstreamConnection,
  options: OpenOptions,
  identity: JsonObject,
  timeoutMs: number,
): Promise<ServerFacts> {
  const modern = () => discover(connection, timeoutMs)
  const legacy = () => initialize(connection, options, identity, timeoutMs)
  const [preferred, other] = options.prefer === 'modern' ? [modern, legacy] : [legacy, modern]
  const begun = (facts: ServerFacts): ServerFacts => {
    connection.established(facts)
    return facts
  }
  const first = await preferred()
  if ('era' in first) return begun(first)
  if (connection.alive) {
    const second = await other()
    if ('era' in second) return begun(second)
  }
  connection.speakLegacy()
  // What the preferred form was answered says more than the refusal of the other.
  throw failed(first)
}

/** A reply that begins nothing. */
type Failure = Exclude<Reply, { readonly kind: 'result' }>

async function initialize(
  connection: UpstreamConnection,
  options: OpenOptions,
  identity: JsonObject,
  timeoutMs: number,
): Promise<ServerFacts | Failure> {
  connection.speakLegacy()
  const params = {
    protocolVersion: options.version ?? LATEST_LEGACY,
    capabilities: options.capabilities,
    clientInfo: identity,
  }
  const reply = await connection.request('initialize', JSON.stringify(params), { timeoutMs })
  if (reply.kind !== 'result') return reply
  const { protocolVersion, capabilities, serverInfo, instructions } = reply.result
  if (typeof protocolVersion !== 'string' || eraOf(protocolVersion) !== 'legacy') {
    const reason = `It answered with revision ${JSON.stringify(protocolVersion ?? null).slice(0, 40)}.`
    return { kind: 'lost', code: 'SP_MCP_UPSTREAM_PROTOCOL', reason, how: 'failure' }
  }
  connection.notify('notifications/initialized', '{}')
  return facts('legacy', protocolVersion, capabilities, serverInfo, instructions)
}

async function discover(connection: UpstreamConnection, timeoutMs: number): Promise<ServerFacts | Failure> {
  connection.speakModern(LATEST_MODERN)
  const reply = await connection.request('server/discover', '{}', { timeoutMs: Math.min(PROBE_MS, timeoutMs) })
  if (reply.kind !== 'result') return reply
  const { supportedVersions, capabilities, instructions, _meta } = reply.result
  const offered: readonly Json[] = Array.isArray(supportedVersions) ? supportedVersions : []
  const version = MODERN_VERSIONS.find((known) => offered.includes(known))
  if (version === undefined) {
    return {
      kind: 'lost',
      code: 'SP_MCP_UPSTREAM_PROTOCOL',
      reason: 'It shares no revision with the gateway.',
      how: 'failure',
    }
  }
  const serverInfo = isJsonObject(_meta) ? _meta[META_SERVER_INFO] : undefined
  return facts('modern', version, capabilities, serverInfo, instructions)
}

function facts(
  era: ServerFacts['era'],
  version: string,
  capabilities: Json | undefined,
  serverInfo: Json | undefined,
  instructions: Json | undefined,
): ServerFacts {
  return {
    era,
    version,
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    serverInfo: isJsonObject(serverInfo) ? serverInfo : {},
    instructions: typeof instructions === 'string' ? instructions.slice(0, MAX_INSTRUCTIONS) : '',
  }
}

const failed = (reply: Failure): SallyportError =>
  reply.kind === 'lost'
    ? new SallyportError(reply.code, reply.reason)
    : new SallyportError('SP_MCP_UPSTREAM_FAILED', `It refused to begin (${reply.error.code}).`)
