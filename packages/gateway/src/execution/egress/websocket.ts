import { createHash } from 'node:crypto'
import { request, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerWith, passedBack, type Passed } from './answer.ts'
import { ScrubbedFrames } from './frames.ts'
import type { Forwarded } from './pool.ts'
import { splice } from './splice.ts'

/** RFC 6455 section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const KEY = /^[A-Za-z0-9+/]{22}==$/
/** Asks for another protocol, and for nothing else that matters. */
const ASKS = new Set(['connection', 'upgrade', 'http2-settings'])

/** Answer to a request that asks for a WebSocket; afterwards the connection is nobody's. */
export class UpgradeResponse extends ServerResponse {
  /** Answers, and takes the connection for what follows. */
  switchTo(headers: Passed): Duplex {
    const { socket } = this.req
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((each) => `${name}: ${each}\r\n`),
    )
    this.detachSocket(socket)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n${lines.join('')}\r\n`,
    )
    return socket
  }
}

/**
 * Has requests for a WebSocket answered as requests are, with an `UpgradeResponse`. Who asks for any other protocol is answered as if it
 * had not (RFC 9110 section 7.8).
 */
export function serveUpgrades(http: Server): void {
  http.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head)
    if (!asksForWebSocket(incoming)) {
      socket.unshift(withoutUpgrade(incoming))
      return void http.emit('connection', socket)
    }
    const response = new UpgradeResponse(incoming)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket)
    socket.on('drain', () => response.emit('drain'))
    response.once('finish', () => socket.end())
    http.emit('request', incoming, response)
  })
}

/** RFC 6455 section 4.2.1, without a body: its end would be nobody's business. */
function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    KEY.test(headers['sec-websocket-key'] ?? '') &&
    headers['sec-websocket-version'] === '13' &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  )
}

/** The head of a request that was read, once more; its parser has seen to it that no line holds another. */
function withoutUpgrade({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = rawHeaders.flatMap((name, n) =>
    n % 2 === 1 || ASKS.has(name.toLowerCase()) ? [] : `${name}: ${rawHeaders[n + 1] ?? ''}\r\n`,
  )
  return Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`, 'latin1')
}

/**
 * Hands on a request for a WebSocket, and joins both ends when the server has agreed to this very one: the credential is in the request,
 * and is looked for in all that the server says. No extension is offered: what is packed could not be looked through. Any other answer is handed back and ends the connection. Rejects as `forward` does.
 */
export async function openWebSocket(
  client: IncomingMessage,
  answer: UpgradeResponse,
  { path, headers, upstream, scrubber, meter }: Forwarded,
): Promise<void> {
  const { socket } = await upstream(0)
  const over = (): void => void socket.destroy()
  client.socket.once('close', over)
  try {
    if (client.socket.destroyed) throw new Error('The client is gone.')
    const outgoing = request({
      ...{ method: 'GET', path, setHost: false, createConnection: () => socket },
      headers: { ...without(headers, 'sec-websocket-extensions'), connection: 'Upgrade', upgrade: 'websocket' },
    })
    const { response, head } = await answerTo(outgoing)
    if (head === undefined) return await answerWith(response, answer, scrubber)
    requireAgreed(client, response)
    const own = answer.switchTo(without(passedBack(response.headers, scrubber), 'content-length'))
    if (head.length > 0) socket.unshift(head)
    splice(own, socket, {
      looked: scrubber === undefined ? undefined : new ScrubbedFrames(scrubber),
      passed: meter?.meter.watch(socket, meter.told),
    })
  } catch (thrown) {
    over()
    throw thrown
  }
}

interface Answered {
  readonly response: IncomingMessage
  /** What came behind a 101; undefined for another answer. */
  readonly head?: Buffer
}

function answerTo(outgoing: ReturnType<typeof request>): Promise<Answered> {
  return new Promise((resolve, reject) => {
    outgoing.once('upgrade', (response, _socket, head) => resolve({ response, head }))
    outgoing.once('response', (response) => resolve({ response }))
    outgoing.on('error', reject)
    outgoing.once('close', () => reject(new Error('There is no answer.')))
    outgoing.end()
  })
}

const without = <T>(headers: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name))

const acceptOf = ({ headers }: IncomingMessage): string =>
  createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64')

const listOf = (value: string | undefined): readonly string[] =>
  (value ?? '').split(/\s*,\s*/).filter((one) => one !== '')

/** That the server speaks of this handshake, and agrees to nothing that was not offered (RFC 6455 section 4.1). */
function requireAgreed(client: IncomingMessage, { headers }: IncomingMessage): void {
  const {
    'sec-websocket-accept': accept,
    'sec-websocket-protocol': protocol,
    'sec-websocket-extensions': more,
  } = headers
  const offered = listOf(client.headers['sec-websocket-protocol'])
  if (headers.upgrade?.toLowerCase() !== 'websocket' || accept !== acceptOf(client))
    throw new Error('The server switches to something else.')
  if (protocol !== undefined && !offered.includes(protocol)) throw new Error('The server chose what was not offered.')
  if (more !== undefined) throw new Error('The server chose an extension that was not offered.')
}
