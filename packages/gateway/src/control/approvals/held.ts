import { createHmac } from 'node:crypto'
import type { Clock } from '../../boundary/ports.ts'

/** How long a proof of presence holds for further calls of low severity (threat-model §3.5), ms. */
const HELD_MS = 300_000
const MOST = 1_000

/** Key under which the gateway vouches that a person proved presence a moment ago; outside the store like its parent. */
export const heldKey = (mac: Uint8Array): Buffer =>
  createHmac('sha256', mac).update('sallyport/held-presence/1').digest()

/**
 * Who proved presence where, for five minutes and for calls of one agent instance over the same connection or session. Only
 * this process knows it; a restart forgets it.
 */
export class HeldPresence {
  readonly #until = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(operator: string, connection: string, instance: string): void {
    if (connection === '') return
    const key = keyOf(operator, connection, instance)
    this.#until.delete(key)
    this.#until.set(key, this.#clock.monotonic() + HELD_MS)
    const oldest = this.#until.keys().next()
    if (this.#until.size > MOST && oldest.done !== true) this.#until.delete(oldest.value)
  }

  holds(operator: string, connection: string, instance: string): boolean {
    const until = this.#until.get(keyOf(operator, connection, instance)) ?? 0
    return connection !== '' && this.#clock.monotonic() < until
  }
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)
