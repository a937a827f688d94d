import type { Clock } from '../../boundary/ports.ts'

export type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

interface Bucket {
  tokens: number
  at: number
}

/**
 * Token buckets by identity (AC-2.2.1, AC-2.2.4). Time is monotonic: a clock that is set back gives nothing away. At most
 * `capacity` buckets are kept; a full bucket is the same as none, so those go first, then the longest unused.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Clock
  readonly #perMs: number
  readonly #burst: number
  readonly #capacity: number

  constructor(clock: Clock, perMinute: number, burst: number, capacity = 10_000) {
    this.#clock = clock
    this.#perMs = perMinute / 60_000
    this.#burst = burst
    this.#capacity = capacity
  }

  /** Takes one token, or says in how many whole seconds there is one. */
  take(identity: string): Take {
    const bucket = this.#refill(identity)
    if (bucket.tokens < 1) return this.#wait(bucket)
    bucket.tokens--
    return { ok: true }
  }

  /** Like `take` but leaves the bucket as it is. */
  peek(identity: string): Take {
    const bucket = this.#refill(identity)
    return bucket.tokens < 1 ? this.#wait(bucket) : { ok: true }
  }

  get size(): number {
    return this.#buckets.size
  }

  #wait(bucket: Bucket): Take {
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perMs / 1000)) }
  }

  #refill(identity: string): Bucket {
    const now = this.#clock.monotonic()
    const known = this.#buckets.get(identity) ?? { tokens: this.#burst, at: now }
    known.tokens = Math.min(this.#burst, known.tokens + (now - known.at) * this.#perMs)
    known.at = now
    this.#buckets.delete(identity)
    this.#buckets.set(identity, known)
    if (this.#buckets.size > this.#capacity) this.#evict(now)
    return known
  }

  #evict(now: number): void {
    for (const [identity, { tokens, at }] of this.#buckets) {
      if (tokens + (now - at) * this.#perMs >= this.#burst) this.#buckets.delete(identity)
    }
    for (const identity of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#capacity) return
      this.#buckets.delete(identity)
    }
  }
}
