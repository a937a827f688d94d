import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Server as TlsServer } from 'node:tls'
import { callbackify } from 'node:util'
import type { EgressTarget } from '@sallyport/core'
import type { Authority } from './authority.ts'
import { createSecond } from './pace.ts'
import { serveHttp2, type Http2Deps } from './http2.ts'
import { serveUpgrades } from './websocket.ts'

/** A request out of a tunnel that was looked into. */
export interface Intercepted extends EgressTarget {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface InterceptDeps {
  readonly authority: Authority
  /** Answers a request; rejects when the connection has to be cut. */
  readonly answer: (intercepted: Intercepted) => Promise<void>
  /** Told of a client that does not trust who answers, once a second and host. */
  readonly untrusted: (to: EgressTarget) => void
}

/** Longest that a handshake may take, and that nothing may be said, ms. */
const LIMIT = 10_000
const IDLE = 600_000
/** Alerts about a certificate (RFC 8446 section 6.2), as OpenSSL has them. */
const DISTRUST = /ALERT_(?:UNKNOWN_CA|(?:BAD_)?CERTIFICATE(?:_\w+)?)$/
/** Who trusts nobody ends a connection right behind its handshake, ms. */
const AT_ONCE = 1_000
/** Names below a `*.` may be any. */
const MOST_DOORS = 256

/**
 * Ends TLS of a tunnel for a host with credentials. The name of the handshake, of the request and of the tunnel have to be one (T-116,
 * T-118), and HTTP/1.1 or HTTP/2 is spoken.
 * @returns takes a tunnel whose client has been told that it stands
 */
export function createInterceptor({
  authority,
  answer,
  untrusted,
}: InterceptDeps): (client: Duplex, to: EgressTarget) => Promise<void> {
  const targets = new WeakMap<object, EgressTarget>()
  const busy = new WeakSet<object>()
  /** Connections on which something was asked. */
  const asking = new WeakSet<object>()
  const http = createServer()
  http.on('request', (request, response) => {
    const { socket } = request
    asking.add(socket)
    const to = targets.get(socket)
    if (to === undefined) return void socket.destroy()
    if (!isOf(request, to)) return turnedAway(response)
    // one after the other: who does not wait for an answer is not waited for
    if (busy.has(socket)) return void socket.destroy()
    busy.add(socket)
    socket.setTimeout(IDLE)
    response.once('close', () => busy.delete(socket))
    void answer({ ...to, request, response }).catch(() => socket.destroy())
  })
  serveUpgrades(http)
  http.on('clientError', (_error, socket) => {
    asking.add(socket)
    socket.destroy()
  })
  const streamsTo = (to: EgressTarget, secure: object): Http2Deps => ({
    ...{ firstLimit: LIMIT, idleLimit: IDLE },
    isOf: (request) => {
      asking.add(secure)
      return isOf(request, to)
    },
    answer: async (request, response) => answer({ ...to, request, response }),
  })
  const contextOf = callbackify(async (name: string) => authority.contextFor(name))
  /** Handshakes for one host; what it says of others is not answered. */
  const doorTo = async (to: EgressTarget): Promise<TlsServer> => {
    // before the handshake: what a client says behind it has to meet somebody
    const [tls, http2] = await Promise.all([import('node:tls'), import('node:http2')])
    const door = tls.createServer({
      ...{ ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.2', handshakeTimeout: LIMIT },
      SNICallback: (name, done) => {
        if (name !== to.host) return done(new Error('The handshake is for another host.'))
        contextOf(name, done)
      },
    })
    const isNewSecond = createSecond()
    const distrusted = (): void => {
      if (isNewSecond()) untrusted(to)
    }
    door.on('tlsClientError', (error: NodeJS.ErrnoException, secure) => {
      // Node hangs up in the middle, with no word
      const isHungUp = error.code === 'ECONNRESET' && secure.servername === to.host
      secure.destroy()
      if (isHungUp || DISTRUST.test(error.code ?? '')) distrusted()
    })
    door.on('secureConnection', (secure) => {
      // some say nothing: they end what they have not used yet
      const since = performance.now()
      secure.once('close', () => {
        if (!asking.has(secure) && performance.now() - since < AT_ONCE) distrusted()
      })
      secure.on('error', () => secure.destroy())
      if (secure.servername !== to.host) return void secure.destroy()
      if (secure.alpnProtocol === 'h2') return serveHttp2(http2, secure, streamsTo(to, secure))
      targets.set(secure, to)
      secure.setTimeout(LIMIT, () => secure.destroy())
      http.emit('connection', secure)
    })
    return door
  }
  const doors = new Map<string, Promise<TlsServer>>()
  return async (client, to) => {
    const place = `${to.host}:${to.port}`
    const door = doors.get(place) ?? doorTo(to)
    remember(doors, place, door)
    ;(await door).emit('connection', client)
  }
}

/** Puts it last, and lets the first go when there are too many. */
function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key)
  all.set(key, value)
  const [oldest] = all.keys()
  if (all.size > MOST_DOORS && oldest !== undefined) all.delete(oldest)
}

function turnedAway(response: ServerResponse): void {
  response.shouldKeepAlive = false
  response.writeHead(421).end()
}

/** The host of a request is that of its tunnel, and it is asked for in the origin form. */
function isOf({ url = '', headers: { host = '' } }: IncomingMessage, to: EgressTarget): boolean {
  const names = to.port === 443 ? [to.host, `${to.host}:443`] : [`${to.host}:${to.port}`]
  return /^\/[\x21-\x22\x24-\x7e]*$/.test(url) && names.includes(host.toLowerCase())
}
