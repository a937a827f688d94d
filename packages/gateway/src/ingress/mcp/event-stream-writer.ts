import type { ServerResponse } from 'node:http'
import type { EventLog } from './event-log.ts'

const KEEP_ALIVE_MS = 15_000
/** Bytes waiting for a client that does not read before it is let go. */
const MAX_BACKLOG = 8 * 1024 * 1024

/** One server-sent event stream to a client; with a log its events have ids and can be had again. */
export class EventStreamWriter {
  readonly stream: number
  private readonly log: EventLog | undefined
  private response: ServerResponse | undefined
  private timer: NodeJS.Timeout | undefined
  private seq = 0
  private ended = false

  constructor(log?: EventLog) {
    this.log = log
    this.stream = log?.newStream() ?? 0
  }

  get attached(): boolean {
    return this.response !== undefined
  }

  get done(): boolean {
    return this.ended
  }

  /** Starts or, after the client came back, goes on writing to this response. */
  attach(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    this.detach()
    this.response = response
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    })
    response.flushHeaders()
    response.once('close', () => {
      if (this.response === response) this.detach()
    })
    this.timer = setInterval(() => this.write(': keep-alive\n\n'), KEEP_ALIVE_MS)
    this.timer.unref()
  }

  /** True when a client takes it now, or can still fetch it. */
  send(text: string): boolean {
    if (this.ended) return false
    const id = this.log?.add(this.stream, ++this.seq, text)
    if (this.response === undefined) return id !== undefined
    this.write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${text.replaceAll('\n', ' ')}\n\n`)
    return true
  }

  replay(events: readonly { readonly id: string; readonly text: string }[]): void {
    for (const { id, text } of events) this.write(`id: ${id}\nevent: message\ndata: ${text.replaceAll('\n', ' ')}\n\n`)
  }

  end(): void {
    this.ended = true
    const { response } = this
    this.detach()
    response?.end()
  }

  private detach(): void {
    clearInterval(this.timer)
    this.response = undefined
  }

  private write(text: string): void {
    const { response } = this
    if (response === undefined || response.destroyed) return
    response.write(text)
    if (response.writableLength > MAX_BACKLOG) response.destroy()
  }
}
