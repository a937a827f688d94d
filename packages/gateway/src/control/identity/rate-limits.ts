import { SallyportError, type JsonObject } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { LimitCounts, Rate, RateClass, Take } from '../../boundary/ports-limits.ts'
import type { Store } from '../../store/ports.ts'
import { RateLimiter } from './rate-limiter.ts'

interface RateLimitsDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put' | 'watch' | 'stream' | 'driver'>
  readonly clock: Clock
  /** By class of request; a name of the caller's own for what is counted by `limiter`. */
  readonly rates: ReadonlyMap<string, Rate>
  readonly isEnabled: boolean
}

/** What is kept of one bucket: what was in it, and how much each node has taken so far. */
interface Row {
  readonly tokens: number
  readonly at: number
  readonly taken: Readonly<Record<string, number>>
}

interface Kept {
  version: number
  until: number
  /** Tokens each other node had taken when this one last looked, and what this one wrote of itself. */
  taken: Map<string, number>
  /** What this node had taken before it started, as far as the row knows. */
  readonly base: number
}

/** Rows written at one time, and rows that are known at all; beyond it buckets are only in memory. */
const MOST_AT_ONCE = 500
const MOST_ROWS = 5_000
/** So long after a bucket was found low the other nodes are told, ms, and of how many at a time; the sweeper does the rest. */
const SOON = 200
const MOST_SOON = 20

/**
 * Limits by class and identity (SEC-2.2). They live in memory; low buckets are written behind, so that a restart gives
 * nobody a new burst, and other nodes take off what was taken here: in the long run all nodes together keep one rate (E-26).
 * Until they hear of it each of them has a burst of its own: at first n nodes give up to n bursts, never more.
 */
export class RateLimits {
  readonly #deps: RateLimitsDeps
  readonly #limiters: ReadonlyMap<string, RateLimiter>
  readonly #kept = new Map<string, Kept>()
  readonly #soon = new Map<string, readonly [RateLimiter, string]>()
  #timer: NodeJS.Timeout | undefined
  #unwatch = (): void => undefined

  constructor(deps: RateLimitsDeps) {
    this.#deps = deps
    this.#limiters = new Map(
      [...deps.rates].map(([name, rate]) => [
        name,
        new RateLimiter(deps.clock, rate.requestsPerMinute, rate.burstSize),
      ]),
    )
  }

  /** Takes one token of this class, or says in how many whole seconds there is one (AC-2.2.3). */
  take(name: RateClass, identity: string): Take {
    const limiter = this.#limiters.get(name)
    if (limiter === undefined || !this.#deps.isEnabled) return { ok: true }
    const taken = limiter.take(identity)
    if (this.#deps.store.driver === 'postgres' && limiter.isLow(identity)) this.#tellSoon(name, limiter, identity)
    return taken
  }

  /** What is counted besides requests, and whether or not those are. @throws when `rates` has no such name */
  limiter(name: string): RateLimiter {
    const found = this.#limiters.get(name)
    if (found === undefined) throw new SallyportError('SP_INTERNAL', `No rate is given for ${name}.`)
    return found
  }

  /** For `/metrics` (AC-2.2.5), by class. */
  counts(): readonly (LimitCounts & { readonly name: string })[] {
    return [...this.#limiters].map(([name, { hits, violations }]) => ({ name, hits, violations }))
  }

  /** Takes up what was written before a restart, and listens to other nodes. */
  async load(): Promise<void> {
    const { store } = this.#deps
    for (const { id, version, body, expiresAt } of await store.list('limit', { state: 'bucket', limit: MOST_ROWS })) {
      this.#adopt(id, version, expiresAt, body as unknown as Row)
    }
    if (store.driver !== 'postgres') return
    this.#unwatch = store.watch(({ kind, id }) => {
      if (kind === 'limit') void this.#pull(id).catch(() => undefined)
    })
  }

  /** Writes buckets that are low; what cannot be written now is written with the next call. */
  async flush(): Promise<void> {
    const now = this.#deps.clock.now()
    for (const [id, { until }] of this.#kept) if (until < now) this.#kept.delete(id)
    let budget = MOST_AT_ONCE
    for (const [name, limiter] of this.#limiters) {
      for (const identity of [...limiter.low()]) {
        const id = `${name}|${identity}`
        if (budget-- <= 0 || (this.#kept.size >= MOST_ROWS && !this.#kept.has(id))) return
        await this.#write(id, limiter, identity)
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#soon.clear()
    this.#unwatch()
  }

  #tellSoon(name: string, limiter: RateLimiter, identity: string): void {
    if (this.#soon.size < MOST_SOON) this.#soon.set(`${name}|${identity}`, [limiter, identity])
    this.#timer ??= setTimeout(() => void this.#tell(), SOON).unref()
  }

  async #tell(): Promise<void> {
    const told = [...this.#soon]
    this.#soon.clear()
    for (const [id, [limiter, identity]] of told) await this.#write(id, limiter, identity).catch(() => undefined)
    this.#timer = undefined
  }

  async #write(id: string, limiter: RateLimiter, identity: string): Promise<void> {
    const { store, clock } = this.#deps
    const kept = this.#kept.get(id) ?? { version: 0, until: 0, taken: new Map(), base: 0 }
    const { tokens, taken, fullInMs } = limiter.look(identity)
    const own = kept.base + taken
    if (kept.taken.get(store.stream) === own) return
    const row: Row = { tokens, at: clock.now(), taken: { ...Object.fromEntries(kept.taken), [store.stream]: own } }
    const expiresAt = row.at + fullInMs
    const body = row as unknown as JsonObject
    const isWritten = await store.put({ kind: 'limit', id, state: 'bucket', expiresAt, body }, kept.version)
    if (!isWritten) return this.#pull(id)
    this.#kept.set(id, {
      ...kept,
      version: kept.version + 1,
      until: expiresAt,
      taken: kept.taken.set(store.stream, own),
    })
  }

  async #pull(id: string): Promise<void> {
    const found = await this.#deps.store.get('limit', id)
    if (found !== undefined && found.version !== this.#kept.get(id)?.version) {
      this.#adopt(id, found.version, found.expiresAt, found.body as unknown as Row)
    }
  }

  /** Takes off what other nodes took since this one last looked. */
  #adopt(id: string, version: number, until: number, row: Row): void {
    const { store, clock } = this.#deps
    const mark = id.indexOf('|')
    const limiter = this.#limiters.get(id.slice(0, mark))
    if (limiter === undefined || typeof row.tokens !== 'number' || typeof row.taken !== 'object') return
    const identity = id.slice(mark + 1)
    const known = this.#kept.get(id)
    if (known === undefined) limiter.restore(identity, row.tokens, clock.now() - row.at)
    else {
      for (const [node, count] of Object.entries(row.taken)) {
        if (node !== store.stream) limiter.owe(identity, Math.max(0, count - (known.taken.get(node) ?? 0)))
      }
    }
    const base = known?.base ?? (row.taken[store.stream] ?? 0) - limiter.look(identity).taken
    this.#kept.set(id, { version, until, base, taken: new Map(Object.entries(row.taken)) })
  }
}
