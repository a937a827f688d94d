import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'

/** Bounds on what one connection may cost: streams at once, headers in bytes and pairs, memory in MB (RFC 9113 section 10.5). */
const MOST = {
  settings: { maxConcurrentStreams: 64, maxHeaderListSize: 64 * 1024, enablePush: false },
  ...{ maxHeaderListPairs: 128, maxSessionMemory: 16, maxSettings: 32, maxOutstandingPings: 10 },
  ...{ maxSessionInvalidFrames: 10, maxSessionRejectedStreams: 50, streamResetBurst: 200, streamResetRate: 20 },
}

export interface Http2Deps {
  /** Whether a request is for the host of its tunnel; by `Host` and path, as in HTTP/1.1. */
  readonly isOf: (request: IncomingMessage) => boolean
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Longest time in ms until the first request, and in which nothing is said. */
  readonly firstLimit: number
  readonly idleLimit: number
}

/**
 * Speaks HTTP/2 over a connection whose TLS was ended. Each stream becomes a request as HTTP/1.1 has it, with `:authority` as its host, so
 * that whatever judges requests judges it.
 */
export function serveHttp2(
  { constants, createServer }: typeof import('node:http2'),
  secure: TLSSocket,
  { isOf, answer, firstLimit, idleLimit }: Http2Deps,
): void {
  const server = createServer(MOST)
  server.on('session', (session) => session.setTimeout(firstLimit, () => session.destroy()))
  server.on('sessionError', () => secure.destroy())
  server.on('request', (incoming, outgoing) => {
    const { stream } = incoming
    stream.session?.setTimeout(idleLimit)
    stream.on('error', () => undefined)
    if (!becomesPlain(incoming)) return stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
    // what the two have in common is all that is used of them
    const [request, response] = [incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse]
    if (!isOf(request)) return void outgoing.writeHead(421).end()
    answer(request, response).catch(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  })
  server.emit('connection', secure)
}

/** Makes it a request of HTTP/1.1 to look at; false when it does not name one host. */
function becomesPlain(incoming: Http2ServerRequest): boolean {
  const { headers, stream, url, method } = incoming
  const { ':authority': authority, ':scheme': scheme, host = authority } = headers
  if (scheme !== 'https' || authority === undefined || host !== authority) return false
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')))
  Object.assign(plain, { host: authority })
  // a body without a length is one in pieces
  if (!stream.endAfterHeaders && headers['content-length'] === undefined) plain['transfer-encoding'] = 'chunked'
  // they would be looked up among the headers
  Object.defineProperties(incoming, { headers: { value: plain }, url: { value: url }, method: { value: method } })
  return true
}
