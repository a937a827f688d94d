import {
  errorMessage,
  idKey,
  isJsonObject,
  methodRule,
  notificationMessage,
  readMessage,
  requestMessage,
  resultMessage,
  SallyportError,
  stripOurMeta,
  toSallyportError,
  withMeta,
  META_CLIENT_CAPABILITIES,
  META_CLIENT_INFO,
  META_VERSION,
  type ErrorCode,
  type Json,
  type JsonLimits,
  type JsonObject,
  type OpenOptions,
  type RpcResponse,
  type ServerFacts,
} from '@sallyport/core'
import type { DecideWritten } from '../../boundary/ports-landing.ts'
import { RateWindow } from './rate-window.ts'
import type { Transport } from './transport.ts'

/** Requests of one connection that may be open at a time, in each direction. */
const MAX_OPEN = 256
const MAX_SERVER_REQUESTS = 32
/** Messages a second that no request of ours asked for; beyond it the server is cut off (T-066, T-156). */
const MAX_UNASKED = 500
/** Protocol faults a connection survives. */
const MAX_FAULTS = 8
const MAX_ABANDONED = 1_024
/** Progress prolongs a request up to this many times its time limit. */
const PROGRESS_FACTOR = 10

/** How a request to a server ended. */
export type Reply =
  | { readonly kind: 'result'; readonly resultText: string; readonly result: JsonObject }
  | {
      readonly kind: 'error'
      readonly error: { readonly code: number; readonly message: string; readonly data?: Json }
    }
  | {
      readonly kind: 'lost'
      readonly code: ErrorCode
      readonly reason: string
      readonly how: 'failure' | 'timeout' | 'aborted'
    }

export interface RequestOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  readonly inputSchema?: JsonObject
  readonly onProgress?: (progress: JsonObject) => void
  /** For what runs here and writes; other servers are not asked what they changed. */
  readonly decideWritten?: DecideWritten
}

export interface ConnectionDeps {
  readonly limits: JsonLimits
  /** Prefix of progress tokens: unguessable, so that no server can name another one's request (T-067). */
  readonly tokenPrefix: string
  readonly identity: { readonly name: string; readonly version: string }
  readonly log: (message: string, fields: Readonly<Record<string, string | number>>) => void
}

interface Open {
  readonly method: string
  readonly token: string | undefined
  readonly onProgress: ((progress: JsonObject) => void) | undefined
  settle(reply: Reply): void
  prolong(): void
}

/**
 * JSON-RPC on one connection to one server: own id space in each direction, own progress tokens, one answer per request.
 * A response with an id that is not open (wrong, second, unasked) is dropped and counted as a fault.
 */
export class UpstreamConnection {
  private readonly alias: string
  private readonly transport: Transport
  private readonly deps: ConnectionDeps
  private readonly options: OpenOptions
  private readonly open = new Map<string, Open>()
  private readonly tokens = new Map<string, Open>()
  private readonly serverRequests = new Map<string, AbortController>()
  private readonly unasked = new RateWindow(MAX_UNASKED)
  /** Requests that were given up: their late answers are no fault. */
  private readonly abandoned = new Set<string>()
  private envelope: Readonly<Record<string, string>> | undefined
  private nextId = 0
  private faults = 0
  private ended: string | undefined

  constructor(alias: string, transport: Transport, deps: ConnectionDeps, options: OpenOptions) {
    this.alias = alias
    this.transport = transport
    this.deps = deps
    this.options = options
  }

  get confinement(): string {
    return this.transport.confinement
  }

  get alive(): boolean {
    return this.ended === undefined
  }

  async start(): Promise<void> {
    await this.transport.start({
      message: (text) => this.receive(text),
      lost: (id, error) => this.lose(id, error),
      violation: (reason) => this.fault(reason),
      closed: (reason) => this.end(reason),
    })
  }

  /** Sends every further request with the 2026 envelope. */
  speakModern(version: string): void {
    this.envelope = {
      [META_VERSION]: JSON.stringify(version),
      [META_CLIENT_INFO]: JSON.stringify(this.deps.identity),
      [META_CLIENT_CAPABILITIES]: JSON.stringify(this.options.capabilities),
    }
  }

  speakLegacy(): void {
    this.envelope = undefined
  }

  established({ version }: ServerFacts): void {
    this.transport.established(version)
  }

  /** Never rejects: whatever goes wrong is a reply. `paramsText` is forwarded byte for byte but for what `_meta` of this hop needs. */
  async request(method: string, paramsText: string, options: RequestOptions): Promise<Reply> {
    if (this.ended !== undefined) return lost('SP_MCP_UPSTREAM_FAILED', this.ended)
    if (this.open.size >= MAX_OPEN) return lost('SP_AUTHZ_RATE', 'Too many requests of this connection are open.')
    if (options.signal?.aborted === true) return lost('SP_MCP_UPSTREAM_FAILED', 'The caller gave up.', 'aborted')
    const id = ++this.nextId
    const token = options.onProgress === undefined ? undefined : `${this.deps.tokenPrefix}${id}`
    const meta = { ...this.envelope, ...(token === undefined ? {} : { progressToken: JSON.stringify(token) }) }
    const text = Object.keys(meta).length === 0 ? paramsText : withMeta(paramsText, meta)
    return new Promise((resolve) => this.launch({ id, method, text, token, options, resolve }))
  }

  notify(method: string, paramsText: string): void {
    if (this.ended !== undefined) return
    const text = this.envelope === undefined ? paramsText : withMeta(paramsText, this.envelope)
    this.transport.send({ text: notificationMessage(method, text) }).catch(() => undefined)
  }

  async close(): Promise<void> {
    this.end('The connection was closed.', false)
    await this.transport.close()
  }

  private launch(of: {
    readonly id: number
    readonly method: string
    readonly text: string
    readonly token: string | undefined
    readonly options: RequestOptions
    readonly resolve: (reply: Reply) => void
  }): void {
    const { id, method, options } = of
    const started = performance.now()
    const giveUp = (): void => this.giveUp(id, entry, timeoutReply(method), 'timeout')
    let timer = setTimeout(giveUp, options.timeoutMs)
    const onAbort = (): void =>
      this.giveUp(id, entry, lost('SP_MCP_UPSTREAM_FAILED', 'The caller gave up.', 'aborted'), 'cancelled')
    const entry: Open = {
      method,
      token: of.token,
      onProgress: options.onProgress,
      settle: (reply) => {
        clearTimeout(timer)
        options.signal?.removeEventListener('abort', onAbort)
        this.open.delete(idKey(id))
        if (of.token !== undefined) this.tokens.delete(of.token)
        of.resolve(reply)
      },
      prolong: () => {
        const left = options.timeoutMs * PROGRESS_FACTOR - (performance.now() - started)
        clearTimeout(timer)
        timer = setTimeout(giveUp, Math.max(0, Math.min(options.timeoutMs, left)))
      },
    }
    this.open.set(idKey(id), entry)
    if (of.token !== undefined) this.tokens.set(of.token, entry)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const { inputSchema, decideWritten } = options
    this.transport
      .send({
        text: requestMessage(String(id), method, of.text),
        request: {
          ...{ id, method, paramsText: of.text },
          ...(inputSchema === undefined ? {} : { inputSchema }),
          ...(decideWritten === undefined ? {} : { decideWritten }),
        },
      })
      .catch((thrown: unknown) => this.lose(id, toSallyportError(thrown, 'SP_MCP_UPSTREAM_FAILED')))
  }

  /** The answer is not waited for any more: tells the server, but only about a request of our own. */
  private giveUp(id: number, entry: Open, reply: Reply, reason: string): void {
    entry.settle(reply)
    this.abandoned.add(idKey(id))
    for (const oldest of this.abandoned) {
      if (this.abandoned.size <= MAX_ABANDONED) break
      this.abandoned.delete(oldest)
    }
    if (entry.method !== 'initialize' && !this.transport.abandon(id)) {
      this.notify('notifications/cancelled', JSON.stringify({ requestId: id, reason }))
    }
  }

  private lose(id: number, error: SallyportError): void {
    const how = error.code === 'SP_MCP_UPSTREAM_TIMEOUT' ? 'timeout' : 'failure'
    this.open.get(idKey(id))?.settle(lost(error.code, error.detail, how))
  }

  private receive(text: string): void {
    if (this.ended !== undefined) return
    const message = readMessage(text, this.deps.limits)
    switch (message.kind) {
      case 'response':
        return this.receiveResponse(message)
      case 'notification':
        return this.receiveNotification(message.method, message.params, message.paramsText)
      case 'request':
        return this.receiveRequest(
          message.idText,
          idKey(message.id),
          message.method,
          message.params,
          message.paramsText,
        )
      case 'invalid':
        return this.receiveInvalid(message.idTexts, message.reason)
    }
  }

  private receiveResponse(message: RpcResponse): void {
    const entry = this.open.get(idKey(message.id))
    if (entry === undefined && this.abandoned.delete(idKey(message.id))) return
    if (entry === undefined)
      return this.fault(`A response to ${JSON.stringify(message.id).slice(0, 60)}, which is not open.`)
    if (message.error !== undefined) return entry.settle({ kind: 'error', error: message.error })
    const { result, resultText } = message
    if (!isJsonObject(result) || resultText === undefined) {
      this.fault('A result that is not an object.')
      return entry.settle(lost('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not an object.'))
    }
    entry.settle({ kind: 'result', result, resultText: stripOurMeta(resultText) })
  }

  /** A message that cannot be read may be the answer somebody waits for: then he learns it, the rest is a fault. */
  private receiveInvalid(idTexts: readonly string[], reason: string): void {
    this.fault(reason)
    for (const idText of idTexts) {
      const id: unknown = JSON.parse(idText)
      if (typeof id !== 'number') continue
      this.open.get(idKey(id))?.settle(lost('SP_MCP_UPSTREAM_PROTOCOL', 'The answer cannot be read.'))
    }
  }

  private receiveNotification(method: string, params: JsonObject, paramsText: string): void {
    if (method === 'notifications/progress') return this.receiveProgress(params)
    if (!this.unasked.take()) return this.violate('It sends more notifications than the gateway takes.')
    if (method === 'notifications/cancelled') {
      const id = params['requestId']
      if (typeof id === 'string' || typeof id === 'number') this.serverRequests.get(idKey(id))?.abort()
      return
    }
    this.options.handler.notification(method, params, stripOurMeta(paramsText))
  }

  private receiveProgress(params: JsonObject): void {
    const token = params['progressToken']
    const entry = typeof token === 'string' ? this.tokens.get(token) : undefined
    if (entry === undefined) {
      if (!this.unasked.take()) this.violate('It sends more notifications than the gateway takes.')
      return
    }
    entry.prolong()
    const { progressToken: _, ...progress } = params
    entry.onProgress?.(progress)
  }

  private receiveRequest(idText: string, key: string, method: string, params: JsonObject, paramsText: string): void {
    const answer = (text: string): void => {
      this.transport.send({ text }).catch(() => undefined)
    }
    if (method === 'ping') return answer(resultMessage(idText, '{}'))
    if (!this.unasked.take()) return this.violate('It sends more requests than the gateway takes.')
    if (methodRule('server', method) === undefined) return answer(errorMessage(idText, -32601, 'Method not found'))
    if (this.serverRequests.has(key)) return this.fault('A request with the id of an open one.')
    if (this.serverRequests.size >= MAX_SERVER_REQUESTS) {
      return answer(errorMessage(idText, -32603, 'Too many requests are open.'))
    }
    const controller = new AbortController()
    this.serverRequests.set(key, controller)
    this.options.handler
      .request(method, params, stripOurMeta(paramsText), controller.signal)
      .catch((thrown: unknown) => {
        const { code } = toSallyportError(thrown)
        return { code: -32603, message: 'The gateway could not answer.', error: code }
      })
      .then((reply) => {
        this.serverRequests.delete(key)
        if (controller.signal.aborted) return
        if ('resultText' in reply) answer(resultMessage(idText, reply.resultText))
        else answer(errorMessage(idText, reply.code, reply.message))
      })
      .catch(() => undefined)
  }

  private fault(reason: string): void {
    this.deps.log('server broke the protocol', { server: this.alias, reason })
    if (++this.faults >= MAX_FAULTS) this.violate(`${this.faults} protocol faults; the last one: ${reason}`)
  }

  /** Cuts the server off. */
  private violate(reason: string): void {
    this.end(reason, true, 'SP_MCP_UPSTREAM_PROTOCOL')
    this.transport.close().catch(() => undefined)
  }

  private end(reason: string, tell = true, code: ErrorCode = 'SP_MCP_UPSTREAM_FAILED'): void {
    if (this.ended !== undefined) return
    this.ended = reason
    for (const entry of [...this.open.values()]) entry.settle(lost(code, reason))
    for (const controller of this.serverRequests.values()) controller.abort()
    if (tell) this.options.handler.closed(reason)
  }
}

const lost = (code: ErrorCode, reason: string, how: 'failure' | 'timeout' | 'aborted' = 'failure'): Reply => ({
  kind: 'lost',
  code,
  reason,
  how,
})

const timeoutReply = (method: string): Reply => lost('SP_MCP_UPSTREAM_TIMEOUT', `No answer to ${method}.`, 'timeout')
