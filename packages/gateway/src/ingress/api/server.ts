import type { Server } from 'node:http'
import type { Server as NetServer } from 'node:net'
import type { Boundary, Random } from '../../boundary/ports.ts'
import { listenConsole, type ConsoleListener, type ConsoleOptions } from '../console/console-listener.ts'
import type { ConsoleFiles } from '../console/files.ts'
import { CONSOLE_ROUTES } from '../console/pages.ts'
import { listenAgents, type AgentAddress, type AgentListener } from './agent-listener.ts'
import { Dispatcher, type DispatchDeps } from './dispatch.ts'
import { NO_SESSIONS } from './guard-request.ts'
import { httpServer, type Serving } from './http-server.ts'
import { DEFAULT_API_LIMITS, type ApiLimits } from './limits.ts'
import { listenUnix } from './listen.ts'
import { HOOK_ROUTE, Matrix, MCP_ROUTES } from './matrix.ts'
import type { Live } from '../live/live.ts'
import type { ApiIdentity, ConsoleSessions, HooksHandler, McpHandler } from './ports.ts'
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
  /** Further names of the TCP listener of agents. */
  readonly hosts?: readonly string[]
  /** Who is signed in to the console; absent: nobody can be. */
  readonly sessions?: ConsoleSessions
  /** What a person holds by their roles. Absent: everybody who proves presence may do everything. */
  readonly scopesOf?: DispatchDeps['scopesOf']
  /** Absent: no live WebSocket. */
  readonly live?: Live
  /** The built console; absent: its pages are not in the table. */
  readonly files?: ConsoleFiles
  /** Told at start which entries are public and why (AC-2.1.3). */
  readonly notice?: (line: string) => void
}

interface ListenOptions {
  readonly agentSocket?: string
  readonly operatorSocket?: string
  /** The agent plane over TCP. */
  readonly tcp?: AgentAddress
}

export interface Api {
  readonly matrix: Matrix
  /** Starts the listeners, and answers with the TCP one. @throws SallyportError SP_STORE_BUSY, SP_CONFIG_INSECURE */
  listen(options: ListenOptions): Promise<AgentListener | undefined>
  /** Starts the console. @throws SallyportError SP_CONFIG_INSECURE, SP_CONFIG_INVALID */
  listenConsole(options: ConsoleOptions): Promise<ConsoleListener>
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
  const pages = deps.files === undefined ? [] : CONSOLE_ROUTES
  const { sessions = NO_SESSIONS } = deps
  const live = deps.live?.routes() ?? []
  const matrix = new Matrix([...HEALTH, ...deps.routes, ...hooks, ...mcp, ...pages, ...live])
  const dispatcher = new Dispatcher({ ...deps, matrix, limits, sessions })
  const servers: (Server | NetServer)[] = []

  const servingOf = (channel: Channel): Serving => ({
    serve: (request, response, expect) => dispatcher.serve(request, response, channel, expect),
    upgrade: (request, socket, head) => dispatcher.upgrade(request, socket, head, channel),
    refuse: (socket) => dispatcher.refuseRaw(socket),
    malformed: (error, socket) => dispatcher.malformed(error, socket, channel),
  })
  function listener(channel: Channel): Server {
    const server = httpServer(servingOf(channel), limits)
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
      if (tcp === undefined) return undefined
      const agents = await listenAgents(tcp, { limits, serving: servingOf, names: deps.hosts ?? [] })
      servers.push(...agents.servers)
      return agents
    },
    async listenConsole(options) {
      const deps = { matrix, sessions, limits, serving: servingOf }
      const console = await listenConsole(options, deps)
      servers.push(...console.servers)
      return console
    },
    async close(graceMs = 5000) {
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
      dispatcher.close(false)
      deps.live?.close()
      for (const server of servers) if ('closeIdleConnections' in server) server.closeIdleConnections()
      const cut = setTimeout(() => {
        dispatcher.close(true)
        for (const server of servers) if ('closeAllConnections' in server) server.closeAllConnections()
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
  summary: 'Says that a gateway answers and nothing else.',
  justification:
    'One constant word, so that a supervisor needs no credential; it tells nothing about agents or people.',
  handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
})

/** On both planes. */
export const HEALTH: readonly Route[] = Object.freeze([health('agent'), health('operator')])
