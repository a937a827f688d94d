import { SallyportError, type Json } from '@sallyport/core'
import type { Store } from '../../store/ports.ts'

/** A search of the log that somebody named. */
export interface LogView {
  readonly name: string
  /** The query part of its address in the console. */
  readonly search: string
}

/** Views that one person keeps. */
const MOST = 50
/** Another window of the same person may be faster. */
const TRIES = 5

type ViewStore = Pick<Store, 'get' | 'put' | 'remove'>

/** Saved views of the log, one document a person. They are nobody else's: what is shared is the address of a view. */
export class LogViews {
  readonly #store: ViewStore

  constructor(store: ViewStore) {
    this.#store = store
  }

  async list(person: string): Promise<readonly LogView[]> {
    return viewsOf((await this.#store.get('view', person))?.body['views'])
  }

  /** Saves under a name; the one of that name before is replaced. @throws SallyportError SP_API_INVALID beyond the most */
  save(person: string, view: LogView): Promise<readonly LogView[]> {
    return this.#change(person, (views) => {
      const kept = [...views.filter(({ name }) => name !== view.name), view]
      if (kept.length > MOST)
        throw new SallyportError('SP_API_INVALID', `You keep ${MOST} views already. Remove one first.`)
      return kept.sort((a, b) => a.name.localeCompare(b.name, 'en'))
    })
  }

  remove(person: string, name: string): Promise<readonly LogView[]> {
    return this.#change(person, (views) => views.filter((each) => each.name !== name))
  }

  async #change(person: string, change: (views: readonly LogView[]) => readonly LogView[]) {
    for (let left = TRIES; left > 0; left--) {
      const before = await this.#store.get('view', person)
      const views = change(viewsOf(before?.body['views']))
      const body = { views: views as unknown as Json }
      const document = { kind: 'view', id: person, state: '', expiresAt: 0, body } as const
      if (await this.#store.put(document, before?.version ?? 0)) return views
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The views are being changed elsewhere.')
  }
}

const viewsOf = (value: Json | undefined): readonly LogView[] =>
  Array.isArray(value) ? (value as unknown as readonly LogView[]) : []
