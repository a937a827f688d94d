import { createParser } from 'eventsource-parser'
import { SallyportError } from '@sallyport/core'

export interface StreamEvent {
  readonly data: string
  readonly event: string
}

/** What a server-sent event stream has told so far, for resuming it. */
export interface StreamState {
  lastEventId: string
  retryMs: number
}

/**
 * Reads an event stream to its end. Bounded: an event longer than `limit` UTF-16 units ends it with an error.
 * @throws SallyportError SP_MCP_UPSTREAM_PROTOCOL for an event that is too long or bytes that are not UTF-8; whatever the body throws.
 */
export async function readEventStream(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  state: StreamState,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  let sinceEvent = 0
  const parser = createParser({
    onEvent: ({ id, data, event }) => {
      sinceEvent = 0
      if (id !== undefined && id !== '') state.lastEventId = id
      if (data !== '') onEvent({ data, event: event ?? 'message' })
    },
    onRetry: (ms) => {
      state.retryMs = Math.min(Math.max(ms, 10), 60_000)
    },
    onComment: () => {
      sinceEvent = 0
    },
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of body) {
    let text: string
    try {
      text = decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'Its event stream is not UTF-8.', { cause })
    }
    sinceEvent += text.length
    if (sinceEvent > limit) throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'An event is too long.')
    parser.feed(text)
  }
}

/** Reads a body whole, up to `limit` bytes. */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limit)
      throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', `Its answer is longer than ${limit} bytes.`)
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}
