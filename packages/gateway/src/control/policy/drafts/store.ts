import { SallyportError, sha256, type JsonObject } from '@sallyport/core'
import type { Clock } from '../../../boundary/ports.ts'
import type { Document, Store } from '../../../store/ports.ts'
import type { Snapshot } from '../history.ts'
import type { SourceFile } from '../sources.ts'

/** A copy of the policy that somebody works on. It decides nothing. */
export interface Draft {
  readonly id: string
  /** The policy in force that it began with, or was last rebased on. */
  readonly base: { readonly number: number; readonly digest: string; readonly version: string }
  readonly files: Snapshot['files']
  readonly createdBy: string
  /** ms since 1970. */
  readonly createdAt: number
  readonly updatedBy: string
  readonly updatedAt: number
  /** Who agreed to exactly these files; any change of the draft empties it. */
  readonly agreed: { readonly digest: string; readonly by: readonly string[] }
}

export interface KeptDraft {
  readonly draft: Draft
  /** For compare-and-set. */
  readonly revision: number
}

/** Drafts that may lie there at once, and what one may weigh, UTF-16 units. */
const MOST_DRAFTS = 50
const MOST_TEXT = 4 * 1024 * 1024
const PREFIX = 'draft:'
export const NOBODY_AGREED: Draft['agreed'] = Object.freeze({ digest: '', by: [] })

/** Drafts in the store, shared by all gateways on it. */
export class DraftStore {
  readonly #store: Store
  readonly #clock: Pick<Clock, 'now'>

  constructor(store: Store, clock: Pick<Clock, 'now'>) {
    this.#store = store
    this.#clock = clock
  }

  async list(): Promise<readonly KeptDraft[]> {
    const found = await this.#store.list('staged', { state: 'draft', limit: MOST_DRAFTS })
    return found.map(keptOf)
  }

  /** @throws SallyportError SP_POLICY_DRAFT */
  async get(id: string): Promise<KeptDraft> {
    const document = await this.#store.get('staged', PREFIX + id)
    if (document === undefined) throw new SallyportError('SP_POLICY_DRAFT', `There is no draft ${id}.`)
    return keptOf(document)
  }

  /** Begins a draft under the next free name: four digits of its base and a number. */
  async create(of: Pick<Draft, 'base' | 'files'>, by: string): Promise<KeptDraft> {
    const ids = new Set((await this.list()).map(({ draft }) => draft.id))
    if (ids.size >= MOST_DRAFTS)
      throw new SallyportError('SP_POLICY_BUSY', `There are ${MOST_DRAFTS} drafts; discard one first.`)
    const now = this.#clock.now()
    for (let number = 1; ; number++) {
      const id = `${of.base.digest.slice(0, 4)}-${number}`
      if (ids.has(id)) continue
      const about = { createdBy: by, createdAt: now, updatedBy: by, updatedAt: now, agreed: NOBODY_AGREED }
      const draft: Draft = { id, ...of, ...about }
      if (await this.#put(draft, 0)) return { draft, revision: 1 }
      // another gateway was first
    }
  }

  /** @throws SallyportError SP_POLICY_DRAFT when somebody else changed it since `revision`; SP_API_INVALID when it is too large */
  async save({ draft, revision }: KeptDraft): Promise<KeptDraft> {
    const size = draft.files.reduce((sum, { text }) => sum + text.length, 0)
    if (size > MOST_TEXT) throw new SallyportError('SP_API_INVALID', 'A draft holds at most 4 Mi characters.')
    if (!(await this.#put(draft, revision)))
      throw new SallyportError('SP_POLICY_DRAFT', `Somebody else changed the draft ${draft.id} meanwhile.`)
    return { draft, revision: revision + 1 }
  }

  async remove(id: string): Promise<void> {
    const { revision } = await this.get(id)
    await this.#store.remove('staged', PREFIX + id, revision)
  }

  #put(draft: Draft, expected: number): Promise<boolean> {
    const body = draft as unknown as JsonObject
    return this.#store.put({ kind: 'staged', id: PREFIX + draft.id, state: 'draft', expiresAt: 0, body }, expected)
  }
}

const keptOf = ({ body, version }: Document): KeptDraft => ({ draft: body as unknown as Draft, revision: version })

/** Files of a draft as if they had just been read. */
export const sourceFiles = (files: Draft['files']): readonly SourceFile[] =>
  files.map((file) => ({ ...file, digest: sha256(file.text), real: '', owned: true }))
