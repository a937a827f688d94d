import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { answerWith } from './answer.ts'
import { hasBody } from './body.ts'
import type { Forwarded, ForwardLimits, Upstream } from './pool.ts'
import { openWebSocket, UpgradeResponse } from './websocket.ts'

/** Methods of which a second time changes nothing (RFC 9110 section 9.2.2), as far as they are sent without a body. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** A connection that waited longer may be closed just now; a request that cannot be repeated does not try, ms. */
const YOUNG = 1_000

const LIMITS: ForwardLimits = { answer: 600_000, idle: 600_000 }

/**
 * Hands one request on and its answer back. Rejects when there is no answer, or one that cannot be looked through (T-126): then nothing
 * of it has gone on. A connection that was closed while it waited is no answer: what can be repeated goes out once more, over a new one.
 */
export async function forward(client: IncomingMessage, answer: ServerResponse, to: Forwarded): Promise<void> {
  if (answer instanceof UpgradeResponse) return openWebSocket(client, answer, to)
  const mayRepeat = REPEATABLE.has(client.method ?? '') && !hasBody(client)
  const upstream = await to.upstream(mayRepeat ? Infinity : YOUNG)
  const { bytesRead } = upstream.socket
  try {
    await timed(client, answer, to, upstream)
  } catch (thrown) {
    const { isReused, socket } = upstream
    socket.destroy()
    if (!isReused || !mayRepeat || socket.bytesRead > bytesRead || answer.destroyed) throw thrown
    const other = await to.upstream(0)
    await timed(client, answer, to, other).catch((again: unknown) => {
      other.socket.destroy()
      throw again
    })
  }
}

/** A server that does not answer, or stops in the middle, is given up. */
async function timed(
  client: IncomingMessage,
  answer: ServerResponse,
  to: Forwarded,
  upstream: Upstream,
): Promise<void> {
  const { answer: first, idle } = to.limits ?? LIMITS
  const { socket } = upstream
  const end = (): void => void socket.destroy()
  socket.setTimeout(idle).once('timeout', end)
  const late = setTimeout(() => answer.headersSent || end(), first)
  try {
    await exchange(client, answer, to, upstream)
  } finally {
    clearTimeout(late)
    socket.off('timeout', end)
  }
}

async function exchange(
  client: IncomingMessage,
  answer: ServerResponse,
  { path, headers, scrubber, body, meter, seen }: Forwarded,
  { socket: upstream, agent }: Upstream,
): Promise<void> {
  // what nobody waits for any more is not sent
  if (client.socket.destroyed) throw new Error('The client is gone.')
  // a body is announced as one, or there is none: what follows a head without either would be another request (RFC 9112 section 6.3)
  const isChunked = body === undefined && client.headers['transfer-encoding'] !== undefined
  const own = {
    ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
  }
  const { 'content-encoding': _encoding, ...decoded } = headers
  const given = body === undefined ? headers : decoded
  const outgoing = request({
    ...{ method: client.method, path, setHost: false },
    ...(agent === undefined ? { createConnection: () => upstream } : { agent }),
    headers: { ...given, ...own, connection: agent === undefined ? 'close' : 'keep-alive' },
  })
  const passed = meter?.meter.watch(upstream, meter.told)
  outgoing.once('close', () => passed?.(true))
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
  const sent =
    body === undefined && hasBody(client) ? pipeline(client, outgoing).catch(() => undefined) : void outgoing.end(body)
  outgoing.on('error', () => undefined)
  const response = await incoming
  seen?.(response)
  for (const one of passed === undefined ? [] : [client, response]) one.on('data', () => passed?.())
  await answerWith(response, answer, scrubber)
  client.socket.off('close', over)
  answer.off('close', over)
  await sent
}
