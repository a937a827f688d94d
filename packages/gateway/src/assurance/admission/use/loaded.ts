import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import { putAtLast } from '../../../control/flow/put-at-last.ts'
import { everyDocument } from '../../../store/every.ts'
import type { Store } from '../../../store/ports.ts'

/** A skill that an agent instance has loaded, by the bytes that it was shown. */
export interface LoadedBy {
  readonly name: string
  readonly hash: string
}

/** What an instance has loaded. `lost`: it is not known any more, so it counts as one that needs a person. */
export interface LoadedSkills {
  readonly skills: readonly LoadedBy[]
  readonly lost?: true
}

interface Kept {
  readonly loaded: LoadedSkills
  readonly version: number
}

const NONE: Kept = Object.freeze({ loaded: { skills: [] }, version: 0 })
const LOST: LoadedSkills = Object.freeze({ skills: [], lost: true })
/** Skills of one instance; whoever loads more is held for all it does. */
const MOST = 200

/**
 * Which skills each agent instance has loaded (HB-33). A model that has read a skill follows it until it forgets, and nobody is told of
 * that: the list only grows, survives restarts, and is the same on all nodes.
 */
export class LoadedByInstance {
  readonly #kept = new Map<string, Kept>()
  readonly #store: Pick<Store, 'list' | 'get' | 'put'>

  private constructor(store: Pick<Store, 'list' | 'get' | 'put'>) {
    this.#store = store
  }

  static async open(store: Pick<Store, 'list' | 'get' | 'put' | 'watch' | 'onTampered'>): Promise<LoadedByInstance> {
    const all = new LoadedByInstance(store)
    store.onTampered(({ kind, id }) => kind === 'loaded' && all.#lose(id))
    for (const { id, version, body } of await everyDocument(store, 'loaded'))
      all.#kept.set(id, { loaded: read(body), version })
    store.watch(({ kind, id }) => {
      if (kind === 'loaded') void all.#refresh(id).catch(() => all.#lose(id))
    })
    return all
  }

  of(instance: string): LoadedSkills {
    return this.#of(instance).loaded
  }

  /** Counts from now on; durable when it resolves. @throws SallyportError SP_STORE_UNAVAILABLE */
  async add(instance: string, skills: readonly LoadedBy[]): Promise<void> {
    const write = async (): Promise<boolean> => {
      const { loaded, version } = this.#of(instance)
      const more = skills.filter(
        ({ name, hash }) => !loaded.skills.some((one) => one.name === name && one.hash === hash),
      )
      if (more.length === 0 || loaded.lost === true) return true
      const all = [...loaded.skills, ...more.map(({ name, hash }) => ({ name, hash }))]
      const next: LoadedSkills = all.length > MOST ? LOST : { skills: all }
      const row = {
        kind: 'loaded',
        id: instance,
        state: '',
        expiresAt: 0,
        body: next as unknown as JsonObject,
      } as const
      if (!(await this.#store.put(row, version))) return false
      this.#kept.set(instance, { loaded: next, version: version + 1 })
      return true
    }
    await putAtLast(write, () => this.#refresh(instance), 'What an agent loaded could not be noted.')
  }

  #of(instance: string): Kept {
    return this.#kept.get(instance) ?? NONE
  }

  #lose(instance: string): void {
    this.#kept.set(instance, { loaded: LOST, version: this.#of(instance).version })
  }

  async #refresh(instance: string): Promise<void> {
    const stored = await this.#store.get('loaded', instance)
    if (stored === undefined || stored.version <= this.#of(instance).version) return
    this.#kept.set(instance, { loaded: read(stored.body), version: stored.version })
  }
}

function read({ skills, lost }: JsonObject): LoadedSkills {
  if (lost === true || !Array.isArray(skills)) return LOST
  const all = (skills as readonly Json[]).flatMap((one) => {
    const { name, hash } = isJsonObject(one) ? one : {}
    return typeof name === 'string' && typeof hash === 'string' ? [{ name, hash }] : []
  })
  return all.length === skills.length ? { skills: all } : LOST
}
