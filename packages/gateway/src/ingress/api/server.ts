import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Boundary, Random } from '../../boundary/ports.ts'
import { Dispatcher } from './dispatch.ts'
import { DEFAULT_API_LIMITS, type ApiLimits } from './limits.ts'
import { listenLoopback, listenUnix } from './listen.ts'
import { HOOK_ROUTE, Matrix, MCP_ROUTES } from './matrix.ts'
import type { ApiIdentity, HooksHandler, McpHandler } from './ports.ts'
import type { Channel } from './request-head.ts'
import type { Route } from './route.ts'

export interface ApiDeps {
  readonly routes: readonly Route[]
  readonly identity: ApiIdentity
  readonly boundary: Pick<Boundary, 'refused'>
  readonly random: Random
  /** Absent: no `/mcp` and no stdio relay. */
  readonly mcp?: McpHandler
  /** Absent: no `/v1/hooks/:host`. */
  readonly hooks?: HooksHandler
  readonly limits?: Partial<ApiLimits>
  /** Further names of the loopback listener, with port where it is not 80. */
  readonly hosts?: readonly string[]
  /** Told at start which entries are public and why (AC-2.1.3). */
  readonly notice?: (line: string) => void
}

interface ListenOptions {
  readonly agentSocket?: string
  readonly operatorSocket?: string
  /** The agent plane over TCP; port 0 takes a free one. */
  readonly tcp?: { readonly host: '127.0.0.1' | '::1'; readonly port: number }
}

export interface Api {
  readonly matrix: Matrix
  /** Starts the listeners; `url` is that of the TCP one. @throws SallyportError SP_STORE_BUSY, SP_CONFIG_INSECURE */
  listen(options: ListenOptions): Promise<{ readonly url?: string }>
  /** Takes no new connections, lets running requests end for `graceMs`, then cuts the rest. */
  close(graceMs?: number): Promise<void>
}

/**
 * The HTTP server of both planes. Its router is the authentication matrix (SEC-2.1).
 * @throws SallyportError SP_INTERNAL when the table of routes does not hold
 */
export function createApi(deps: ApiDeps): Api {
  const limits: ApiLimits = { ...DEFAULT_API_LIMITS, ...deps.limits }
  const hooks = deps.hooks === undefined ? [] : [HOOK_ROUTE]
  const mcp = deps.mcp === undefined ? [] : MCP_ROUTES
  const matrix = new Matrix([health('agent'), health('operator'), ...deps.routes, ...hooks, ...mcp])
  const dispatcher = new Dispatcher({ ...deps, matrix, limits })
  const servers: Server[] = []

  function listener(channel: Channel): Server {
    const server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: Math.min(1000, limits.headTimeout),
      // We look for it ourselves: Node would answer, and then read on.
      requireHostHeader: false,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
    })
    // The number of headers is checked by us; beyond its own limit Node would drop the rest in silence.
    server.maxHeadersCount = 0
    server.maxConnections = limits.connections
    const serve = (expect: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      dispatcher.serve(request, response, channel, expect).catch(() => response.destroy())
    }
    server.on('request', serve(false))
    server.on('checkContinue', serve(true))
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
      dispatcher.upgrade(request, socket, head, channel).catch(() => socket.destroy())
    })
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => dispatcher.refuseRaw(socket))
    server.on('clientError', (error: Error, socket: Duplex) => dispatcher.malformed(error, socket, channel))
    servers.push(server)
    return server
  }

  return {
    matrix,
    async listen({ agentSocket, operatorSocket, tcp }) {
      for (const line of matrix.public()) deps.notice?.(line)
      const unix = (plane: Route['plane']): Server => listener({ plane, kind: 'unix', hosts: new Set() })
      if (agentSocket !== undefined) await listenUnix(unix('agent'), agentSocket)
      if (operatorSocket !== undefined) await listenUnix(unix('operator'), operatorSocket)
      if (tcp === undefined) return {}
      const hosts = new Set((deps.hosts ?? []).map((host) => host.toLowerCase()))
      const port = await listenLoopback(listener({ plane: 'agent', kind: 'loopback', hosts }), tcp.host, tcp.port)
      for (const name of ['127.0.0.1', 'localhost', '[::1]']) hosts.add(`${name}:${port}`)
      return { url: `http://${tcp.host === '::1' ? '[::1]' : tcp.host}:${port}` }
    },
    async close(graceMs = 5000) {
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
      dispatcher.close(false)
      for (const server of servers) server.closeIdleConnections()
      const cut = setTimeout(() => {
        dispatcher.close(true)
        for (const server of servers) server.closeAllConnections()
      }, graceMs)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

const health = (plane: Route['plane']): Route => ({
  method: 'GET',
  path: '/health',
  plane,
  scope: 'public',
  summary: 'Says that a gateway answers and nothing else, so that a supervisor needs no credential.',
  handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
})
