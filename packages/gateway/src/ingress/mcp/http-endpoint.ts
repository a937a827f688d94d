import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  checkHeaders,
  checkParamHeaders,
  eraOf,
  errorMessage,
  isJsonObject,
  metaOf,
  META_CLIENT_CAPABILITIES,
  META_VERSION,
  readMessageBytes,
  refusalMessage,
  UNSUPPORTED_VERSION,
  ALL_VERSIONS,
  type ErrorCode,
  type HeaderLookup,
  type RpcMessage,
} from '@sallyport/core'
import { refuse, type Caller, type Verdict } from '../../boundary/ports.ts'
import { EventStreamWriter } from './event-stream-writer.ts'
import { httpReply } from './http-reply.ts'
import { HttpSessions, type HttpSession } from './http-sessions.ts'
import { splitName } from './names.ts'
import { checkOrigin } from './origin-guard.ts'
import type { McpIngressDeps } from './ports.ts'
import type { ClientSession, Scope } from './session.ts'

const MAX_BYTES = 4 * 1024 * 1024

/** Streamable HTTP of both eras on one URL. Who asks has been found out before. */
export class HttpEndpoint {
  private readonly deps: McpIngressDeps
  private readonly sessions: HttpSessions

  constructor(deps: McpIngressDeps, sessions: HttpSessions) {
    this.deps = deps
    this.sessions = sessions
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller, scope: Scope): Promise<void> {
    const known = checkOrigin(request.headers, this.deps.allowedHosts, this.deps.allowedOrigins)
    if (!known.ok) return this.refuse(response, caller, 403, known.code, known.reason)
    switch (request.method) {
      case 'POST':
        return this.post(request, response, caller, scope)
      case 'GET':
        return this.get(request, response, caller, scope)
      case 'DELETE':
        return this.delete(request, response, caller, scope)
      default:
        response.writeHead(405, { allow: 'GET, POST, DELETE' }).end()
    }
  }

  private async post(request: IncomingMessage, response: ServerResponse, caller: Caller, scope: Scope): Promise<void> {
    const body = await readPost(request)
    if (!body.ok) {
      const status = body.code === 'SP_JSON_TOO_LARGE' ? 413 : 415
      return this.refuse(response, caller, status, body.code, body.reason)
    }
    const limits = { maxLength: this.deps.maxMessageLength ?? MAX_BYTES, maxDepth: 64 }
    const message = readMessageBytes(body.value, limits)
    const header: HeaderLookup = (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    }
    const modern = isModern(message, header('mcp-protocol-version'))
    return modern
      ? this.postModern(message, header, response, caller, scope)
      : this.postLegacy(message, header, request, response, caller, scope)
  }

  /** 2026 era: no session; the headers repeat the body or the request is refused (T-076). */
  private async postModern(
    message: RpcMessage,
    header: HeaderLookup,
    response: ServerResponse,
    caller: Caller,
    scope: Scope,
  ): Promise<void> {
    const params = message.kind === 'request' ? message.params : {}
    const capabilities = metaOf(params)[META_CLIENT_CAPABILITIES]
    const session = this.sessions.shared(caller, scope, isJsonObject(capabilities) ? capabilities : {})
    const reply = httpReply({ response, headers: {}, modern: true, takesStream: true })
    if (message.kind === 'response') {
      const text = refusalMessage('null', 'SP_MCP_INVALID_REQUEST', 'Responses are not posted in this revision.', '')
      return reply.end(text, -32600)
    }
    if (message.kind === 'request') {
      const checked = await this.checkRepeated(session, message.method, message.params, header)
      if (!checked.ok) {
        await session.record('SP_MCP_HEADER_MISMATCH', checked.message)
        const text = errorMessage(message.idText, checked.code, checked.message, checked.data)
        return reply.end(text, checked.code, 400)
      }
    }
    await session.receive(message, reply)
  }

  private async checkRepeated(
    session: ClientSession,
    method: string,
    params: Parameters<typeof checkHeaders>[3],
    header: HeaderLookup,
  ): Promise<ReturnType<typeof checkHeaders>> {
    const version = metaOf(params)[META_VERSION]
    // A request whose envelope lacks the version is refused for that, with the code for it.
    if (typeof version !== 'string') {
      const said = header('mcp-protocol-version') ?? ''
      const message = `The MCP-Protocol-Version header names ${said}, but the _meta envelope has no ${META_VERSION}.`
      return { ok: false, code: -32602, message: message.slice(0, 200) }
    }
    if (eraOf(version) === undefined && header('mcp-protocol-version')?.trim() === version)
      return { ok: true, value: null }
    const repeated = checkHeaders(header, version, method, params)
    if (!repeated.ok || method !== 'tools/call') return repeated
    const schema = this.schemaOf(session, params['name'])
    return schema === undefined ? repeated : checkParamHeaders(header, schema, params)
  }

  private schemaOf(session: ClientSession, name: unknown) {
    if (typeof name !== 'string') return undefined
    const { scope, caller } = session
    const own = scope.kind === 'server' ? { alias: scope.entry.alias, name } : splitName(name)
    if (own === undefined) return undefined
    return this.deps.boundary.visible(caller, own.alias).find((tool) => tool.name === own.name)?.definition.inputSchema
  }

  /** 2025 era: `initialize` makes a session, everything else names one. */
  private async postLegacy(
    message: RpcMessage,
    header: HeaderLookup,
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    scope: Scope,
  ): Promise<void> {
    const takesStream = (request.headers.accept ?? '').includes('text/event-stream')
    const opens = message.kind === 'request' && message.method === 'initialize'
    const id = header('mcp-session-id')
    const found = opens ? this.sessions.open(caller, scope) : this.sessions.find(caller, scope, id)
    if (found === undefined) {
      const idText = message.kind === 'request' ? message.idText : 'null'
      const status = id === undefined ? 400 : 404
      return this.refuse(response, caller, status, 'SP_MCP_UNKNOWN_SESSION', '', idText)
    }
    const version = header('mcp-protocol-version')
    if (!opens && version !== undefined && eraOf(version) === undefined) {
      const idText = message.kind === 'request' ? message.idText : 'null'
      const text = errorMessage(idText, UNSUPPORTED_VERSION, 'Unsupported protocol version', {
        supported: ALL_VERSIONS,
        requested: version,
      })
      return json(response, 400, text)
    }
    const headers: Record<string, string> = opens ? { 'mcp-session-id': found.id } : {}
    const reply = httpReply({
      response,
      headers,
      modern: false,
      takesStream,
      log: found.log,
      onStream: (writer) => found.streams.set(writer.stream, writer),
    })
    found.busy++
    try {
      await found.session.receive(message, reply)
    } finally {
      found.busy--
    }
  }

  /** The stream of what a server says by itself; with `Last-Event-ID` a broken stream goes on, from the inspected copy. */
  private async get(request: IncomingMessage, response: ServerResponse, caller: Caller, scope: Scope): Promise<void> {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) {
      response.writeHead(406).end()
      return
    }
    const id = oneOf(request.headers['mcp-session-id'])
    const found = this.sessions.find(caller, scope, id)
    if (found === undefined) {
      // The 2026 era has no such stream: a client without a session is told so.
      if (id === undefined) response.writeHead(405, { allow: 'POST' }).end()
      else await this.refuse(response, caller, 404, 'SP_MCP_UNKNOWN_SESSION', '')
      return
    }
    const last = oneOf(request.headers['last-event-id'])
    if (last !== undefined) return this.resume(found, last, response, caller)
    if (found.push?.attached === true) {
      response.writeHead(409).end()
      return
    }
    found.push ??= new EventStreamWriter(found.log)
    found.push.attach(response, {})
  }

  private async resume(found: HttpSession, last: string, response: ServerResponse, caller: Caller): Promise<void> {
    const missed = found.log.after(last)
    if (missed === undefined) return this.refuse(response, caller, 404, 'SP_MCP_UNKNOWN_SESSION', 'Unknown event.')
    const running = missed.stream === found.push?.stream ? found.push : found.streams.get(missed.stream)
    const writer = running ?? new EventStreamWriter()
    writer.attach(response, {})
    writer.replay(missed.events)
    if (writer.done || running === undefined) writer.end()
  }

  private async delete(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    scope: Scope,
  ): Promise<void> {
    const found = this.sessions.find(caller, scope, oneOf(request.headers['mcp-session-id']))
    if (found === undefined) return this.refuse(response, caller, 404, 'SP_MCP_UNKNOWN_SESSION', '')
    await this.sessions.end(found)
    response.writeHead(200).end()
  }

  private async refuse(
    response: ServerResponse,
    caller: Caller,
    status: number,
    code: ErrorCode,
    reason: string,
    idText = 'null',
  ): Promise<void> {
    const eventId = await this.deps.boundary.refused(caller, { code, reason, ingress: caller.ingress }).catch(() => '')
    json(response, status, refusalMessage(idText, code, reason, eventId))
  }
}

/** The era of a POST is what its body says; the header counts for what has no body of its own (notifications, junk). */
function isModern(message: RpcMessage, headerVersion: string | undefined): boolean {
  const byHeader = headerVersion !== undefined && eraOf(headerVersion.trim()) === 'modern'
  if (message.kind === 'request' || message.kind === 'notification') {
    return META_VERSION in metaOf(message.params) || byHeader
  }
  return byHeader
}

async function readPost(request: IncomingMessage): Promise<Verdict<Uint8Array>> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return refuse('SP_MCP_INVALID_REQUEST', 'Content-Type is not application/json.')
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return refuse('SP_MCP_INVALID_REQUEST', 'Content-Encoding is not supported.')
  }
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > MAX_BYTES) return refuse('SP_JSON_TOO_LARGE', `The limit is ${MAX_BYTES} bytes.`)
    parts.push(part)
  }
  return { ok: true, value: Buffer.concat(parts) }
}

function json(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(text)
}

const oneOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
