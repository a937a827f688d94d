import type { JsonObject, ListedTool, OpenOptions, ServerFacts, ToolDefinition } from '@sallyport/core'
import type { Boundary, Caller, Clock, Random, Verdict } from '../../boundary/ports.ts'

/** What the ingress knows of a server: facts for routing, never rights. */
export interface McpServerEntry {
  readonly alias: string
  /** True when `/mcp` (the aggregated endpoint) offers it; wrapped servers of one agent are not. */
  readonly aggregated: boolean
  /** `_meta` keys beyond the protocol's own that this server may be sent and may send (T-069). `*` = all but ours. */
  readonly metaKeys: readonly string[]
  /** Requests of the server that may reach the client, each still decided by policy (T-063, T-064). Default none. */
  readonly serverRequests: readonly ServerRequestKind[]
  /** The one agent that may use it: a wrapped server runs with what its agent gave it (variables). Absent = every agent. */
  readonly owner?: string
  /** Something of it is for strangers (`surfaces.tools`). */
  readonly visitors?: boolean
}
export type ServerRequestKind = 'sampling' | 'elicitation' | 'roots'

/** A stdio server as an agent's MCP configuration asks for it through `mcp wrap`. */
export interface LaunchRequest {
  readonly alias: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Everything one server listed to one connection: all pages, as parsed. */
export interface Listing {
  readonly tools: readonly ToolDefinition[]
  readonly serverInfo: JsonObject
  readonly instructions: string
}

/** The registry of servers and pins (`control/catalogue`), as far as the ingress needs it. */
export interface McpCatalogue {
  servers(): readonly McpServerEntry[]
  /**
   * `mcp wrap` asks for a server: registers its launch spec (and hands it to the upstreams) or refuses. The same launch spec
   * asked for again gives the same alias; another launch spec under a known alias is drift and is refused (T-083).
   */
  launch(caller: Caller, request: LaunchRequest): Promise<Verdict<McpServerEntry>>
  /**
   * A server has listed its tools: on first use the catalogue pins what the preset lets it pin; later every difference is
   * drift and blocks the tool. Resolves when `Boundary.visible` and step 3 reflect it. Called with the same listing again
   * it must be cheap. Never called for a mere probe (recipe: SDK clients start a sibling process to find the era).
   */
  observe(server: string, listing: Listing): Promise<void>
}

export interface McpIngressDeps {
  readonly boundary: Boundary
  readonly upstreams: UpstreamPort
  readonly catalogue: McpCatalogue
  readonly clock: Clock
  readonly random: Random
  /** Host names (without port) under which the gateway is reached; others are answered 403 (DNS rebinding). */
  readonly allowedHosts: readonly string[]
  /** Full origins that browsers may call from; default none. */
  readonly allowedOrigins: readonly string[]
  /** ms a call waits for a human before it is answered `pending`; default 50 000. */
  readonly approvalWaitMs?: number
  /** UTF-16 units of one message; default 4 Mi. */
  readonly maxMessageLength?: number
  readonly version: string
  /** What the agent's own client answered to an approval question. Evidence class `client`, never more (T-064). */
  clientAsserted?(caller: Caller, approvalId: string, accepted: boolean): void
  /** Text of a notification that goes to the client: inspected copy, or undefined to drop it (T-066). */
  inspectNotification?(caller: Caller, server: string, method: string, paramsText: string): Promise<string | undefined>
  /** Operational log. */
  log?(message: string, fields: JsonObject): void
}

/** The upstream side as the ingress sees it: connections and lists. Calls go through the boundary, never through here. */
export interface UpstreamPort {
  /** Opens (or finds) the connection of `connection` to a server. */
  open(server: string, connection: string, how: OpenOptions): Promise<Verdict<ServerFacts>>
  /** All pages of `tools/list` as the server lists them to this connection. */
  listTools(server: string, connection: string): Promise<Verdict<readonly ListedTool[]>>
  /** Follows the server's change notifications until the signal aborts (2026 era: `subscriptions/listen`). */
  listen(server: string, connection: string, filter: JsonObject, signal: AbortSignal): Promise<Verdict<JsonObject>>
  closeConnection(connection: string): Promise<void>
}
