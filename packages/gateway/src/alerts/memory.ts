import type { Json } from '@sallyport/core'
import type { Store } from '../store/ports.ts'

/** One small value that is kept over a restart, in the store; several gateways overwrite each other's. */
export class Memory<T> {
  readonly #store: Pick<Store, 'get' | 'put'>
  readonly #id: string

  constructor(store: Pick<Store, 'get' | 'put'>, id: string) {
    this.#store = store
    this.#id = id
  }

  async read(): Promise<T | undefined> {
    return (await this.#store.get('meta', this.#id))?.body['value'] as T | undefined
  }

  async write(value: T): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      const version = (await this.#store.get('meta', this.#id))?.version ?? 0
      const body = { value: value as Json }
      if (await this.#store.put({ kind: 'meta', id: this.#id, state: '', expiresAt: 0, body }, version)) return
    }
  }
}
