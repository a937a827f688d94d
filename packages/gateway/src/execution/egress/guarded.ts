import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { readEgressTarget, SallyportError, type InnerException } from '@sallyport/core'
import type { buildConnector } from 'undici'
import { clearNamed, dial, systemResolve, type Resolve } from './dial.ts'
import { secured } from './secured.ts'

export interface GuardDeps {
  /** Names that may lead to addresses inside, with those addresses; nothing else does (HB-73). */
  readonly exceptions: readonly InnerException[]
  readonly resolve?: Resolve
  /** Certificates of authorities, PEM, besides those of Node. */
  readonly authorities?: readonly string[]
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/**
 * Makes the connections of the gateway's own clients: servers, webhooks, whatever an operator names by URL. Its name is resolved once,
 * all answers are judged, and the connection goes to a judged address (HB-69, T-120). Node's own hook for look-ups would not be
 * asked about addresses in figures.
 */
export function guardedConnector({
  exceptions,
  resolve = systemResolve,
  authorities,
}: GuardDeps): buildConnector.connector {
  const open = async (options: buildConnector.Options): Promise<Socket | TLSSocket> => {
    const { hostname, port, protocol } = options
    const target = readEgressTarget(`${hostname}:${port === '' ? DEFAULT_PORT[protocol] : port}`)
    if (target === undefined) throw refused(hostname, 'malformed')
    const cleared = await clearNamed(target, { blocked: [], exceptions }, resolve)
    if (cleared.kind === 'barred') throw refused(hostname, cleared.reason)
    const socket = await dial(cleared)
    if (socket === undefined) throw new SallyportError('SP_EGRESS_UNREACHABLE', `${hostname} does not answer.`)
    return protocol === 'https:' ? secured(socket, target.host, authorities) : socket
  }
  return (options, done) => {
    void answer(open(options), done)
  }
}

/** The same for a client of another protocol: a connected socket. @throws SallyportError SP_EGRESS_* */
export function guardedSocket(guard: GuardDeps): (host: string, port: number) => Promise<Socket> {
  const connect = guardedConnector(guard)
  return (hostname, port) =>
    new Promise((resolve, reject) =>
      connect({ hostname, port: String(port), protocol: 'tcp:' }, (error, socket) =>
        socket === null ? reject(error) : resolve(socket),
      ),
    )
}

async function answer(opening: Promise<Socket | TLSSocket>, done: buildConnector.Callback): Promise<void> {
  let socket: Socket | TLSSocket
  try {
    socket = await opening
  } catch (thrown) {
    return done(thrown as Error, null)
  }
  done(null, socket as TLSSocket)
}

/** Never says what a name resolved to. */
const refused = (host: string, reason: string): SallyportError =>
  new SallyportError('SP_EGRESS_REFUSED', `${host} (${reason}).`, { details: { reason } })
