import { SallyportError, toSallyportError } from '@sallyport/core'
import { readEventStream, type StreamState } from './event-stream.ts'
import { contentType, type HttpDeps } from './http-deps.ts'
import type { RemoteServerSpec } from './spec.ts'
import type { Outgoing, Transport, TransportSink } from './transport.ts'

/** HTTP with server-sent events as 2024-11-05 had it: a stream that names the endpoint to post to. */
export class SseTransport implements Transport {
  readonly confinement = 'remote'
  private readonly spec: RemoteServerSpec
  private readonly deps: HttpDeps
  private readonly life = new AbortController()
  private endpoint: string | undefined
  private queue: Promise<void> = Promise.resolve()

  constructor(spec: RemoteServerSpec, deps: HttpDeps) {
    this.spec = spec
    this.deps = deps
  }

  async start(sink: TransportSink): Promise<void> {
    const headers = { ...this.spec.headers, accept: 'text/event-stream' }
    const { signal } = this.life
    const answer = await this.deps.outgoing.exchange(this.spec.url, { method: 'GET', headers, signal })
    if (answer.status !== 200 || contentType(answer) !== 'text/event-stream') {
      await answer.discard()
      throw new SallyportError('SP_MCP_UPSTREAM_FAILED', `The server answered HTTP ${answer.status}.`)
    }
    const state: StreamState = { lastEventId: '', retryMs: 0 }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.life.abort()
        reject(new SallyportError('SP_MCP_UPSTREAM_TIMEOUT', 'The server did not name its endpoint.'))
      }, this.spec.timeoutMs)
      readEventStream(answer.body, this.deps.maxMessageBytes, state, ({ event, data }) => {
        if (event === 'message' && this.endpoint !== undefined) return sink.message(data)
        if (event !== 'endpoint') return
        try {
          this.moveTo(data)
          clearTimeout(timer)
          resolve()
        } catch (thrown) {
          clearTimeout(timer)
          this.life.abort()
          reject(toSallyportError(thrown))
          sink.closed('The server named an endpoint elsewhere.')
        }
      })
        .then(
          () => 'The stream ended.',
          (thrown: unknown) => toSallyportError(thrown).message,
        )
        .then((reason) => {
          clearTimeout(timer)
          reject(new SallyportError('SP_MCP_UPSTREAM_FAILED', reason))
          if (!this.life.signal.aborted) sink.closed(reason)
        })
        .catch(() => undefined)
    })
  }

  async send({ text }: Outgoing): Promise<void> {
    const sent = this.queue.then(() => this.post(text))
    this.queue = sent.catch(() => undefined)
    return sent
  }

  established(): void {}

  abandon(): boolean {
    return false
  }

  async close(): Promise<void> {
    this.life.abort()
  }

  /** The endpoint must be where the stream came from; a second one is refused too (T-070). */
  private moveTo(data: string): void {
    const url = new URL(data, this.spec.url)
    if (url.origin !== new URL(this.spec.url).origin || this.endpoint !== undefined) {
      throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The server names an endpoint of another origin.')
    }
    this.endpoint = url.href
  }

  private async post(body: string): Promise<void> {
    const { endpoint } = this
    if (endpoint === undefined || this.life.signal.aborted) {
      throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The connection is closed.')
    }
    const headers = { ...this.spec.headers, 'content-type': 'application/json' }
    const answer = await this.deps.outgoing.exchange(endpoint, {
      method: 'POST',
      headers,
      body,
      signal: this.life.signal,
    })
    await answer.discard()
    if (answer.status >= 400) {
      throw new SallyportError('SP_MCP_UPSTREAM_FAILED', `The server answered HTTP ${answer.status}.`)
    }
  }
}
