import type { Clock } from '../../boundary/ports.ts'
import type { Take } from '../../boundary/ports-limits.ts'

interface Bucket {
  /** A token is `TOKEN` credits, and a millisecond brings as many credits as tokens come in a minute: no fractions add up. */
  credits: number
  at: number
  /** Tokens taken here since the gateway knows this identity. */
  taken: number
}

const TOKEN = 60_000

/**
 * Token buckets by identity (AC-2.2.1, AC-2.2.4). Time is monotonic: a clock that is set back gives nothing away. At most
 * `capacity` buckets are kept; a full bucket is the same as none, so those go first, then the longest unused.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #full: number
  readonly #capacity: number
  /** How often it was asked, and how often it said no, since it was made (AC-2.2.5). */
  hits = 0
  violations = 0

  constructor(clock: Clock, perMinute: number, burst: number, capacity = 10_000) {
    this.#clock = clock
    this.#perMinute = perMinute
    this.#full = burst * TOKEN
    this.#capacity = capacity
  }

  /** Takes one token, or says in how many whole seconds there is one. */
  take(identity: string): Take {
    const bucket = this.#refill(identity)
    this.hits += 1
    if (bucket.credits < TOKEN) {
      this.violations += 1
      return this.#wait(bucket)
    }
    bucket.credits -= TOKEN
    bucket.taken++
    return { ok: true }
  }

  /** Like `take` but leaves the bucket as it is. */
  peek(identity: string): Take {
    const bucket = this.#refill(identity)
    return bucket.credits < TOKEN ? this.#wait(bucket) : { ok: true }
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Identities whose bucket is less than half full: what a restart must not forget. */
  *low(): Iterable<string> {
    for (const identity of this.#buckets.keys()) if (this.isLow(identity)) yield identity
  }

  isLow(identity: string): boolean {
    const { credits, at } = this.#buckets.get(identity) ?? { credits: this.#full, at: 0 }
    return credits + (this.#clock.monotonic() - at) * this.#perMinute < this.#full / 2
  }

  /** Tokens that are in the bucket now, tokens taken here so far, and in how many ms it is full. */
  look(identity: string): { readonly tokens: number; readonly taken: number; readonly fullInMs: number } {
    const { credits, taken } = this.#refill(identity)
    return { tokens: credits / TOKEN, taken, fullInMs: Math.ceil((this.#full - credits) / this.#perMinute) }
  }

  /** Takes what was taken elsewhere. It may be more than there is: then it is owed. */
  owe(identity: string, tokens: number): void {
    this.#refill(identity).credits -= tokens * TOKEN
  }

  /** A bucket as it was `agoMs` before now, unless the one that is here holds less. */
  restore(identity: string, tokens: number, agoMs: number): void {
    const bucket = this.#refill(identity)
    const then = Math.min(this.#full, tokens * TOKEN + Math.max(0, agoMs) * this.#perMinute)
    bucket.credits = Math.min(bucket.credits, then)
  }

  #wait(bucket: Bucket): Take {
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil((TOKEN - bucket.credits) / this.#perMinute / 1000)) }
  }

  #refill(identity: string): Bucket {
    const now = this.#clock.monotonic()
    const known = this.#buckets.get(identity) ?? { credits: this.#full, at: now, taken: 0 }
    known.credits = Math.min(this.#full, known.credits + (now - known.at) * this.#perMinute)
    known.at = now
    this.#buckets.delete(identity)
    this.#buckets.set(identity, known)
    if (this.#buckets.size > this.#capacity) this.#evict(now)
    return known
  }

  #evict(now: number): void {
    for (const [identity, { credits, at }] of this.#buckets) {
      if (credits + (now - at) * this.#perMinute >= this.#full) this.#buckets.delete(identity)
    }
    for (const identity of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#capacity) return
      this.#buckets.delete(identity)
    }
  }
}
