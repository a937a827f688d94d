import { request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import type { Socket } from 'node:net'
import type { Scrubber } from '@sallyport/core'

/** Headers of one connection only (RFC 9110 section 7.6.1), and what is for the proxy. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  'upgrade',
])

interface Forwarded {
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly upstream: Socket
  /** Takes a credential out of what comes back. */
  readonly scrubber?: Scrubber
  /** Of the request, where it was read and decoded before, whatever its headers say; otherwise it is streamed. */
  readonly body?: Buffer
}

/**
 * Hands one request on over a connection that was made for it, and its answer back. Rejects when there is no answer, or one that
 * cannot be looked through (T-126): then nothing of it has gone on.
 */
export async function forward(client: IncomingMessage, answer: ServerResponse, to: Forwarded): Promise<void> {
  try {
    await exchange(client, answer, to)
  } catch (thrown) {
    to.upstream.destroy()
    throw thrown
  }
}

async function exchange(
  client: IncomingMessage,
  answer: ServerResponse,
  { path, headers, upstream, scrubber, body }: Forwarded,
): Promise<void> {
  // a body is announced as one, or there is none: what follows a head without either would be another request (RFC 9112 section 6.3)
  const isChunked = body === undefined && client.headers['transfer-encoding'] !== undefined
  const own = {
    ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
  }
  const { 'content-encoding': _encoding, ...decoded } = headers
  const given = body === undefined ? headers : decoded
  const outgoing = request({
    ...{ method: client.method, path, createConnection: () => upstream, setHost: false },
    headers: { ...given, ...own, connection: 'close' },
  })
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.once('close', () => reject(new Error('There is no answer.')))
  })
  const over = (): void => void upstream.destroy()
  answer.once('close', over)
  // an answer that waits for an earlier one on the same connection is never told that nobody is there
  client.socket.once('close', over)
  // whoever ends first, the other side says so below; nobody waits for this one
  const sent = body === undefined ? pipeline(client, outgoing).catch(() => undefined) : void outgoing.end(body)
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
  await sent
}

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
    // what says what a message is belongs to the message, and was judged with it, whatever is named
    if (!named.has(name) || name.startsWith('content-')) result[name] = value
  }
  return result
}
