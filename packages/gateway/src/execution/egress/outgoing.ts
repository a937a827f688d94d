import type { Dispatcher } from 'undici'
import { SallyportError } from '@sallyport/core'
import { guardedConnector, type GuardDeps } from './guarded.ts'

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
 * - Throws SallyportError SP_EGRESS_REFUSED for a host that does not lead where it may, SP_MCP_UPSTREAM_PROTOCOL for a redirect,
 *   SP_MCP_UPSTREAM_FAILED when there is no answer.
 */
export interface OutgoingHttp {
  exchange(url: string, order: HttpOrder): Promise<HttpAnswer>
}

/** Bytes of an unwanted body that are read before the connection is cut. */
const DUMP = 64 * 1024

/** Every connection of it is judged when it is made. */
export function createOutgoing(guard: GuardDeps): OutgoingHttp {
  let dispatcher: Promise<Dispatcher> | undefined
  return {
    async exchange(url, order) {
      const answer = await send(url, order, await (dispatcher ??= guarded(guard)))
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

/** Loaded on first use: most gateways start without anything to reach over HTTP. */
async function guarded(guard: GuardDeps): Promise<Dispatcher> {
  const { Agent } = await import('undici')
  return new Agent({ connect: guardedConnector(guard) })
}

async function send(url: string, order: HttpOrder, dispatcher: Dispatcher): Promise<Dispatcher.ResponseData> {
  try {
    const { request } = await import('undici')
    return await request(url, {
      dispatcher,
      method: order.method,
      headers: order.headers,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(order.body === undefined ? {} : { body: order.body }),
      ...(order.signal === undefined ? {} : { signal: order.signal }),
    })
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The server cannot be reached.', { cause })
  }
}
