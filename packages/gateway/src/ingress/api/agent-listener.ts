import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Server as NetServer } from 'node:net'
import { SallyportError } from '@sallyport/core'
import { isLoopback } from '../../config/loopback.ts'
import type { CertificatePem } from '../console/console-listener.ts'
import { firstByteServer } from '../console/first-byte.ts'
import { httpServer, type Serving } from './http-server.ts'
import type { ApiLimits } from './limits.ts'
import { listenLoopback, listenTcp } from './listen.ts'
import type { LocalChannel } from './request-head.ts'
import { problemResponse } from './respond.ts'

/** Where agents come in over TCP. Whether others may reach it was asked before (`requireSafeBind`). */
export interface AgentAddress {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Absent: plain HTTP, on loopback only. */
  readonly tls?: CertificatePem
  /** The name in the certificate. */
  readonly name?: string
}

export interface AgentListener {
  readonly url: string
  readonly servers: readonly (Server | SecureServer | NetServer)[]
  /** Replaces the certificate for connections to come. @throws when it is none, or the key is another's */
  renew(tls: CertificatePem): void
}

/**
 * The agent plane over TCP. With TLS, who speaks plain HTTP gets 403 and nothing of the request is read but its head: an API
 * never moves to another address (E-22). @throws SallyportError SP_CONFIG_INSECURE
 */
export async function listenAgents(
  { host, port: wanted, tls, name }: AgentAddress,
  deps: {
    readonly limits: ApiLimits
    readonly serving: (channel: LocalChannel) => Serving
    /** Further names, with port where it is not this one. */
    readonly names: readonly string[]
  },
): Promise<AgentListener> {
  const { limits } = deps
  const hosts = new Set<string>()
  const main = httpServer(
    deps.serving({ plane: 'agent', kind: 'tcp', hosts, isSecure: tls !== undefined }),
    limits,
    tls,
  )
  const plain = httpServer(PLAIN, limits)
  const outer = tls === undefined ? undefined : bothOn(main, plain, limits)
  const port = await (outer === undefined ? listenLoopback(main, host, wanted) : listenTcp(outer, host, wanted))
  // These two never listen themselves; without it Node would not look after slow requests on their connections.
  if (outer !== undefined) for (const inner of [main, plain]) inner.emit('listening')
  const literal = host.includes(':') ? `[${host}]` : host
  const isUsual = port === (tls === undefined ? 80 : 443)
  for (const known of ['127.0.0.1', 'localhost', '[::1]', literal, ...(name === undefined ? [] : [name])]) {
    hosts.add(`${known.toLowerCase()}:${port}`)
    if (isUsual) hosts.add(known.toLowerCase())
  }
  for (const given of deps.names) hosts.add(given.toLowerCase()).add(`${given.toLowerCase()}:${port}`)
  return {
    url: tls === undefined ? `http://${literal}:${port}` : `https://${name ?? literal}:${port}`,
    servers: outer === undefined ? [main] : [outer, main, plain],
    renew: ({ cert, key }) => (main as SecureServer).setSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
  }
}

const bothOn = (secure: Server | SecureServer, plain: Server, limits: ApiLimits): NetServer =>
  firstByteServer(
    { secure, plain },
    {
      ...{ patience: limits.headTimeout, connections: limits.connections },
      perNetwork: Math.ceil(limits.connections / 8),
      isExempt: isLoopback,
    },
  )

const PLAIN: Serving = {
  serve(_request, response) {
    const detail =
      'Agents are served over TLS only. A key or credential that was sent in clear is known to others: rotate it.'
    const { status, text, headers } = problemResponse(new SallyportError('SP_AUTHN_ORIGIN', detail))
    response.writeHead(status, { ...headers, 'cache-control': 'no-store', connection: 'close' })
    response.end(text)
    return Promise.resolve()
  },
  upgrade: (_request, socket) => {
    socket.destroy()
    return Promise.resolve('refused')
  },
  refuse: (socket) => void socket.destroy(),
  malformed: (_error, socket) => void socket.destroy(),
}
