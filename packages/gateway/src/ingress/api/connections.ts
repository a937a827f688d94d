import type { Duplex } from 'node:stream'

/** Open connections and running requests of each principal, so that one hostile agent cannot use up what all share. */
export class Connections {
  readonly #sockets = new Map<Duplex, string>()
  readonly #open = new Map<string, number>()
  readonly #running = new Map<string, number>()
  readonly #limits: { readonly connectionsPerPrincipal: number; readonly requestsPerPrincipal: number }

  constructor(limits: { readonly connectionsPerPrincipal: number; readonly requestsPerPrincipal: number }) {
    this.#limits = limits
  }

  /** Counts a connection for the principal it was first used by; false when that one has too many. */
  claim(socket: Duplex, principal: string): boolean {
    if (this.#sockets.get(socket) === principal) return true
    const count = this.#open.get(principal) ?? 0
    if (count >= this.#limits.connectionsPerPrincipal) return false
    const before = this.#sockets.get(socket)
    if (before === undefined) socket.once('close', () => this.#release(socket))
    else this.#add(this.#open, before, -1)
    this.#sockets.set(socket, principal)
    this.#add(this.#open, principal, 1)
    return true
  }

  /** Counts a running request; undefined when there are too many, else how to end it. */
  begin(principal: string): (() => void) | undefined {
    if ((this.#running.get(principal) ?? 0) >= this.#limits.requestsPerPrincipal) return undefined
    this.#add(this.#running, principal, 1)
    let ended = false
    return () => {
      if (!ended) this.#add(this.#running, principal, -1)
      ended = true
    }
  }

  #release(socket: Duplex): void {
    const principal = this.#sockets.get(socket)
    this.#sockets.delete(socket)
    if (principal !== undefined) this.#add(this.#open, principal, -1)
  }

  #add(counts: Map<string, number>, principal: string, by: number): void {
    const count = (counts.get(principal) ?? 0) + by
    if (count > 0) counts.set(principal, count)
    else counts.delete(principal)
  }
}
