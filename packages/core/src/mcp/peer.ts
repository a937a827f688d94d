import type { ToolDefinition } from '../action/tool.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { JsonObject } from '../json/types.ts'
import type { Era, ProtocolVersion } from './versions.ts'

/** What a server says of itself when a connection to it is opened. */
export interface ServerFacts {
  readonly era: Era
  readonly version: string
  readonly capabilities: JsonObject
  readonly serverInfo: JsonObject
  readonly instructions: string
}

/** One tool of a server: parsed, and the exact text it was listed with. */
export interface ListedTool {
  readonly definition: ToolDefinition
  readonly text: string
}

export interface OpenOptions {
  /** Era of the client: tried first upstream. */
  readonly prefer: Era
  /** Revision a legacy client asked for; the server is asked for the same. */
  readonly version?: ProtocolVersion
  /** Client capabilities the server may see: only those that the operator permits for it. */
  readonly capabilities: JsonObject
  readonly handler: ServerMessages
}

/** What a server starts by itself, bounded and in the order it came. */
export interface ServerMessages {
  notification(method: string, params: JsonObject, paramsText: string): void
  /** A request of the server. The signal aborts when the server cancels it or goes away. */
  request(method: string, params: JsonObject, paramsText: string, signal: AbortSignal): Promise<ServerAnswer>
  closed(reason: string): void
}

/** The exact result text for the server, or a JSON-RPC error. */
export type ServerAnswer =
  { readonly resultText: string } | { readonly code: number; readonly message: string; readonly error: ErrorCode }
