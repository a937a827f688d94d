import { Agent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Scrubber } from '@sallyport/core'
import { dial, type Cleared } from './dial.ts'
import type { Meter, Over } from './limits.ts'
import { secured } from './secured.ts'

/** What one request goes out over. */
export interface Upstream {
  readonly socket: Socket
  /** Others went before; since then its other end may have closed it. */
  readonly isReused: boolean
  /** Has the connection back when request and answer were whole; absent: it is for one request. */
  readonly agent?: Agent
}

/** A meter, and who is told when it is too much. */
export interface Metered {
  readonly meter: Meter
  readonly told: (over: Over) => void
}

/** How long a server may take, ms. */
export interface ForwardLimits {
  /** Until it begins to answer. */
  readonly answer: number
  /** While nothing moves. */
  readonly idle: number
}

/** A request as it goes on, whatever the client wrote. */
export interface Forwarded {
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  /** What it goes out over, having waited so long at most, ms; 0: a new connection. Rejects when nobody answers. */
  readonly upstream: (mostIdle: number) => Promise<Upstream>
  /** Takes a credential out of what comes back. */
  readonly scrubber?: Scrubber
  /** Of the request, where it was read and decoded before, whatever its headers say; otherwise it is streamed. */
  readonly body?: Uint8Array
  readonly limits?: ForwardLimits
  /** What it may take; absent: as much as it likes. */
  readonly meter?: Metered
  /** Told of the answer before any of it goes on. */
  readonly seen?: (response: IncomingMessage) => void
}

/** Where a request goes, and on whose behalf. */
export interface Route {
  /** Of a lease. A connection is used under the one it was opened under, and ends with it (T-128); absent: without a credential. */
  readonly right?: AbortSignal
  /** As judged now: a connection to an address that is not among these any more is not used. */
  readonly cleared: Cleared
  readonly host: string
  readonly isSecure: boolean
}

/** Connections that wait for a request, ms and number. Servers close theirs after 5 s (Node) or later. */
const IDLE = 4_000
const MOST_IDLE = 64
const MOST_IDLE_OF_PLACE = 8
/** How long a TLS session is taken up again, ms: so old may be what was checked of a certificate. */
const SESSION_LIFE = 300_000

interface Session {
  readonly session: Buffer
  /** When the certificate was checked, ms of the monotonic clock. */
  readonly at: number
}

export interface PoolDeps {
  /** Certificates, PEM, besides those of Node. */
  readonly authorities: readonly string[]
  /** Told of every connection that is made. */
  readonly keep: (socket: Socket, place: string) => void
}

/**
 * Connections of one way out to hosts that get requests of ours, one request at a time on each. They are never shared: not with another
 * way out, not with another lease, not between requests with a credential and those without.
 */
export class Pool {
  readonly #deps: PoolDeps
  readonly #idle = new Set<Line>()
  readonly #sessions = new Map<string, Session>()

  constructor(deps: PoolDeps) {
    this.#deps = deps
  }

  /**
   * A connection that waits, or a new one. Rejects when nobody answers, and with the error of a handshake.
   * @param mostIdle longest that it may have waited, ms; 0: only a new one will do
   */
  async take(route: Route, mostIdle: number): Promise<Upstream> {
    const { right } = route
    right?.throwIfAborted()
    const waiting = this.#waiting(route, mostIdle)
    if (waiting !== undefined) return { socket: waiting.socket, isReused: true, agent: waiting }
    const place = placeOf(route)
    const socket = await this.#open(route, place)
    if (socket === undefined) throw new Error('Nobody answers.')
    this.#deps.keep(socket, place)
    const end = (): void => void socket.destroy()
    right?.addEventListener('abort', end)
    const line = new Line(socket, place, right, (freed) => this.#free(freed))
    socket.once('close', () => {
      right?.removeEventListener('abort', end)
      this.#idle.delete(line)
    })
    if (right?.aborted === true) end()
    right?.throwIfAborted()
    return { socket, isReused: false, agent: line }
  }

  #waiting(route: Route, mostIdle: number): Line | undefined {
    const place = placeOf(route)
    for (const line of this.#idle) {
      if (line.place !== place || line.right !== route.right || line.idleFor() >= mostIdle) continue
      this.#idle.delete(line)
      if (line.wake() && route.cleared.addresses.includes(line.address)) return line
      line.socket.destroy()
    }
    return undefined
  }

  #free(line: Line): boolean {
    const ofPlace = [...this.#idle].filter(({ place }) => place === line.place).length
    if (this.#idle.size >= MOST_IDLE || ofPlace >= MOST_IDLE_OF_PLACE || line.right?.aborted === true) return false
    this.#idle.add(line)
    return true
  }

  async #open({ cleared, host, isSecure }: Route, place: string): Promise<Socket | undefined> {
    const socket = await dial(cleared)
    if (socket === undefined || !isSecure) return socket
    const now = performance.now()
    const last = this.#sessions.get(place)
    const known = last !== undefined && now - last.at < SESSION_LIFE ? last : { session: undefined, at: now }
    return secured(socket, host, this.#deps.authorities, {
      last: known.session,
      kept: (session) => this.#remember(place, { session, at: known.at }),
    })
  }

  #remember(place: string, session: Session): void {
    this.#sessions.delete(place)
    this.#sessions.set(place, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MOST_IDLE && oldest !== undefined) this.#sessions.delete(oldest)
  }
}

const placeOf = ({ host, cleared, isSecure }: Route): string =>
  `${isSecure ? 'https' : 'http'}://${host}:${cleared.port}`

/** One connection. Node's agent says when a request and its answer were whole, by their framing, and the connection may go on. */
class Line extends Agent {
  readonly socket: Socket
  readonly place: string
  readonly right: AbortSignal | undefined
  readonly address: string
  readonly #freed: (line: Line) => boolean
  readonly #end = (): void => void this.socket.destroy()
  #isHandedOut = false
  #since = 0

  constructor(socket: Socket, place: string, right: AbortSignal | undefined, freed: (line: Line) => boolean) {
    super({ keepAlive: true, maxSockets: 1, timeout: IDLE })
    this.socket = socket
    this.place = place
    this.right = right
    this.address = socket.remoteAddress ?? ''
    this.#freed = freed
  }

  override createConnection(): Socket {
    if (this.#isHandedOut) throw new Error('The connection was closed.')
    this.#isHandedOut = true
    return this.socket
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // says no when the server is about to close; its type has no answer
    const may = super.keepSocketAlive(socket) as unknown
    if (may !== true || !this.#freed(this)) return false
    this.#since = performance.now()
    // what is said without a question answers no question
    this.socket.on('data', this.#end).on('end', this.#end)
    return true
  }

  /** How long it has waited, ms. */
  idleFor(): number {
    return performance.now() - this.#since
  }

  /** Whether it can carry another request. */
  wake(): boolean {
    this.socket.off('data', this.#end).off('end', this.#end)
    return !this.socket.destroyed && this.socket.writable && this.socket.readable
  }
}
