import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { CODES, SallyportError, toProblem } from '@sallyport/core'
import { refuse, type Caller, type Refusal, type Verdict } from '../../boundary/ports.ts'
import { HttpEndpoint } from './http-endpoint.ts'
import { HttpSessions } from './http-sessions.ts'
import { LAUNCH_HEADER, readLaunch } from './launch-header.ts'
import type { McpIngressDeps, McpServerEntry } from './ports.ts'
import { StateSeal } from './sealed-state.ts'
import { ClientSession, type Scope } from './session.ts'
import { relayLines } from './stdio-relay.ts'

/** The MCP ingress: streamable HTTP at `/mcp` and `/mcp/<alias>`, and the stdio relay that `mcp wrap` speaks to. */
export interface McpIngress {
  /** `alias` undefined: the aggregated endpoint. The caller is authenticated; nothing in the request can change who it is. */
  handleHttp(request: IncomingMessage, response: ServerResponse, caller: Caller, alias?: string): Promise<void>
  /** `GET /v1/mcp/stdio` with `Upgrade: sallyport-mcp`. Resolves when the connection is over. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, caller: Caller): Promise<void>
  /** Ends every session and its connections to servers. */
  close(): Promise<void>
}

const MAX_LENGTH = 4 * 1024 * 1024
/** A UTF-16 unit has at most three bytes of UTF-8. */
const BYTES_PER_UNIT = 3
const PROTOCOL = 'sallyport-mcp'

export function createMcpIngress(deps: McpIngressDeps): McpIngress {
  const seal = new StateSeal(deps.random.bytes(32))
  const sessions = new HttpSessions(deps, seal)
  const endpoint = new HttpEndpoint(deps, sessions)
  const relayed = new Set<ClientSession>()
  const maxLength = deps.maxMessageLength ?? MAX_LENGTH
  const limits = { maxLength, maxDepth: 64, maxBytes: maxLength * BYTES_PER_UNIT }

  const scopeOf = (alias: string | undefined, caller: Caller): Scope | undefined => {
    if (alias === undefined) return { kind: 'aggregate' }
    const entry = deps.catalogue.servers().find((one) => one.alias === alias)
    if (entry === undefined || (entry.owner ?? caller.principal.id) !== caller.principal.id) return undefined
    return { kind: 'server', entry }
  }

  const launch = async (request: IncomingMessage, caller: Caller): Promise<Verdict<McpServerEntry>> => {
    const header = request.headers[LAUNCH_HEADER]
    const wanted = readLaunch(Array.isArray(header) ? undefined : header)
    if (!wanted.ok) return wanted
    if (wanted.value.command.length > 0) return deps.catalogue.launch(caller, wanted.value)
    const scope = scopeOf(wanted.value.alias, caller)
    return scope?.kind === 'server' ? { ok: true, value: scope.entry } : refuse('SP_MCP_UNKNOWN_SERVER')
  }

  return {
    async handleHttp(request, response, caller, alias) {
      const scope = scopeOf(alias, caller)
      if (scope !== undefined) return endpoint.handle(request, response, caller, scope)
      await deps.boundary.refused(caller, { code: 'SP_MCP_UNKNOWN_SERVER', reason: '', ingress: caller.ingress })
      const problem = toProblem(new SallyportError('SP_MCP_UNKNOWN_SERVER'))
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify(problem))
    },

    async handleUpgrade(request, socket, head, caller) {
      socket.on('error', () => socket.destroy())
      const entry = await launch(request, caller)
      if (!entry.ok) {
        const eventId = await deps.boundary.refused(caller, { ...entry, ingress: 'mcp-stdio' }).catch(() => '')
        return refuseUpgrade(socket, entry, eventId)
      }
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${PROTOCOL}\r\n\r\n`)
      const own: Caller = { ...caller, ingress: 'mcp-stdio', connection: deps.random.uuid() }
      const scope: Scope = { kind: 'server', entry: entry.value }
      let session: ClientSession | undefined
      await relayLines(socket, head, limits, (push) => {
        session = new ClientSession({ deps, caller: own, scope, seal, ownIds: true, push })
        relayed.add(session)
        return session
      })
      if (session !== undefined) relayed.delete(session)
    },

    async close() {
      await Promise.all([sessions.close(), ...[...relayed].map((session) => session.close())])
    },
  }
}

function refuseUpgrade(socket: Duplex, refusal: Refusal, eventId: string): void {
  const status = CODES[refusal.code].http
  const problem = JSON.stringify(toProblem(new SallyportError(refusal.code, refusal.reason), eventId))
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(problem)}`,
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${problem}`)
}
