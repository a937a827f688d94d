import { isJsonObject, type JsonObject } from '@sallyport/core'
import type { McpServerEntry, ServerRequestKind } from './ports.ts'

/** Members of a server's capabilities that a client is shown; tasks, extensions and experiments are taken out. */
const SHOWN = ['tools', 'prompts', 'resources', 'completions', 'logging'] as const

/** What the gateway answers `initialize` and `server/discover` with for one server. */
export function shownCapabilities(capabilities: JsonObject): JsonObject {
  return Object.fromEntries(
    SHOWN.flatMap((name) => (isJsonObject(capabilities[name]) ? [[name, capabilities[name]]] : [])),
  )
}

/** What the aggregated endpoint offers. */
export const AGGREGATED: JsonObject = Object.freeze({ tools: { listChanged: true }, prompts: {}, resources: {} })

/**
 * Client capabilities a server is told of (T-063–T-065): what the client has *and* the operator permits for that server.
 * Elicitation is form mode only.
 */
export function permittedCapabilities(client: JsonObject, entry: McpServerEntry): JsonObject {
  const has = (kind: ServerRequestKind): boolean => entry.serverRequests.includes(kind) && isJsonObject(client[kind])
  return {
    ...(has('sampling') ? { sampling: {} } : {}),
    ...(has('elicitation') ? { elicitation: { form: {} } } : {}),
    ...(has('roots') ? { roots: {} } : {}),
  }
}
