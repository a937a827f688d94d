import { silenceOf, type Alert, type Json, type Silence } from '@sallyport/core'
import type { Clock } from '../boundary/ports.ts'
import type { Store } from '../store/ports.ts'

/** Silences at a time. */
const MOST = 200

type SilenceStore = Pick<Store, 'get' | 'list' | 'put' | 'remove' | 'watch'>

/** Silences that are in force, of all gateways. */
export class Silences {
  readonly #store: SilenceStore
  readonly #clock: Clock
  readonly #unwatch: () => void
  #all: ReadonlyMap<string, Silence> = new Map()

  private constructor(store: SilenceStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#unwatch = store.watch(({ kind }) => {
      if (kind === 'silence') void this.#load().catch(() => undefined)
    })
  }

  static async open(store: SilenceStore, clock: Clock): Promise<Silences> {
    const silences = new Silences(store, clock)
    await silences.#load()
    return silences
  }

  get list(): readonly Silence[] {
    const now = this.#clock.now()
    return [...this.#all.values()].filter(({ until }) => until > now)
  }

  of(alert: Alert): Silence | undefined {
    return this.#all.size === 0 ? undefined : silenceOf(alert, this.#all.values(), this.#clock.now())
  }

  get isFull(): boolean {
    return this.list.length >= MOST
  }

  /** Durable when it resolves. @throws SallyportError of the store */
  async add(silence: Silence): Promise<void> {
    const body = silence as unknown as Record<string, Json>
    await this.#store.put({ kind: 'silence', id: silence.id, state: '', expiresAt: silence.until, body }, 0)
    await this.#load()
  }

  /** @returns the silence that is over now, or undefined when there is none of this id */
  async end(id: string): Promise<Silence | undefined> {
    const document = await this.#store.get('silence', id)
    if (document === undefined || !(await this.#store.remove('silence', id, document.version))) return undefined
    await this.#load()
    return document.body as unknown as Silence
  }

  close(): void {
    this.#unwatch()
  }

  async #load(): Promise<void> {
    const documents = await this.#store.list('silence', { limit: 500 })
    this.#all = new Map(documents.map(({ id, body }) => [id, body as unknown as Silence]))
  }
}
