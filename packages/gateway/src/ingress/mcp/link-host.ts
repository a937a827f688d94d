import type { Era, ErrorCode, JsonObject, ProtocolVersion, RpcResponse } from '@sallyport/core'
import type { Boundary, Caller } from '../../boundary/ports.ts'
import type { McpCatalogue, UpstreamPort } from './ports.ts'

/** What a link to a server needs of the client's side. */
export interface LinkHost {
  readonly caller: Caller
  readonly boundary: Boundary
  readonly upstreams: UpstreamPort
  readonly catalogue: McpCatalogue
  client(): { readonly era: Era; readonly version: ProtocolVersion | undefined; readonly capabilities: JsonObject }
  /** Sends a notification to the client, or to those of its listeners that asked for it. */
  notify(method: string, text: string, uri?: string): void
  listensTo(uri: string): boolean
  /** Inspected text, or undefined when it is not to be passed on. */
  inspect(server: string, method: string, paramsText: string): Promise<string | undefined>
  /** Asks the client; undefined when it cannot be asked or does not answer in time. */
  ask(method: string, paramsText: string, signal: AbortSignal): Promise<RpcResponse | undefined>
  /** Records what was refused before it was a call; a flood leaves no flood of records. */
  refused(code: ErrorCode, reason: string): void
}
