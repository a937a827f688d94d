import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ApiLimits } from './limits.ts'

/** What takes the requests of one listener. */
export interface Serving {
  serve(request: IncomingMessage, response: ServerResponse, expect: boolean): Promise<void>
  /** Says whether the connection speaks another protocol now; one that does is nobody's place for a request any more. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<'switched' | 'refused'>
  /** CONNECT. */
  refuse(socket: Duplex): void
  malformed(error: NodeJS.ErrnoException, socket: Duplex): void
}

/** An HTTP/1.1 server with our limits, whose every event goes to `serving`; `tls` makes it one of HTTPS. */
export function httpServer(
  serving: Serving,
  limits: ApiLimits,
  tls?: { readonly cert: string; readonly key: string },
): Server | SecureServer {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: Math.min(1000, limits.headTimeout),
    // We look for it ourselves: Node would answer, and then read on.
    requireHostHeader: false,
    insecureHTTPParser: false,
    joinDuplicateHeaders: false,
  }
  const server =
    tls === undefined
      ? createServer(options)
      : createSecureServer({
          ...{ ...options, ...tls },
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.headTimeout,
        })
  // The number of headers is checked by us; beyond its own limit Node would drop the rest in silence.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  const serve = (expect: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    serving.serve(request, response, expect).catch(() => response.destroy())
  }
  server.on('request', serve(false))
  server.on('checkContinue', serve(true))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    serving.upgrade(request, socket, head).catch(() => socket.destroy())
  })
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => serving.refuse(socket))
  server.on('clientError', (error: Error, socket: Duplex) => serving.malformed(error, socket))
  server.on('tlsClientError', (_error: Error, socket: Duplex) => void socket.destroy())
  return server
}
