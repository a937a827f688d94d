import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { SallyportError, type Principal } from '@sallyport/core'
import type { Boundary, Caller, Ingress, Random } from '../../boundary/ports.ts'
import { Connections } from './connections.ts'
import { guardRequest } from './guard-request.ts'
import { DEFAULT_API_LIMITS, type ApiLimits } from './limits.ts'
import { listenLoopback, listenUnix } from './listen.ts'
import { Matrix, RAW_ROUTES, type Match, type RawRoute } from './matrix.ts'
import type { ApiIdentity, HooksHandler, McpHandler } from './ports.ts'
import { readBody } from './read-body.ts'
import { readHead, type Channel, type RequestHead } from './request-head.ts'
import { problemResponse, sendResponse } from './respond.ts'
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

export interface ListenOptions {
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

/** The HTTP server of both planes. Its router is the authentication matrix (SEC-2.1). */
export function createApi(deps: ApiDeps): Api {
  const limits: ApiLimits = { ...DEFAULT_API_LIMITS, ...deps.limits }
  const hooks = deps.hooks === undefined ? [] : [hookRoute(deps.hooks)]
  const raw = deps.mcp === undefined ? [] : RAW_ROUTES
  const matrix = new Matrix([HEALTH('agent'), HEALTH('operator'), ...deps.routes, ...hooks, ...raw])
  const connections = new Connections(limits)
  const servers: Server[] = []
  const upgraded = new Set<Duplex>()
  const identify = new WeakMap<object, string>()
  let closing = false

  const connectionId = (socket: object): string => {
    const id = identify.get(socket) ?? deps.random.uuid()
    identify.set(socket, id)
    return id
  }

  function callerOf(
    principal: Principal,
    ingress: Ingress,
    channel: Channel,
    socket: object,
    head: RequestHead,
  ): Caller {
    return Object.freeze({
      principal,
      ingress,
      connection: connectionId(socket),
      sessionHint: display(head.headers['sallyport-session']),
      surface: SURFACES[ingress],
      channel: channel.kind,
      chatType: '',
      contentTrust: 'semi-trusted',
      purpose: display(head.headers['sallyport-purpose']),
    })
  }

  /** What was refused before it was a call leaves a record (T-170), but a flood of refusals does not flood the log. */
  async function record(channel: Channel, error: SallyportError, principal?: Principal): Promise<string | undefined> {
    if (!deps.identity.refusals.take(principal?.id ?? `${channel.plane}:${channel.kind}`).ok) return undefined
    const caller = principal === undefined ? undefined : callerOf(principal, 'api', channel, {}, EMPTY_HEAD)
    const what = { code: error.code, reason: error.detail, ingress: 'api' as const }
    return deps.boundary.refused(caller, what).catch(() => undefined)
  }

  type Admitted = { readonly match: Match; readonly head: RequestHead; readonly principal: Principal }

  /** Head, matrix, identity, limits: what both requests and upgrades pass first. */
  async function admit(
    request: IncomingMessage,
    channel: Channel,
  ): Promise<Admitted | ReturnType<typeof problemResponse>> {
    const head = readHead(request, channel, limits.headerCount)
    if (!head.ok) {
      const error = new SallyportError(head.code, head.reason)
      return problemResponse(error, await record(channel, error))
    }
    const match = matrix.match(channel.plane, request.method ?? '', head.value.path)
    if (match === undefined) {
      const error = new SallyportError('SP_AUTHZ_UNMAPPED')
      return problemResponse(error, await record(channel, error))
    }
    const guarded = guardRequest(deps.identity, match.entry, channel, head.value.headers['authorization'])
    if (!guarded.ok) {
      const { error, retryAfterSeconds: wait } = guarded
      const challenge = error.entry.http === 401 ? { 'www-authenticate': 'Bearer' } : {}
      const headers = wait === undefined ? challenge : { 'retry-after': String(wait) }
      return problemResponse(error, await record(channel, error, guarded.principal), headers)
    }
    const { principal } = guarded
    if (match.entry.scope !== 'public' && !connections.claim(request.socket, `${channel.plane}:${principal.id}`)) {
      const error = new SallyportError('SP_AUTHZ_RATE', 'Too many open connections.')
      return problemResponse(error, await record(channel, error, principal), { 'retry-after': '1' })
    }
    return { match, head: head.value, principal }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    channel: Channel,
    expect: boolean,
  ): Promise<void> {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const lifeline = new AbortController()
    response.once('close', () => lifeline.abort())
    const refused = (answer: ReturnType<typeof problemResponse>): Promise<void> => {
      // A refused request may still be sending: nothing more of this connection is read as a request.
      const open = { ...answer, headers: { ...answer.headers, connection: 'close' } }
      request.resume()
      return sendResponse(response, open, lifeline.signal)
    }
    const admitted = await admit(request, channel)
    if (!('match' in admitted)) return refused(admitted)
    const { match, head, principal } = admitted
    const end = connections.begin(principal.id)
    if (end === undefined) {
      return refused(
        problemResponse(new SallyportError('SP_AUTHZ_RATE', 'Too many requests at once.'), undefined, {
          'retry-after': '1',
        }),
      )
    }
    response.once('close', end)
    if (expect) response.writeContinue()
    const { entry, params } = match
    if ('raw' in entry)
      return handOver(entry, request, response, callerOf(principal, 'mcp-http', channel, request.socket, head), params)

    // Whatever the handler waits for, a killed agent gets its answer now (HB-145).
    let unwatch = (): void => undefined
    const killed = new Promise<never>((_resolve, reject) => {
      if (entry.scope === 'public') return
      unwatch = deps.identity.whileAlive(principal, () => {
        lifeline.abort()
        reject(new SallyportError('SP_AUTHZ_KILLED', 'The running call was aborted.'))
      })
    })
    killed.catch(() => undefined)
    try {
      const body = await readBody(request, head.headers['content-type'], limits.bodyBytes, limits.bodyDepth)
      const ingress = entry.path === HOOK_PATH ? 'hook' : 'api'
      const caller = callerOf(principal, ingress, channel, request.socket, head)
      const running = entry.handle({
        principal,
        caller,
        params,
        query: head.query,
        headers: head.headers,
        body: body.value,
        bodyText: body.text,
        signal: lifeline.signal,
      })
      const answer = await Promise.race([running, killed])
      await sendResponse(
        response,
        closing ? { ...answer, headers: { ...answer.headers, connection: 'close' } } : answer,
        lifeline.signal,
      )
    } catch (thrown) {
      const error = thrown instanceof SallyportError ? thrown : new SallyportError('SP_INTERNAL', '', { cause: thrown })
      const noted = error.entry.http >= 500 || error.code.startsWith('SP_JSON_') || error.code === 'SP_API_MEDIA_TYPE'
      const eventId = noted ? await record(channel, error, principal) : undefined
      if (response.headersSent) response.destroy()
      else await refused(problemResponse(error, eventId))
    } finally {
      unwatch()
    }
  }

  async function handOver(
    entry: RawRoute,
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    try {
      if (entry.raw !== 'mcp' || deps.mcp === undefined)
        throw new SallyportError('SP_AUTHZ_UNMAPPED', 'Send an Upgrade.')
      await deps.mcp.handleHttp(request, response, caller, params['alias'])
    } catch (thrown) {
      if (response.headersSent) response.destroy()
      else await sendResponse(response, problemResponse(thrown), new AbortController().signal)
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, channel: Channel): Promise<void> {
    socket.on('error', () => socket.destroy())
    const admitted = await admit(request, channel)
    if (!('match' in admitted)) return refuseUpgrade(socket, admitted.status, admitted.text ?? '')
    const { match, principal } = admitted
    if (!('raw' in match.entry) || match.entry.raw !== 'mcp-stdio' || deps.mcp === undefined) {
      const { status, text } = problemResponse(new SallyportError('SP_AUTHZ_UNMAPPED'))
      return refuseUpgrade(socket, status, text ?? '')
    }
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    const caller = callerOf(principal, 'mcp-stdio', channel, socket, admitted.head)
    await deps.mcp.handleUpgrade(request, socket, head, caller)
  }

  function createListener(channel: Channel): Server {
    const server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: Math.min(1000, limits.headTimeout),
      requireHostHeader: true,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
    })
    // Header count is checked by us; Node's own limit would drop the rest in silence.
    server.maxHeadersCount = 0
    server.maxConnections = limits.connections
    const run = (expect: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      serve(request, response, channel, expect).catch(() => response.destroy())
    }
    server.on('request', run(false))
    server.on('checkContinue', run(true))
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgrade(request, socket, head, channel).catch(() => socket.destroy())
    })
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
      socket.on('error', () => socket.destroy())
      const { status, text } = problemResponse(new SallyportError('SP_AUTHZ_UNMAPPED'))
      refuseUpgrade(socket, status, text ?? '')
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      socket.on('error', () => socket.destroy())
      const status = CLIENT_ERRORS[error.code ?? ''] ?? 400
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
      const fault = new SallyportError('SP_API_HEADER', 'The request is not well-formed HTTP/1.1.')
      refuseUpgrade(socket, status, problemResponse(fault).text ?? '')
      void record(channel, fault)
    })
    servers.push(server)
    return server
  }

  return {
    matrix,
    async listen(options) {
      for (const line of matrix.public()) deps.notice?.(line)
      const none = new Set<string>()
      if (options.agentSocket !== undefined) {
        await listenUnix(createListener({ plane: 'agent', kind: 'unix', hosts: none }), options.agentSocket)
      }
      if (options.operatorSocket !== undefined) {
        await listenUnix(createListener({ plane: 'operator', kind: 'unix', hosts: none }), options.operatorSocket)
      }
      if (options.tcp === undefined) return {}
      const hosts = new Set((deps.hosts ?? []).map((host) => host.toLowerCase()))
      const server = createListener({ plane: 'agent', kind: 'loopback', hosts })
      const port = await listenLoopback(server, options.tcp.host, options.tcp.port)
      for (const name of ['127.0.0.1', 'localhost', '[::1]']) hosts.add(`${name}:${port}`)
      return { url: `http://${options.tcp.host === '::1' ? '[::1]' : options.tcp.host}:${port}` }
    },
    async close(graceMs = 5000) {
      closing = true
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
      for (const server of servers) server.closeIdleConnections()
      for (const socket of upgraded) socket.end()
      const cut = setTimeout(() => {
        for (const socket of upgraded) socket.destroy()
        for (const server of servers) server.closeAllConnections()
      }, graceMs)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

const EMPTY_HEAD: RequestHead = Object.freeze({ path: '', query: {}, headers: {} })
const SURFACES: Record<Ingress, string> = { api: 'api', hook: 'hook', 'mcp-http': 'mcp', 'mcp-stdio': 'mcp' }
const CLIENT_ERRORS: Readonly<Record<string, number>> = Object.freeze({
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
})
const HOOK_PATH = '/v1/hooks/:host'

const HEALTH = (plane: Route['plane']): Route => ({
  method: 'GET',
  path: '/health',
  plane,
  scope: 'public',
  summary: 'Says that a gateway answers and nothing else, so that a supervisor needs no credential.',
  handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
})

const hookRoute = (hooks: HooksHandler): Route => ({
  method: 'POST',
  path: HOOK_PATH,
  plane: 'agent',
  scope: 'execute',
  summary: 'One event of an agent host (`docs/reference/hosts.md`); answers with the host’s own JSON.',
  handle: (request) => hooks(request.caller, request.params['host'] ?? '', request),
})

/** Claims that are only shown: no control characters, at most 128 characters (T-171). */
const display = (text: string | undefined): string =>
  (text ?? '')
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 128)

function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy())
}
