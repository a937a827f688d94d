import { WrittenMarks, type Confidentiality, type JsonObject, type StoredMarks } from '@sallyport/core'
import type { LabelStore } from './labels.ts'
import { putAtLast } from './put-at-last.ts'

/** A row that cannot be read says that nothing of its server can be trusted. */
const UNREADABLE: StoredMarks = Object.freeze({ tokens: [], runs: [], confidentiality: 2, overflow: true })

interface Kept {
  readonly marks: WrittenMarks
  version: number
  /** Writes of one server, one after the other. */
  writing: Promise<void>
  changed: boolean
}

/** What tainted agents wrote, by server; on all nodes and across restarts (T-090). */
export class WrittenTaint {
  readonly #servers = new Map<string, Kept>()
  readonly #store: LabelStore

  private constructor(store: LabelStore) {
    this.#store = store
  }

  static async open(store: LabelStore): Promise<WrittenTaint> {
    const written = new WrittenTaint(store)
    const lose = (id: string): void =>
      void written.#servers.set(id, {
        marks: new WrittenMarks(UNREADABLE),
        version: 0,
        writing: Promise.resolve(),
        changed: false,
      })
    store.onTampered(({ kind, id }) => kind === 'written' && lose(id))
    for (const { id, version, body } of await store.list('written', { limit: 1000 })) written.#take(id, version, body)
    store.watch(({ kind, id }) => {
      if (kind === 'written') void written.#refresh(id).catch(() => lose(id))
    })
    return written
  }

  /** Notes what a released call carries to a server. Counts at once; `flush` makes it last. */
  note(server: string, texts: readonly string[], confidentiality: Confidentiality): void {
    if (texts.length === 0) return
    const kept = this.#of(server)
    for (const text of texts) if (kept.marks.add(text, confidentiality)) kept.changed = true
  }

  /** Confidentiality of what came back, or nothing when none of it was written by a tainted agent. */
  touched(server: string, texts: readonly string[]): Confidentiality | undefined {
    const marks = this.#servers.get(server)?.marks
    return marks !== undefined && texts.some((text) => marks.isIn(text)) ? marks.confidentiality : undefined
  }

  /** Resolves when everything noted of a server is durable. @throws SallyportError SP_STORE_UNAVAILABLE */
  async flush(server: string): Promise<void> {
    const kept = this.#servers.get(server)
    if (kept === undefined || !kept.changed) return
    kept.writing = kept.writing.catch(() => undefined).then(() => this.#write(server))
    await kept.writing
  }

  async #write(server: string): Promise<void> {
    const write = async (): Promise<boolean> => {
      const kept = this.#of(server)
      if (!kept.changed) return true
      const body = kept.marks.stored() as unknown as JsonObject
      const row = { kind: 'written', id: server, state: '', expiresAt: 0, body } as const
      if (!(await this.#store.put(row, kept.version))) return false
      kept.version++
      kept.changed = false
      return true
    }
    await putAtLast(write, () => this.#refresh(server), 'What was written could not be noted.')
  }

  /** Another node wrote: what both know holds. */
  async #refresh(server: string): Promise<void> {
    const stored = await this.#store.get('written', server)
    const mine = this.#of(server)
    if (stored === undefined || stored.version <= mine.version) return
    const both = merged(mine.marks.stored(), read(stored.body))
    this.#servers.set(server, {
      ...mine,
      marks: new WrittenMarks(both),
      version: stored.version,
      changed: mine.changed,
    })
  }

  #take(server: string, version: number, body: JsonObject): void {
    this.#servers.set(server, {
      marks: new WrittenMarks(read(body)),
      version,
      writing: Promise.resolve(),
      changed: false,
    })
  }

  #of(server: string): Kept {
    let kept = this.#servers.get(server)
    if (kept === undefined) {
      kept = { marks: new WrittenMarks(), version: 0, writing: Promise.resolve(), changed: false }
      this.#servers.set(server, kept)
    }
    return kept
  }
}

function read({ tokens, runs, confidentiality, overflow }: JsonObject): StoredMarks {
  const valid =
    isNumbers(tokens) && isNumbers(runs) && typeof confidentiality === 'number' && typeof overflow === 'boolean'
  return valid ? { tokens, runs, confidentiality: confidentiality as Confidentiality, overflow } : UNREADABLE
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))

const merged = (a: StoredMarks, b: StoredMarks): StoredMarks => ({
  tokens: [...new Set([...a.tokens, ...b.tokens])],
  runs: [...new Set([...a.runs, ...b.runs])],
  confidentiality: Math.max(a.confidentiality, b.confidentiality) as Confidentiality,
  overflow: a.overflow || b.overflow,
})
