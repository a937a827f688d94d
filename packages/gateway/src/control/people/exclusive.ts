import { SallyportError } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'

/** How long somebody who died may keep the others out, ms; and how often they ask again. */
const LEASE_MS = 10_000
const AGAIN_MS = 20

/** One at a time, on all nodes: for rules over several documents, which compare-and-set of one cannot hold. */
export class Exclusive {
  readonly #deps: { readonly store: Store; readonly clock: Clock; readonly random: Random; readonly name: string }
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: { readonly store: Store; readonly clock: Clock; readonly random: Random; readonly name: string }) {
    this.#deps = deps
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => this.#locked(work))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const version = await this.#take()
    try {
      return await work()
    } finally {
      await this.#put(0, version).catch(() => undefined)
    }
  }

  async #take(): Promise<number> {
    const { store, clock } = this.#deps
    const until = clock.monotonic() + 2 * LEASE_MS
    while (clock.monotonic() <= until) {
      const lock = await store.get('meta', this.#id)
      const taken = lock?.body['until']
      const free = typeof taken !== 'number' || taken <= clock.now() || taken > clock.now() + LEASE_MS
      const version = lock?.version ?? 0
      if (free && (await this.#put(clock.now() + LEASE_MS, version))) return version + 1
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'Another change is going on.')
  }

  get #id(): string {
    return `lock:${this.#deps.name}`
  }

  #put(until: number, version: number): Promise<boolean> {
    return this.#deps.store.put({ kind: 'meta', id: this.#id, state: '', expiresAt: 0, body: { until } }, version)
  }
}
