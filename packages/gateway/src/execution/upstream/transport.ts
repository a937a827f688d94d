import type { JsonObject, SallyportError } from '@sallyport/core'
import type { DecideWritten } from '../../boundary/ports-landing.ts'

/** One message on its way to a server. `request` names it for transports that need to (HTTP: headers, stream, cancel). */
export interface Outgoing {
  readonly text: string
  readonly request?: {
    /** The gateway's own id on this hop. */
    readonly id: number
    readonly method: string
    readonly paramsText: string
    /** Schema of the tool that is called, for `Mcp-Param-*`. */
    readonly inputSchema?: JsonObject
    /** Policy about what the call wrote, for those who can tell. */
    readonly decideWritten?: DecideWritten
  }
}

export interface TransportSink {
  /** Text of one message from the server, not looked at yet. */
  message(text: string): void
  /** This request cannot be answered any more. */
  lost(requestId: number, error: SallyportError): void
  /** The server broke the framing: too long a line, bytes that are not UTF-8. */
  violation(reason: string): void
  /** The connection is gone; every open request is lost. Called once. */
  closed(reason: string): void
}

/** A connection to a real server. Delivers messages; knows nothing of their meaning. */
export interface Transport {
  /** Written into the log with every outcome: what held the server back. */
  readonly confinement: string
  /** @throws SallyportError SP_MCP_UPSTREAM_* when there is nothing to talk to. */
  start(sink: TransportSink): Promise<void>
  /** @throws SallyportError SP_MCP_UPSTREAM_* */
  send(message: Outgoing): Promise<void>
  /** The handshake is over: revision for the version header; transports open their server stream now. */
  established(version: string): void
  /** The answer to this request is not wanted any more. True when that alone tells the server (HTTP, 2026 era). */
  abandon(requestId: number): boolean
  /** Orderly end; never rejects. */
  close(): Promise<void>
}
