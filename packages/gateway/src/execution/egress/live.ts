import type { Socket } from 'node:net'

/** A connection to the outside that is open now. */
export interface LiveConnection {
  readonly id: string
  /** Agent, or `server:NAME`. */
  readonly holder: string
  /** `host:port`, as it was asked for. */
  readonly target: string
  /** Where it went. */
  readonly address: string
  /** ms since 1970. */
  readonly since: number
  readonly sent: number
  readonly received: number
  /** Requests in it are looked into. */
  readonly isInspected: boolean
}

interface Kept extends Pick<LiveConnection, 'id' | 'holder' | 'target' | 'since' | 'isInspected'> {
  readonly socket: Socket
}

/** Connections of all ways out of one gateway, for people who look and for those who end one. */
export class LiveConnections {
  readonly #open = new Map<string, Kept>()
  readonly #now: () => number
  #number = 0

  /** @param now ms since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Follows a connection until it closes. */
  opened(of: Pick<LiveConnection, 'holder' | 'target' | 'isInspected'>, socket: Socket): void {
    const id = `c${++this.#number}`
    this.#open.set(id, { id, ...of, since: this.#now(), socket })
    socket.once('close', () => this.#open.delete(id))
  }

  /** Oldest first. */
  list(): readonly LiveConnection[] {
    return [...this.#open.values()].map(({ socket, ...kept }) => ({
      ...kept,
      address: socket.remoteAddress ?? '',
      sent: socket.bytesWritten,
      received: socket.bytesRead,
    }))
  }

  /** Ends one. @returns false when there is none of that id */
  end(id: string): boolean {
    const found = this.#open.get(id)
    found?.socket.destroy()
    return found !== undefined
  }
}
