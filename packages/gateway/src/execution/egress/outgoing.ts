import type { Dispatcher } from 'undici'
import { SallyportError } from '@sallyport/core'

interface HttpOrder {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** Value of a header by its lower-case name. */
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
  /** Lets go of a body nobody reads. */
  discard(): Promise<void>
}

/**
 * The one way out over HTTP.
 * - Follows no redirect: neither body nor credentials reach an address nobody decided on (T-070).
 * - Sets no time limit of its own; the signal does.
 * - Throws SallyportError SP_MCP_UPSTREAM_PROTOCOL for a redirect, SP_MCP_UPSTREAM_FAILED when there is no answer.
 */
export interface OutgoingHttp {
  exchange(url: string, order: HttpOrder): Promise<HttpAnswer>
}

/** Bytes of an unwanted body that are read before the connection is cut. */
const DUMP = 64 * 1024

/** @param dispatcher where connections are made; the place of the egress guard. */
export function createOutgoing(dispatcher?: Dispatcher): OutgoingHttp {
  return {
    async exchange(url, order) {
      const answer = await send(url, order, dispatcher)
      const discard = async (): Promise<void> => {
        await answer.body.dump({ limit: DUMP }).catch(() => undefined)
      }
      if (answer.statusCode >= 300 && answer.statusCode < 400) {
        await discard()
        throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The server redirects; redirects are not followed.')
      }
      return {
        status: answer.statusCode,
        header: (name) => {
          const value = answer.headers[name]
          return Array.isArray(value) ? value[0] : value
        },
        body: answer.body,
        discard,
      }
    },
  }
}

async function send(
  url: string,
  order: HttpOrder,
  dispatcher: Dispatcher | undefined,
): Promise<Dispatcher.ResponseData> {
  try {
    // loaded on first use: most gateways start without anything to reach over HTTP
    const { request } = await import('undici')
    return await request(url, {
      method: order.method,
      headers: order.headers,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(order.body === undefined ? {} : { body: order.body }),
      ...(order.signal === undefined ? {} : { signal: order.signal }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    })
  } catch (cause) {
    throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The server cannot be reached.', { cause })
  }
}
