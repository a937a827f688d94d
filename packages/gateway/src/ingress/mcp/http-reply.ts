import type { ServerResponse } from 'node:http'
import { MISSING_CAPABILITY, UNSUPPORTED_VERSION } from '@sallyport/core'
import type { EventLog } from './event-log.ts'
import { EventStreamWriter } from './event-stream-writer.ts'
import type { Reply } from './reply.ts'

/** HTTP status of a JSON-RPC error answer in the 2026 era; others are answers like any result. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [-32601, 404],
  [-32600, 400],
  [-32700, 400],
  [-32020, 400],
  [MISSING_CAPABILITY, 400],
  [UNSUPPORTED_VERSION, 400],
])

export interface HttpReplyOptions {
  readonly response: ServerResponse
  readonly headers: Readonly<Record<string, string>>
  /** 2026 era: errors have a status, closing the response cancels. */
  readonly modern: boolean
  /** Whether the client takes an event stream. */
  readonly takesStream: boolean
  /** 2025 era: events can be had again after the connection broke. */
  readonly log?: EventLog
  /** The stream that a broken POST leaves behind. */
  readonly onStream?: (writer: EventStreamWriter) => void
}

/** Answers one POST: JSON when the answer comes first, an event stream as soon as there is something to say before it. */
export function httpReply(options: HttpReplyOptions): Reply {
  const { response, headers, modern, takesStream } = options
  const gone = new AbortController()
  let writer: EventStreamWriter | undefined
  let answered = false
  response.once('close', () => {
    if (!answered && modern) gone.abort()
  })
  const json = (status: number, text: string): void => {
    if (response.headersSent || response.destroyed) return
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(text)
  }
  return {
    signal: gone.signal,
    send(text) {
      if (answered || !takesStream) return false
      if (writer === undefined) {
        if (response.destroyed) return false
        writer = new EventStreamWriter(options.log)
        options.onStream?.(writer)
        writer.attach(response, headers)
      }
      return writer.send(text)
    },
    end(text, rpcCode, status) {
      if (answered) return
      answered = true
      if (writer !== undefined) {
        writer.send(text)
        return writer.end()
      }
      json(modern && rpcCode !== undefined ? (status ?? STATUS.get(rpcCode) ?? 200) : 200, text)
    },
    endAll(texts) {
      if (answered) return
      answered = true
      const [only] = texts
      json(400, texts.length === 1 && only !== undefined ? only : `[${texts.join(',')}]`)
    },
    none() {
      if (answered) return
      answered = true
      if (writer !== undefined) return writer.end()
      if (response.headersSent || response.destroyed) return
      response.writeHead(202, headers)
      response.end()
    },
  }
}
