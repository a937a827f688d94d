import type { Clock } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'

/** Kept no more often than this, ms: what is asked is whether it was used in the last thirty days (HB-57). */
const OFTEN = 3_600_000
const KIND = 'use'

/** When each credential was used last, over restarts. */
export class LastUsed {
  readonly #store: Pick<Store, 'get' | 'put'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #kept = new Map<string, number>()

  constructor(store: Pick<Store, 'get' | 'put'>, clock: Pick<Clock, 'now'>) {
    this.#store = store
    this.#clock = clock
  }

  /** @returns ms since 1970; 0: never */
  async of(name: string): Promise<number> {
    const body = (await this.#store.get(KIND, name))?.body
    return Math.max(Number(body?.['at'] ?? 0), this.#kept.get(name) ?? 0)
  }

  async used(name: string): Promise<void> {
    const at = this.#clock.now()
    if (at - (this.#kept.get(name) ?? -OFTEN) < OFTEN) return
    this.#kept.set(name, at)
    const before = await this.#store.get(KIND, name)
    // who writes at the same time writes the same
    await this.#store.put({ kind: KIND, id: name, state: '', expiresAt: 0, body: { at } }, before?.version ?? 0)
  }
}
