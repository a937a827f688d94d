import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  isJsonObject,
  networkOf,
  SallyportError,
  validateCredentialScope,
  type Json,
  type JsonObject,
  type Principal,
  type Scope,
} from '@sallyport/core'
import type { Boundary, Random, Verdict } from '../../boundary/ports.ts'
import type { ConsoleFiles } from '../console/files.ts'
import { Callers } from './caller.ts'
import { Connections } from './connections.ts'
import { guardRequest, sessionOf } from './guard-request.ts'
import type { ApiLimits } from './limits.ts'
import { csrfOf, type Match, type Matrix, type MatrixEntry } from './matrix.ts'
import type { ApiIdentity, ConsoleSession, ConsoleSessions, HooksHandler, LiveHandler, McpHandler } from './ports.ts'
import { readBody, readText } from './read-body.ts'
import { readHead, type Channel, type RequestHead } from './request-head.ts'
import { problemResponse, sendResponse } from './respond.ts'
import type { ApiResponse, Route } from './route.ts'

export interface DispatchDeps {
  readonly matrix: Matrix
  readonly identity: ApiIdentity
  readonly boundary: Pick<Boundary, 'refused'>
  readonly random: Random
  readonly limits: ApiLimits
  readonly mcp?: McpHandler
  readonly hooks?: HooksHandler
  readonly sessions: ConsoleSessions
  /** What a person holds by their roles. Absent: everybody who proves presence may do everything. */
  readonly scopesOf?: ((operator: string) => Promise<readonly Scope[]>) | undefined
  /** Absent: no `/api/v1/live`. */
  readonly live?: LiveHandler
  /** Files of the console; only its channel reaches them. */
  readonly files?: ConsoleFiles
}

/** A request that may reach its handler. */
interface Admitted {
  readonly match: Match
  readonly head: RequestHead
  readonly principal: Principal
  readonly session: string | undefined
}
type Admission = { readonly ok: true; readonly value: Admitted } | { readonly ok: false; readonly answer: ApiResponse }

/**
 * Takes one request from its head to its answer: head, matrix, identity, limits, then the body, then the handler. Nothing
 * a client sends is looked at by a handler before all of that has passed (AC-2.1.2).
 */
export class Dispatcher {
  readonly #deps: DispatchDeps
  readonly #connections: Connections
  readonly #callers: Callers
  readonly #upgraded = new Set<Duplex>()
  /** Connections on which something was refused: what follows on them is not read as a request (T-076). */
  readonly #poisoned = new WeakSet<Duplex>()
  /** Requests that have no whole answer yet, by connection. */
  readonly #unanswered = new WeakMap<Duplex, Set<IncomingMessage>>()
  #closing = false

  constructor(deps: DispatchDeps) {
    this.#deps = deps
    this.#connections = new Connections(deps.limits)
    this.#callers = new Callers(deps.random)
  }

  async serve(request: IncomingMessage, response: ServerResponse, channel: Channel, expect: boolean): Promise<void> {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    if (this.#poisoned.has(request.socket)) return void request.resume()
    const unanswered = this.#unanswered.get(request.socket) ?? new Set()
    this.#unanswered.set(request.socket, unanswered.add(request))
    response.once('close', () => unanswered.delete(request))
    const lifeline = new AbortController()
    response.once('close', () => lifeline.abort())
    const refuse = (answer: ApiResponse): Promise<void> => {
      this.#poisoned.add(request.socket)
      request.resume()
      return sendResponse(response, closing(answer), lifeline.signal)
    }
    const admitted = await this.#admit(request, channel)
    if (!admitted.ok) return refuse(admitted.answer)
    const { head, principal, match } = admitted.value
    // who is nobody yet is counted by where they come from, so that one stranger does not shut the others out
    const by = match.entry.scope === 'public' ? `net:${networkOf(head.peer)}` : principal.id
    const end = isFree(match.entry) ? () => undefined : this.#connections.begin(by)
    if (end === undefined) return refuse(busy('Too many requests at once.'))
    response.once('close', end)
    if (expect) response.writeContinue()
    try {
      const answer = await this.#answer(request, response, channel, admitted.value, lifeline)
      if (answer !== undefined) await sendResponse(response, this.#closing ? closing(answer) : answer, lifeline.signal)
    } catch (thrown) {
      const error = internal(thrown)
      const noted = error.entry.http >= 500 || error.code.startsWith('SP_JSON_') || error.code === 'SP_API_MEDIA_TYPE'
      const eventId = noted ? await this.#record(channel, error, principal, head) : undefined
      if (response.headersSent) response.destroy()
      else if (request.complete) await sendResponse(response, problemResponse(error, eventId), lifeline.signal)
      else await refuse(problemResponse(error, eventId))
    }
  }

  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    rest: Uint8Array,
    channel: Channel,
  ): Promise<'switched' | 'refused'> {
    socket.on('error', () => socket.destroy())
    const admitted = await this.#admit(request, channel)
    if (!admitted.ok) return refuseRaw(socket, admitted.answer)
    const { match, head, principal, session } = admitted.value
    const { mcp, live, sessions } = this.#deps
    if ('raw' in match.entry && match.entry.raw === 'live' && live !== undefined && session !== undefined) {
      try {
        const again = (): Verdict<ConsoleSession> => sessionOf(sessions, channel, head, false)
        await live.upgrade(request, socket, rest, { session, principal }, again, sessions)
        return 'switched'
      } catch (thrown) {
        const error = internal(thrown)
        return refuseRaw(socket, problemResponse(error, await this.#record(channel, error, principal, head)))
      }
    }
    if (!('raw' in match.entry) || match.entry.raw !== 'mcp-stdio' || mcp === undefined)
      return refuseRaw(socket, unmapped())
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
    await mcp.handleUpgrade(
      request,
      socket,
      rest,
      this.#callers.of(principal, 'mcp-stdio', channel, socket, head.headers),
    )
    return 'switched'
  }

  /** Bytes that are no HTTP/1.1 request, or came too slowly. */
  malformed(error: NodeJS.ErrnoException, socket: Duplex, channel: Channel): void {
    socket.on('error', () => socket.destroy())
    if (this.#poisoned.has(socket)) return
    // An answer to bytes that are no request must not arrive as the answer to an earlier one.
    const waiting = [...(this.#unanswered.get(socket) ?? [])].some((request) => request.complete)
    if (waiting || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    this.#poisoned.add(socket)
    const fault = new SallyportError('SP_API_HEADER', 'The request is not well-formed HTTP/1.1, or came too slowly.')
    refuseRaw(socket, { ...problemResponse(fault), status: MALFORMED.get(error.code ?? '') ?? 400 })
    void this.#record(channel, fault)
  }

  /** CONNECT, and upgrades of what has none. */
  refuseRaw(socket: Duplex): void {
    socket.on('error', () => socket.destroy())
    refuseRaw(socket, unmapped())
  }

  /** From now on answers ask their connections to close; relays are ended, and cut with `force`. */
  close(force: boolean): void {
    this.#closing = true
    for (const socket of this.#upgraded) {
      if (force) socket.destroy()
      else socket.end()
    }
  }

  async #admit(request: IncomingMessage, channel: Channel): Promise<Admission> {
    const { matrix, limits } = this.#deps
    const { socket } = request
    const head = readHead(request, channel, limits.headerCount)
    if (!head.ok) return this.#refused(socket, channel, new SallyportError(head.code, head.reason))
    const method = request.method ?? ''
    const surface = channel.kind === 'console' ? 'console' : 'socket'
    const match = matrix.match(channel.plane, method, head.value.path, surface)
    if (match === undefined) return this.#refused(socket, channel, new SallyportError('SP_AUTHZ_UNMAPPED'))
    if (head.value.isArrival && !mayArrive(match.entry, head.value)) {
      return this.#refused(socket, channel, new SallyportError('SP_AUTHN_ORIGIN', 'A link of another site led here.'))
    }
    const guarded = guardRequest(this.#deps, match.entry, channel, head.value, method === 'GET' || method === 'HEAD')
    if (!guarded.ok) {
      const { error, principal, retryAfterSeconds: wait } = guarded
      const challenge = error.entry.http === 401 && channel.kind !== 'console' ? { 'www-authenticate': 'Bearer' } : {}
      return this.#refused(
        socket,
        channel,
        error,
        wait === undefined ? challenge : { 'retry-after': String(wait) },
        principal,
      )
    }
    const { principal, session } = guarded
    if (
      match.entry.scope !== 'public' &&
      !isFree(match.entry) &&
      !this.#connections.claim(request.socket, `${channel.plane}:${principal.id}`)
    ) {
      return { ok: false, answer: busy('Too many open connections.') }
    }
    return { ok: true, value: { match, head: head.value, principal, session } }
  }

  /** The handler's answer; undefined when another part has answered by itself. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    channel: Channel,
    { match, head, principal, session }: Admitted,
    lifeline: AbortController,
  ): Promise<ApiResponse | undefined> {
    const { mcp, hooks, files, limits } = this.#deps
    const { entry, params } = match
    if (isPage(entry, channel, head)) {
      files?.page(response)
      return undefined
    }
    const as = (ingress: 'api' | 'hook' | 'mcp-http') =>
      this.#callers.of(principal, ingress, channel, request.socket, head.headers)
    if (!('raw' in entry)) {
      const body =
        entry.body === 'text'
          ? { text: await readText(request, limits.bodyBytes), value: undefined }
          : await readBody(request, limits.bodyBytes, limits.bodyDepth)
      if (channel.kind === 'console') requireOwnProof(entry, principal, body.value)
      else await requireProvenScope(entry, body.value, this.#deps.scopesOf)
      const { peer, query, headers } = head
      const { signal } = lifeline
      const handle = (): Promise<ApiResponse> =>
        entry.handle({
          principal,
          caller: as('api'),
          peer,
          session,
          params,
          query,
          headers,
          body: body.value,
          bodyText: body.text,
          signal,
        })
      return this.#whileAlive(entry, principal, session, lifeline, handle)
    }
    if (entry.raw === 'hook' && hooks !== undefined) {
      const text = await readText(request, limits.bodyBytes)
      const answer = await this.#whileAlive(entry, principal, undefined, lifeline, () =>
        hooks.handle(as('hook'), params['host'] ?? '', text),
      )
      return { status: answer.status, text: answer.body, headers: { 'content-type': answer.contentType } }
    }
    if (entry.raw === 'asset' && files?.asset(head.path, response) === true) return undefined
    if (entry.raw !== 'mcp' || mcp === undefined) throw new SallyportError('SP_AUTHZ_UNMAPPED', 'Send an Upgrade.')
    await mcp.handleHttp(request, response, as('mcp-http'), params['alias'])
    return undefined
  }

  /** Whatever the handler waits for, a killed agent, or a person whose session ended, gets its answer now (HB-145). */
  async #whileAlive<T>(
    entry: { readonly scope: Route['scope'] },
    principal: Principal,
    session: string | undefined,
    lifeline: AbortController,
    handle: () => Promise<T>,
  ): Promise<T> {
    if (entry.scope === 'public') return handle()
    let unwatch = (): void => undefined
    const killed = new Promise<never>((_resolve, reject) => {
      const { identity, sessions } = this.#deps
      const end = (error: SallyportError): void => {
        lifeline.abort()
        reject(error)
      }
      unwatch =
        session === undefined
          ? identity.whileAlive(principal, () =>
              end(new SallyportError('SP_AUTHZ_KILLED', 'The running call was aborted.')),
            )
          : sessions.whileAlive(session, () => end(new SallyportError('SP_AUTHN_INVALID', 'The session has ended.')))
    })
    killed.catch(() => undefined)
    try {
      return await Promise.race([handle(), killed])
    } finally {
      unwatch()
    }
  }

  async #refused(
    socket: Duplex,
    channel: Channel,
    error: SallyportError,
    headers: Readonly<Record<string, string>> = {},
    principal?: Principal,
  ): Promise<Admission> {
    // Before anything is waited for: the next request may be parsed already.
    this.#poisoned.add(socket)
    return { ok: false, answer: problemResponse(error, await this.#record(channel, error, principal), headers) }
  }

  /** What was refused before it was a call leaves a record (T-170), but a flood of refusals does not flood the log. */
  async #record(
    channel: Channel,
    error: SallyportError,
    principal?: Principal,
    head?: RequestHead,
  ): Promise<string | undefined> {
    const { identity, boundary } = this.#deps
    if (!identity.refusals.take(principal?.id ?? `${channel.plane}:${channel.kind}`).ok) return undefined
    const caller =
      principal === undefined ? undefined : this.#callers.of(principal, 'api', channel, {}, head?.headers ?? {})
    const what = { code: error.code, reason: error.detail, ingress: 'api' as const }
    return boundary.refused(caller, what).catch(() => undefined)
  }
}

/** Denying and killing stay possible whatever else this principal, or somebody in its name, has open (HB-145). */
const isFree = (entry: MatrixEntry): boolean => 'presence' in entry && entry.presence === 'free'

/** From another site a browser may come to a page, which shows nothing by itself, and back from an identity provider. */
const mayArrive = (entry: MatrixEntry, head: RequestHead): boolean =>
  csrfOf(entry) === 'state' || ('raw' in entry && entry.raw === 'page') || isHealthPage(entry, head)

/** `/health` is a page for browsers that go there, and one word for supervisors. */
const isHealthPage = (entry: MatrixEntry, { headers }: RequestHead): boolean =>
  entry.path === '/health' && (headers['accept'] ?? '').includes('text/html')

const isPage = (entry: MatrixEntry, channel: Channel, head: RequestHead): boolean =>
  channel.kind === 'console' && (('raw' in entry && entry.raw === 'page') || isHealthPage(entry, head))

/** Whoever signed in proves with their own authenticator, not with somebody else's. @throws SallyportError SP_AUTHN_PRESENCE */
function requireOwnProof(entry: MatrixEntry, principal: Principal, body: Json | undefined): void {
  if (!('presence' in entry) || entry.presence !== 'route' || !isJsonObject(body)) return
  if (namedIn(body).some((one) => one !== principal.id)) {
    throw new SallyportError('SP_AUTHN_PRESENCE', 'The proof is not of the person who is signed in here.')
  }
}

/**
 * Nobody has signed in on the operator socket: whose proof it is must hold the scope that the act needs (T-008).
 * @throws SallyportError SP_AUTHZ_SCOPE
 */
async function requireProvenScope(
  entry: MatrixEntry,
  body: Json | undefined,
  scopesOf: DispatchDeps['scopesOf'],
): Promise<void> {
  if (scopesOf === undefined || entry.scope === 'public' || !('presence' in entry)) return
  if (entry.presence !== 'route' || !isJsonObject(body)) return
  for (const named of namedIn(body)) {
    const verdict = validateCredentialScope({
      required: [entry.scope],
      actual: await scopesOf(typeof named === 'string' ? named : ''),
    })
    if (!verdict.ok) throw new SallyportError('SP_AUTHZ_SCOPE', verdict.reason)
  }
}

/** Whom the proof in a request is said to be of; its verification comes later. */
const namedIn = ({ operator, proof }: JsonObject): readonly Json[] =>
  [operator, isJsonObject(proof) ? proof['operator'] : undefined].filter((one) => one !== undefined)

const MALFORMED: ReadonlyMap<string, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
])

const unmapped = (): ApiResponse => problemResponse(new SallyportError('SP_AUTHZ_UNMAPPED'))

const busy = (detail: string): ApiResponse =>
  problemResponse(new SallyportError('SP_AUTHZ_RATE', detail), undefined, { 'retry-after': '1' })

const closing = (answer: ApiResponse): ApiResponse => ({
  ...answer,
  headers: { ...answer.headers, connection: 'close' },
})

const internal = (thrown: unknown): SallyportError =>
  thrown instanceof SallyportError ? thrown : new SallyportError('SP_INTERNAL', '', { cause: thrown })

function refuseRaw(socket: Duplex, { status, text = '' }: ApiResponse): 'refused' {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy())
  return 'refused'
}
