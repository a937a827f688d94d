import {
  decodeUtf8,
  eraOf,
  headersFor,
  idKey,
  memberText,
  metaOf,
  META_VERSION,
  readMessage,
  SallyportError,
  toSallyportError,
  type JsonObject,
} from '@sallyport/core'
import { readBody, readEventStream, type StreamState } from './event-stream.ts'
import type { HttpAnswer } from '../egress/outgoing.ts'
import { contentType, type HttpDeps } from './http-deps.ts'
import type { RemoteServerSpec } from './spec.ts'
import type { Outgoing, Transport, TransportSink } from './transport.ts'

const ACCEPT = 'application/json, text/event-stream'
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000
/** Times a stream is resumed without having brought anything new. */
const MAX_RESUMES = 5

/** Streamable HTTP of both eras. */
export class HttpTransport implements Transport {
  readonly confinement = 'remote'
  private readonly spec: RemoteServerSpec
  private readonly deps: HttpDeps
  private readonly streams = new Map<number, AbortController>()
  private readonly life = new AbortController()
  private sink: TransportSink | undefined
  private session: string | undefined
  private version: string | undefined
  /** Notifications arrive before the requests that follow them. */
  private quiet: Promise<void> = Promise.resolve()

  constructor(spec: RemoteServerSpec, deps: HttpDeps) {
    this.spec = spec
    this.deps = deps
  }

  async start(sink: TransportSink): Promise<void> {
    this.sink = sink
  }

  async send(message: Outgoing): Promise<void> {
    if (this.life.signal.aborted) throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The connection is closed.')
    if (message.request === undefined) {
      const sent = this.quiet.then(() => this.post(message.text))
      this.quiet = sent.catch(() => undefined)
      return sent
    }
    await this.quiet
    return this.ask(message.text, message.request)
  }

  established(version: string): void {
    this.version = version
    if (eraOf(version) === 'legacy') this.followServer().catch(() => undefined)
  }

  abandon(requestId: number): boolean {
    const stream = this.streams.get(requestId)
    const modern = this.version !== undefined && eraOf(this.version) === 'modern'
    if (modern) stream?.abort()
    return modern
  }

  async close(): Promise<void> {
    if (this.life.signal.aborted) return
    if (this.session !== undefined) {
      const signal = AbortSignal.timeout(2_000)
      await this.deps.outgoing
        .exchange(this.spec.url, { method: 'DELETE', headers: this.headers(), signal })
        .then((answer) => answer.discard())
        .catch(() => undefined)
    }
    this.life.abort()
  }

  private headers(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      ...this.spec.headers,
      ...(this.version === undefined ? {} : { 'mcp-protocol-version': this.version }),
      ...(this.session === undefined ? {} : { 'mcp-session-id': this.session }),
      ...more,
    }
  }

  private async post(body: string): Promise<void> {
    const headers = this.headers({ 'content-type': 'application/json', accept: ACCEPT })
    const answer = await this.deps.outgoing.exchange(this.spec.url, {
      method: 'POST',
      headers,
      body,
      signal: this.life.signal,
    })
    await answer.discard()
  }

  private async ask(body: string, request: NonNullable<Outgoing['request']>): Promise<void> {
    const controller = new AbortController()
    this.streams.set(request.id, controller)
    const signal = AbortSignal.any([controller.signal, this.life.signal])
    try {
      const headers = this.headers({
        'content-type': 'application/json',
        accept: ACCEPT,
        ...this.bodyHeaders(request),
      })
      if (request.method === 'initialize') delete headers['mcp-session-id']
      const answer = await this.deps.outgoing.exchange(this.spec.url, { method: 'POST', headers, body, signal })
      if (request.method === 'initialize' && answer.status < 300) this.session = answer.header('mcp-session-id')
      await this.receive(answer, request.id, signal)
    } finally {
      this.streams.delete(request.id)
    }
  }

  private bodyHeaders(request: NonNullable<Outgoing['request']>): Record<string, string> {
    const { method, paramsText, inputSchema } = request
    if (memberText(paramsText, '_meta') === undefined) return {}
    const params = JSON.parse(paramsText) as JsonObject
    const version = metaOf(params)[META_VERSION]
    return typeof version === 'string' ? headersFor(version, method, params, inputSchema) : {}
  }

  private async receive(answer: HttpAnswer, id: number, signal: AbortSignal): Promise<void> {
    if (answer.status < 300 && contentType(answer) === 'text/event-stream') {
      return this.follow(answer, id, signal)
    }
    const text = decodeUtf8(await readBody(answer.body, this.deps.maxMessageBytes))
    const message = text === '' ? undefined : readMessage(text)
    if (message?.kind === 'response' && idKey(message.id) === idKey(id)) return this.sink?.message(text)
    if (answer.status === 404 && this.session !== undefined) {
      this.life.abort()
      this.sink?.closed('The server does not know the session any more.')
      return
    }
    throw new SallyportError('SP_MCP_UPSTREAM_FAILED', `The server answered HTTP ${answer.status}.`)
  }

  /** Reads the stream of one request until its answer has come; resumes it where the server offers that. */
  private async follow(first: HttpAnswer, id: number, signal: AbortSignal): Promise<void> {
    const state: StreamState = { lastEventId: '', retryMs: FIRST_RETRY_MS }
    let answer: HttpAnswer | undefined = first
    let answered = false
    for (let tries = 0; tries <= MAX_RESUMES; tries++) {
      const before = state.lastEventId
      if (answer !== undefined) {
        await this.drain(answer, state, (text) => {
          const message = readMessage(text)
          if (message.kind === 'response' && idKey(message.id) === idKey(id)) answered = true
        }).catch((thrown: unknown) => {
          if (state.lastEventId === '' || signal.aborted) throw thrown
        })
      }
      if (answered) return
      if (state.lastEventId === '' || signal.aborted) break
      if (state.lastEventId !== before) tries = 0
      await pause(state.retryMs, signal)
      answer = await this.openStream(state.lastEventId, signal)
    }
    throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The stream ended before the answer came.')
  }

  private async drain(answer: HttpAnswer, state: StreamState, seen?: (text: string) => void): Promise<void> {
    await readEventStream(answer.body, this.deps.maxMessageBytes, state, ({ data, event }) => {
      if (event !== 'message') return
      seen?.(data)
      this.sink?.message(data)
    })
  }

  /** The stream of what the server says by itself (2025 era); a server without one answers 405. */
  private async followServer(): Promise<void> {
    const { signal } = this.life
    const state: StreamState = { lastEventId: '', retryMs: FIRST_RETRY_MS }
    await this.quiet
    for (let delay = FIRST_RETRY_MS; !signal.aborted; delay = Math.min(delay * 2, MAX_RETRY_MS)) {
      const answer = await this.openStream(state.lastEventId, signal).catch((thrown: unknown) =>
        toSallyportError(thrown),
      )
      if (answer === undefined) return
      if (!(answer instanceof SallyportError)) {
        const before = performance.now()
        await this.drain(answer, state).catch(() => undefined)
        if (performance.now() - before > 5_000) delay = FIRST_RETRY_MS
      }
      await pause(Math.max(delay, state.retryMs), signal)
    }
  }

  private async openStream(lastEventId: string, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const resume: Record<string, string> = lastEventId === '' ? {} : { 'last-event-id': lastEventId }
    const headers = this.headers({ accept: 'text/event-stream', ...resume })
    const answer = await this.deps.outgoing.exchange(this.spec.url, { method: 'GET', headers, signal })
    if (answer.status === 200 && contentType(answer) === 'text/event-stream') return answer
    await answer.discard()
    return undefined
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
