import type { Clock } from '../../boundary/ports.ts'

export type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

interface Bucket {
  /** A token is `TOKEN` credits, and a millisecond brings as many credits as tokens come in a minute: no fractions add up. */
  credits: number
  at: number
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

  #wait(bucket: Bucket): Take {
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil((TOKEN - bucket.credits) / this.#perMinute / 1000)) }
  }

  #refill(identity: string): Bucket {
    const now = this.#clock.monotonic()
    const known = this.#buckets.get(identity) ?? { credits: this.#full, at: now }
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
