import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { SallyportError } from '@sallyport/core'
import { httpServer, type Serving } from '../api/http-server.ts'
import type { ApiLimits } from '../api/limits.ts'
import { isLoopback } from '../../config/loopback.ts'
import { requireSafeBind } from '../api/safe-bind.ts'
import { listenTcp } from '../api/listen.ts'
import type { Matrix } from '../api/matrix.ts'
import type { TrustedProxies } from '../api/peer.ts'
import type { ConsoleSessions } from '../api/ports.ts'
import type { ConsoleChannel } from '../api/request-head.ts'
import { firstByteServer } from './first-byte.ts'
import { consoleOrigin, type ConsoleOrigin } from './origin.ts'
import { answerPlain } from './plain-http.ts'
import { problemResponse } from '../api/respond.ts'
import { securityHeaders } from './security-headers.ts'

export interface ConsoleOptions {
  readonly port: number
  readonly bind: string
  readonly name: string
  /** PEM; undefined = no TLS of our own. */
  readonly tls: CertificatePem | undefined
  readonly requireTls: boolean
  readonly allowPublicBind: boolean
  readonly proxies: TrustedProxies
  readonly url?: string | undefined
}

export interface CertificatePem {
  readonly cert: string
  readonly key: string
}

export interface ConsoleDeps {
  readonly matrix: Matrix
  readonly sessions: ConsoleSessions
  readonly limits: ApiLimits
  /** What takes requests of this channel. */
  readonly serving: (channel: ConsoleChannel) => Serving
}

export interface ConsoleListener {
  readonly site: ConsoleOrigin
  /** Replaces the certificate for connections to come. @throws when it is none, or the key is another's */
  renew(tls: CertificatePem): void
  readonly servers: readonly (NetServer | Server | SecureServer)[]
}

/** @throws SallyportError SP_CONFIG_INSECURE for an address that others reach, without TLS or without opt-in (E-23). */
export function requireSafeConsole({ bind, tls, allowPublicBind, url, proxies }: ConsoleOptions): void {
  if (url !== undefined && (tls !== undefined || proxies.isEmpty)) {
    throw new SallyportError('SP_CONFIG_INVALID', 'console.url goes with `tls: off` and `gateway.trustedProxies`.')
  }
  requireSafeBind({ where: 'console', bind, hasTls: tls !== undefined, allowPublicBind })
}

/**
 * The console's port. With TLS of our own the first byte of a connection tells who speaks it; who does not is sent there
 * or refused (E-22). Without, this is loopback, or a trusted proxy that ended TLS.
 * @throws SallyportError SP_CONFIG_INSECURE, SP_CONFIG_INVALID
 */
export async function listenConsole(options: ConsoleOptions, deps: ConsoleDeps): Promise<ConsoleListener> {
  requireSafeConsole(options)
  const { matrix, sessions, limits } = deps
  const { tls, requireTls, proxies } = options
  // set as soon as the port is known, which the origin is made of
  const at: { channel?: ConsoleChannel; serving?: Serving } = {}
  const ready = (): { readonly channel: ConsoleChannel; readonly serving: Serving } => {
    const { channel, serving } = at
    if (channel === undefined || serving === undefined) throw new SallyportError('SP_INTERNAL')
    return { channel, serving }
  }
  const plainly = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    answerPlain(request, response, { site: ready().channel.site, requireTls, matrix, sessions })
    return Promise.resolve()
  }
  const main: Serving = {
    serve: (request, response, expect) => {
      const { site } = ready().channel
      for (const [name, value] of Object.entries(securityHeaders(site.isSecure))) response.setHeader(name, value)
      if (tls === undefined && options.url !== undefined && !cameSecurely(request, proxies))
        return plainly(request, response)
      if (isAlias(request, site)) return movedTo(site, request, response, matrix)
      return ready().serving.serve(request, response, expect)
    },
    upgrade: async (request, socket, head) => {
      const became = await ready().serving.upgrade(request, socket, head)
      if (became === 'switched') leavePlace(outer, socket)
      return became
    },
    refuse: (socket) => ready().serving.refuse(socket),
    malformed: (error, socket) => ready().serving.malformed(error, socket),
  }
  const plain: Serving = {
    ...main,
    serve: plainly,
    upgrade: (_request, socket) => {
      main.refuse(socket)
      return Promise.resolve('refused')
    },
  }
  const secure = tls === undefined ? undefined : httpServer(main, limits, tls)
  const clear = httpServer(tls === undefined ? main : plain, limits)
  const outer: NetServer = firstByteServer(
    { secure, plain: clear },
    {
      ...{ patience: limits.headTimeout, connections: limits.connections },
      perNetwork: Math.ceil(limits.connections / 8),
      isExempt: (address) => isLoopback(address) || proxies.trusts(address),
    },
  )
  const port = await listenTcp(outer, options.bind, options.port)
  // These two never listen themselves; without it Node would not look after slow requests on their connections.
  for (const inner of [secure, clear]) inner?.emit('listening')
  const site = consoleOrigin({ ...options, tls: tls === undefined ? 'off' : 'own' }, port)
  at.channel = { plane: 'operator', kind: 'console', site, proxies }
  at.serving = deps.serving(at.channel)
  return {
    site,
    renew: ({ cert, key }) =>
      (secure as SecureServer | undefined)?.setSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    servers: [outer, clear, ...(secure === undefined ? [] : [secure])],
  }
}

/** Consoles that watch have a bound of their own: a thousand of them must not take the places of requests. */
function leavePlace(server: NetServer, socket: Duplex): void {
  if (socket.destroyed) return
  server.maxConnections += 1
  socket.once('close', () => void (server.maxConnections -= 1))
}

/** Only a trusted proxy can say that the browser spoke TLS to it. */
const cameSecurely = ({ socket, headers }: IncomingMessage, proxies: TrustedProxies): boolean =>
  proxies.trusts(socket.remoteAddress) && headers['x-forwarded-proto'] === 'https'

const isAlias = ({ method, headers }: IncomingMessage, { aliases }: ConsoleOrigin): boolean =>
  (method === 'GET' || method === 'HEAD') && aliases.has((headers.host ?? '').toLowerCase())

/** Somebody typed an address of this machine: passkeys work under the one name only, so pages move there. */
function movedTo(
  { origin }: ConsoleOrigin,
  request: IncomingMessage,
  response: ServerResponse,
  matrix: Matrix,
): Promise<void> {
  const { url = '' } = request
  const entry = matrix.match('operator', 'GET', url.split('?')[0] ?? '', 'console')?.entry
  const isPage = entry !== undefined && 'raw' in entry && entry.raw === 'page'
  const { status, text, headers } = isPage
    ? { status: 302, text: '', headers: { location: origin + url } }
    : problemResponse(new SallyportError('SP_AUTHN_ORIGIN', 'Host is not the name of this console.'))
  response.writeHead(status, { ...headers, 'cache-control': 'no-store', connection: 'close' })
  response.end(text)
  return Promise.resolve()
}
