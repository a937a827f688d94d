import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { EgressTarget } from '@sallyport/core'
import type { Authority } from './authority.ts'
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
}

/** Longest that a handshake may take, and that nothing may be said, ms. */
const LIMIT = 10_000
const IDLE = 600_000

/**
 * Ends TLS of a tunnel for a host with credentials. The name of the handshake, of the request and of the tunnel have to be one (T-116,
 * T-118), and only HTTP/1.1 is spoken.
 * @returns takes a tunnel whose client has been told that it stands
 */
export function createInterceptor({
  authority,
  answer,
}: InterceptDeps): (client: Duplex, to: EgressTarget) => Promise<void> {
  const targets = new WeakMap<object, EgressTarget>()
  const busy = new WeakSet<object>()
  const http = createServer()
  http.on('request', (request, response) => {
    const { socket } = request
    const to = targets.get(socket)
    if (to === undefined) return void socket.destroy()
    if (!isOf(request, to)) return void response.writeHead(421, { connection: 'close' }).end()
    // one after the other: who does not wait for an answer is not waited for
    if (busy.has(socket)) return void socket.destroy()
    busy.add(socket)
    socket.setTimeout(IDLE)
    response.once('close', () => busy.delete(socket))
    void answer({ ...to, request, response }).catch(() => socket.destroy())
  })
  serveUpgrades(http)
  http.on('clientError', (_error, socket) => socket.destroy())
  return async (client, to) => {
    const { TLSSocket } = await import('node:tls')
    const context = await authority.contextFor(to.host)
    const secure = new TLSSocket(client as ConstructorParameters<typeof TLSSocket>[0], {
      ...{ isServer: true, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' },
      SNICallback: (name, done) =>
        name === to.host ? done(null, context) : done(new Error('The handshake is for another host.')),
    })
    const late = setTimeout(() => client.destroy(), LIMIT)
    const over = (): void => {
      clearTimeout(late)
      client.destroy()
    }
    secure.on('error', over)
    secure.once('close', over)
    secure.once('secure', () => {
      clearTimeout(late)
      targets.set(secure, to)
      secure.setTimeout(LIMIT, over)
      http.emit('connection', secure)
    })
  }
}

/** The host of a request is that of its tunnel, and it is asked for in the origin form. */
function isOf({ url = '', headers: { host = '' } }: IncomingMessage, to: EgressTarget): boolean {
  const names = to.port === 443 ? [to.host, `${to.host}:443`] : [`${to.host}:${to.port}`]
  return /^\/[\x21-\x22\x24-\x7e]*$/.test(url) && names.includes(host.toLowerCase())
}
