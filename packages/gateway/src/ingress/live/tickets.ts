import { createHash } from 'node:crypto'
import type { Clock, Random } from '../../boundary/ports.ts'

const LIFETIME = 30_000
const MOST = 10_000

/**
 * One-use tickets for WebSocket handshakes, which browsers let any page start: only a page of ours can have fetched one
 * (T-006). Kept as digests, in memory, for 30 seconds.
 */
export class Tickets {
  readonly #open = new Map<string, { readonly session: string; readonly until: number }>()
  readonly #clock: Clock
  readonly #random: Pick<Random, 'bytes'>

  constructor(clock: Clock, random: Pick<Random, 'bytes'>) {
    this.#clock = clock
    this.#random = random
  }

  issue(session: string): { readonly ticket: string; readonly expiresInSeconds: number } {
    const now = this.#clock.monotonic()
    for (const [digest, { until }] of this.#open) {
      if (until > now && this.#open.size < MOST) break
      this.#open.delete(digest)
    }
    const ticket = Buffer.from(this.#random.bytes(32)).toString('base64url')
    this.#open.set(digestOf(ticket), { session, until: now + LIFETIME })
    return { ticket, expiresInSeconds: LIFETIME / 1000 }
  }

  /** True once, for the session it was given to, within 30 seconds. */
  redeem(ticket: string, session: string): boolean {
    const digest = digestOf(ticket)
    const found = this.#open.get(digest)
    this.#open.delete(digest)
    return found !== undefined && found.session === session && found.until > this.#clock.monotonic()
  }
}

const digestOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64')
