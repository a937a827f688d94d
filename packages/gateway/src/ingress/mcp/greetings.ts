import {
  errorMessage,
  eraOf,
  isJsonObject,
  META_SERVER_INFO,
  MODERN_VERSIONS,
  negotiate,
  resultMessage,
  type JsonObject,
} from '@sallyport/core'
import { AGGREGATED, shownCapabilities } from './capabilities.ts'
import type { ClientSession, RequestContext } from './session.ts'
import { isVisitor } from './visitors.ts'

/**
 * `initialize`: the gateway's own answer, from its own connection to the server. A client is told the revision that the server
 * speaks, so that neither gets members of a later one.
 */
export async function answerInitialize(session: ClientSession, { request, reply }: RequestContext): Promise<void> {
  const { protocolVersion, capabilities } = request.params
  if (typeof protocolVersion !== 'string') {
    return session.refuse(request, reply, 'SP_MCP_INVALID_REQUEST', 'initialize needs params.protocolVersion.')
  }
  const version = negotiate(protocolVersion)
  const declared = isJsonObject(capabilities) ? capabilities : {}
  session.shakeHands(version, declared)
  if (session.scope.kind === 'aggregate') {
    const result = { protocolVersion: version, capabilities: offered(session), serverInfo: ownInfo(session) }
    return reply.end(resultMessage(request.idText, JSON.stringify(result)))
  }
  const { entry } = session.scope
  const opened = await session.link(entry).open()
  if (!opened.ok) return session.refuseUpstream(request, reply, opened)
  const facts = opened.value
  const spoken = eraOf(facts.version) === 'legacy' ? facts.version : version
  const result = {
    protocolVersion: spoken,
    capabilities: shownCapabilities(facts.capabilities),
    serverInfo: infoOf(facts.serverInfo, entry.alias),
    ...(facts.instructions === '' ? {} : { instructions: facts.instructions }),
  }
  reply.end(resultMessage(request.idText, JSON.stringify(result)))
}

/** `server/discover`. A server of the 2025 era is shown as what it is, so that a client of both eras takes the right one. */
export async function answerDiscover(session: ClientSession, { request, reply }: RequestContext): Promise<void> {
  const common = { resultType: 'complete', supportedVersions: MODERN_VERSIONS, ttlMs: 0, cacheScope: 'private' }
  if (session.scope.kind === 'aggregate') {
    const result = { ...common, capabilities: offered(session), _meta: { [META_SERVER_INFO]: ownInfo(session) } }
    return reply.end(resultMessage(request.idText, JSON.stringify(result)))
  }
  const { entry } = session.scope
  const opened = await session.link(entry).open()
  if (!opened.ok) return session.refuseUpstream(request, reply, opened)
  const facts = opened.value
  if (facts.era === 'legacy') return reply.end(errorMessage(request.idText, -32601, 'Method not found'), -32601)
  const result = {
    ...common,
    capabilities: shownCapabilities(facts.capabilities),
    ...(facts.instructions === '' ? {} : { instructions: facts.instructions }),
    _meta: { [META_SERVER_INFO]: infoOf(facts.serverInfo, entry.alias) },
  }
  reply.end(resultMessage(request.idText, JSON.stringify(result)))
}

const offered = ({ caller }: ClientSession): JsonObject =>
  isVisitor(caller) ? { tools: AGGREGATED['tools'] ?? {} } : AGGREGATED

const ownInfo = (session: ClientSession): JsonObject => ({ name: 'sallyport', version: session.deps.version })

const infoOf = (info: JsonObject, alias: string): JsonObject =>
  typeof info['name'] === 'string' && typeof info['version'] === 'string' ? info : { name: alias, version: '0' }
