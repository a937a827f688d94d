import { request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import type { Scrubber } from '@sallyport/core'
import type { Upstream } from './pool.ts'

/** Headers of one connection only (RFC 9110 section 7.6.1), and what is for the proxy. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  'upgrade',
])

interface Forwarded {
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  /** What it goes out over, having waited so long at most, ms; undefined when nobody answers. */
  readonly upstream: (mostIdle: number) => Promise<Upstream | undefined>
  /** Takes a credential out of what comes back. */
  readonly scrubber?: Scrubber
}

/** Methods of which a second time changes nothing (RFC 9110 section 9.2.2), as far as they are sent without a body. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** A connection that waited longer may be closed just now; a request that cannot be repeated does not try, ms. */
const YOUNG = 1_000

/**
 * Hands one request on and its answer back. Rejects when there is no answer, or one that cannot be looked through (T-126): then nothing
 * of it has gone on. A connection that was closed while it waited is no answer: what can be repeated goes out once more, over a new one.
 */
export async function forward(client: IncomingMessage, answer: ServerResponse, to: Forwarded): Promise<void> {
  const mayRepeat = REPEATABLE.has(client.method ?? '') && !hasBody(client)
  const upstream = await reached(to, mayRepeat ? Infinity : YOUNG)
  const { bytesRead } = upstream.socket
  try {
    await exchange(client, answer, to, upstream)
  } catch (thrown) {
    const { isReused, socket } = upstream
    socket.destroy()
    if (!isReused || !mayRepeat || socket.bytesRead > bytesRead || answer.destroyed) throw thrown
    const other = await reached(to, 0)
    await exchange(client, answer, to, other).catch((again: unknown) => {
      other.socket.destroy()
      throw again
    })
  }
}

async function reached({ upstream }: Forwarded, mostIdle: number): Promise<Upstream> {
  const found = await upstream(mostIdle)
  if (found === undefined) throw new Error('Nobody answers.')
  return found
}

async function exchange(
  client: IncomingMessage,
  answer: ServerResponse,
  { path, headers, scrubber }: Forwarded,
  { socket: upstream, agent }: Upstream,
): Promise<void> {
  // what nobody waits for any more is not sent
  if (client.socket.destroyed) throw new Error('The client is gone.')
  // a body is announced as one, or there is none: what follows a head without either would be another request (RFC 9112 section 6.3)
  const isChunked = client.headers['transfer-encoding'] !== undefined
  const outgoing = request({
    ...{ method: client.method, path, setHost: false },
    ...(agent === undefined ? { createConnection: () => upstream } : { agent }),
    headers: {
      ...{ ...headers, ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}) },
      connection: agent === undefined ? 'close' : 'keep-alive',
    },
  })
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.once('close', () => reject(new Error('There is no answer.')))
  })
  const over = (): void => {
    if (!answer.writableFinished) upstream.destroy()
  }
  answer.once('close', over)
  // an answer that waits for an earlier one on the same connection is never told that nobody is there
  client.socket.once('close', over)
  // whoever ends first, the other side says so below; nobody waits for this one
  const sent = hasBody(client) ? pipeline(client, outgoing).catch(() => undefined) : void outgoing.end()
  outgoing.on('error', () => undefined)
  const response = await incoming
  const { statusCode = 502 } = response
  if (scrubber === undefined) {
    answer.writeHead(statusCode, passed(response.headers))
    await pipeline(response, answer)
  } else {
    const encoded = [
      response.headers['content-encoding'] ?? 'identity',
      response.headers['transfer-encoding'] ?? 'chunked',
    ]
    if (encoded.join() !== 'identity,chunked')
      throw new Error('The answer is encoded, although it was asked not to be.')
    answer.writeHead(statusCode, scrubbed(passed(response.headers), scrubber))
    await pipeline(response, through(scrubber), answer)
  }
  client.socket.off('close', over)
  answer.off('close', over)
  await sent
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined

const through = (scrubber: Scrubber): Transform =>
  new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, scrubber.push(chunk)),
    flush: (done) => done(null, scrubber.end()),
  })

const scrubbed = (headers: ReturnType<typeof passed>, scrubber: Scrubber): ReturnType<typeof passed> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      scrubber.whole(name),
      typeof value === 'string' ? scrubber.whole(value) : value.map((each) => scrubber.whole(each)),
    ]),
  )

/** What of a message's headers goes on; a connection header may name more that belongs to the connection. */
export function passed(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  const result: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue
    // what says where a message ends belongs to the message, whatever is named
    if (!named.has(name) || name === 'content-length') result[name] = value
  }
  return result
}
