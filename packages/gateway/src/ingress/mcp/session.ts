import {
  claimsEnvelope,
  errorMessage,
  idKey,
  inEra,
  methodRule,
  notificationMessage,
  readEnvelope,
  refusalMessage,
  requestMessage,
  resultMessage,
  rpcCode,
  toSallyportError,
  type Era,
  type ErrorCode,
  type JsonObject,
  type ProtocolVersion,
  type RpcMessage,
  type RpcNotification,
  type RpcRequest,
  type RpcResponse,
} from '@sallyport/core'
import type { Caller, Refusal } from '../../boundary/ports.ts'
import { DecidedCalls } from './decided-calls.ts'
import { answerDiscover, answerInitialize } from './greetings.ts'
import { listTools } from './list-tools.ts'
import type { LinkHost } from './link-host.ts'
import type { McpIngressDeps, McpServerEntry } from './ports.ts'
import type { Reply } from './reply.ts'
import type { StateSeal } from './sealed-state.ts'
import { ServerLink } from './server-link.ts'
import { Subscriptions } from './subscriptions.ts'
import { entriesFor, isVisitor, mayAsk } from './visitors.ts'

/** What a client is connected to: one server under its own names, or all of them under `<alias>__<name>`. */
export type Scope = { readonly kind: 'server'; readonly entry: McpServerEntry } | { readonly kind: 'aggregate' }

export interface SessionOptions {
  readonly deps: McpIngressDeps
  readonly caller: Caller
  readonly scope: Scope
  readonly seal: StateSeal
  /** Sends a message that belongs to no request. False when there is nobody to take it. */
  readonly push: (text: string) => boolean
  /** False where several clients of one agent share the session (2026 era over HTTP): ids are theirs, not the session's. */
  readonly ownIds: boolean
}

const MAX_RUNNING = 256
const MAX_RECORDED_PER_SECOND = 20
const QUESTION_MS = 5 * 60_000
/** Reasons of aborts, made once: an abort without one makes an exception with a stack each time. */
const CLIENT_GONE = Object.freeze(new Error('The client has gone.'))
const CANCELLED = Object.freeze(new Error('The client has cancelled the request.'))

/** One request on its way: what is known of its sender and how to tell him something. */
export interface RequestContext {
  readonly request: RpcRequest
  readonly reply: Reply
  readonly era: Era
  /** Capabilities the client has declared: with this request (2026 era) or in its handshake. */
  readonly capabilities: JsonObject
  readonly signal: AbortSignal
}

/** One MCP client as the gateway sees it. Every request gets an answer, whatever it is; nothing is passed on undecided. */
export class ClientSession implements LinkHost {
  readonly caller: Caller
  readonly deps: McpIngressDeps
  readonly scope: Scope
  readonly seal: StateSeal
  readonly subscriptions: Subscriptions
  private readonly options: SessionOptions
  private readonly links = new Map<string, ServerLink>()
  private readonly running = new Map<string, AbortController>()
  private readonly questions = new Map<string, (answer: RpcResponse | undefined) => void>()
  private readonly calls: DecidedCalls
  private readonly life = new AbortController()
  private era: Era = 'legacy'
  private version: ProtocolVersion | undefined
  private capabilities: JsonObject = {}
  private nextQuestion = 0
  private nextSlot = 0
  private recordedSecond = 0
  private recorded = 0

  constructor(options: SessionOptions) {
    this.options = options
    this.caller = options.caller
    this.deps = options.deps
    this.scope = options.scope
    this.seal = options.seal
    this.subscriptions = new Subscriptions(this)
    this.calls = new DecidedCalls(this)
  }

  /** True while requests of the client are running. */
  get busy(): boolean {
    return this.running.size > 0
  }

  get boundary() {
    return this.deps.boundary
  }
  get upstreams() {
    return this.deps.upstreams
  }
  get catalogue() {
    return this.deps.catalogue
  }

  client() {
    return { era: this.era, version: this.version, capabilities: this.capabilities }
  }

  /** Takes one message of the client. Never rejects. */
  async receive(message: RpcMessage, reply: Reply): Promise<void> {
    switch (message.kind) {
      case 'request':
        return this.request(message, reply)
      case 'notification':
        this.notification(message)
        return reply.none()
      case 'response':
        this.answered(message)
        return reply.none()
      case 'invalid': {
        const { code, reason, idTexts } = message
        const eventId = await this.record(code, reason)
        return reply.endAll(idTexts.map((idText) => refusalMessage(idText, code, reason, eventId)))
      }
    }
  }

  /** Ends the connection: running calls are aborted, connections to servers are closed. */
  async close(): Promise<void> {
    if (this.life.signal.aborted) return
    this.life.abort()
    for (const controller of this.running.values()) controller.abort(CLIENT_GONE)
    for (const settle of this.questions.values()) settle(undefined)
    this.subscriptions.close()
    await this.upstreams.closeConnection(this.caller.connection)
  }

  // --- LinkHost

  link(entry: McpServerEntry): ServerLink {
    const link = this.links.get(entry.alias) ?? new ServerLink(entry, this)
    this.links.set(entry.alias, link)
    return link
  }

  /** Servers this client may name. */
  entries(): readonly McpServerEntry[] {
    const entries =
      this.scope.kind === 'server'
        ? [this.scope.entry]
        : this.catalogue.servers().filter(({ aggregated }) => aggregated)
    return entriesFor(this.caller, entries)
  }

  notify(method: string, text: string, uri?: string): void {
    if (this.era === 'legacy' && !this.life.signal.aborted) this.options.push(text)
    this.subscriptions.deliver(method, uri)
  }

  listensTo(uri: string): boolean {
    return this.subscriptions.listensTo(uri)
  }

  async inspect(server: string, method: string, paramsText: string): Promise<string | undefined> {
    if (isVisitor(this.caller)) return undefined
    if (this.deps.inspectNotification === undefined) return paramsText
    return this.deps.inspectNotification(this.caller, server, method, paramsText)
  }

  async ask(
    method: string,
    paramsText: string,
    signal: AbortSignal,
    send: (text: string) => boolean = this.options.push,
  ): Promise<RpcResponse | undefined> {
    const id = `sallyport-${++this.nextQuestion}`
    if (!send(requestMessage(JSON.stringify(id), method, paramsText))) return undefined
    return new Promise((resolve) => {
      const settle = (answer: RpcResponse | undefined): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.questions.delete(id)
        resolve(answer)
      }
      const giveUp = (): void => {
        send(notificationMessage('notifications/cancelled', JSON.stringify({ requestId: id })))
        settle(undefined)
      }
      const timer = setTimeout(giveUp, QUESTION_MS)
      timer.unref()
      this.questions.set(id, settle)
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  refused(code: ErrorCode, reason: string): void {
    this.record(code, reason).catch(() => undefined)
  }

  /** Event id of the record, or '' when a flood is no longer recorded one by one (T-170). */
  async record(code: ErrorCode, reason: string): Promise<string> {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.recordedSecond) {
      this.recordedSecond = second
      this.recorded = 0
    }
    if (++this.recorded > MAX_RECORDED_PER_SECOND) return ''
    return this.boundary.refused(this.caller, { code, reason, ingress: this.caller.ingress }).catch(() => '')
  }

  // --- Requests

  private async request(request: RpcRequest, reply: Reply): Promise<void> {
    const key = idKey(request.id)
    if (this.options.ownIds && this.running.has(key)) {
      return this.refuse(request, reply, 'SP_MCP_INVALID_REQUEST', 'A request with this id is running.')
    }
    if (this.running.size >= MAX_RUNNING)
      return this.refuse(request, reply, 'SP_AUTHZ_RATE', 'Too many requests are open.')
    const controller = new AbortController()
    const slot = this.options.ownIds ? key : `${key} ${++this.nextSlot}`
    this.running.set(slot, controller)
    const gone = (): void => controller.abort(CLIENT_GONE)
    if (reply.signal.aborted) gone()
    else reply.signal.addEventListener('abort', gone, { once: true })
    try {
      await this.dispatch(request, reply, controller.signal)
    } catch (thrown) {
      const { code } = toSallyportError(thrown)
      await this.refuse(request, reply, code, '')
    } finally {
      reply.signal.removeEventListener('abort', gone)
      this.running.delete(slot)
    }
  }

  private async dispatch(request: RpcRequest, reply: Reply, signal: AbortSignal): Promise<void> {
    const { method, params } = request
    let era: Era = 'legacy'
    let { capabilities } = this
    if (claimsEnvelope(params)) {
      const envelope = readEnvelope(params)
      if (!envelope.ok) {
        await this.record('SP_MCP_VERSION_UNSUPPORTED', envelope.message)
        const text = errorMessage(request.idText, envelope.code, envelope.message, envelope.data)
        return reply.end(text, envelope.code, 400)
      }
      era = 'modern'
      capabilities = envelope.value.clientCapabilities
    }
    const rule = methodRule('client', method)
    if (
      rule === undefined ||
      rule.kind !== 'request' ||
      rule.disposition === 'refused' ||
      !inEra(rule, era) ||
      !mayAsk(this.caller, method)
    ) {
      return this.refuse(request, reply, 'SP_MCP_METHOD_REFUSED', method.slice(0, 60))
    }
    if (era === 'modern') this.becomeModern(capabilities)
    const context: RequestContext = { request, reply, era, capabilities, signal }
    switch (method) {
      case 'initialize':
        return answerInitialize(this, context)
      case 'ping':
        return reply.end(resultMessage(request.idText, '{}'))
      case 'server/discover':
        return answerDiscover(this, context)
      case 'tools/list':
        return listTools(this, context)
      case 'subscriptions/listen':
        return this.subscriptions.listen(context)
      default:
        return this.calls.run(context)
    }
  }

  /** A client that has not shaken hands is of the 2026 era: what it can do, it says with every request. */
  private becomeModern(capabilities: JsonObject): void {
    if (this.version !== undefined) return
    this.era = 'modern'
    this.capabilities = capabilities
  }

  async refuse(request: RpcRequest, reply: Reply, code: ErrorCode, reason: string): Promise<void> {
    const eventId = await this.record(code, reason)
    reply.end(refusalMessage(request.idText, code, reason, eventId), rpcCode(code))
  }

  async refuseUpstream(request: RpcRequest, reply: Reply, { code, reason }: Refusal): Promise<void> {
    return this.refuse(request, reply, code, reason)
  }

  /** The handshake of the 2025 era: what the client is from now on. */
  shakeHands(version: ProtocolVersion, capabilities: JsonObject): void {
    this.era = 'legacy'
    this.version = version
    this.capabilities = capabilities
  }

  // --- Everything that is not a request

  private notification({ method, params }: RpcNotification): void {
    const rule = methodRule('client', method)
    if (rule === undefined || rule.kind !== 'notification' || rule.disposition === 'refused') {
      return this.refused('SP_MCP_METHOD_REFUSED', method.slice(0, 60))
    }
    if (method !== 'notifications/cancelled') return
    const id = params['requestId']
    if ((typeof id === 'string' || typeof id === 'number') && this.options.ownIds)
      this.running.get(idKey(id))?.abort(CANCELLED)
  }

  private answered(message: RpcResponse): void {
    const settle = typeof message.id === 'string' ? this.questions.get(message.id) : undefined
    if (settle === undefined) return this.refused('SP_MCP_INVALID_REQUEST', 'A response to nothing that was asked.')
    settle(message)
  }
}
