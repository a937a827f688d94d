import { SallyportError, sha256 } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'

/** How long an agreement waits for the next one, ms. */
const KEPT = 86_400_000
const TRIES = 10

/** Who agreed to what, where one person is not enough (T-049): in the store, so that two may agree on two gateways. */
export class Agreements {
  readonly #store: Pick<Store, 'get' | 'put'>
  readonly #clock: Pick<Clock, 'now'>

  constructor(store: Pick<Store, 'get' | 'put'>, clock: Pick<Clock, 'now'>) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * @param what exactly what is agreed to, and on top of what
   * @returns everybody who agreed within a day, this one included. @throws SallyportError SP_STORE_UNAVAILABLE
   */
  async add(what: string, actor: string): Promise<readonly string[]> {
    const id = `agreed:${sha256(what)}`
    for (let tries = 0; tries < TRIES; tries++) {
      const now = this.#clock.now()
      const found = await this.#store.get('staged', id)
      const before = found !== undefined && found.expiresAt > now ? found.body['by'] : []
      const by = [...new Set([...(Array.isArray(before) ? before.map(String) : []), actor])]
      const row = { kind: 'staged', id, state: 'agreed', expiresAt: now + KEPT, body: { by } } as const
      if (await this.#store.put(row, found?.version ?? 0)) return by
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The agreement could not be written.')
  }
}
