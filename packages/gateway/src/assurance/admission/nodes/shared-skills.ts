import { digest, type Json, type JsonObject } from '@sallyport/core'
import { Memory } from '../../../alerts/memory.ts'
import { everyDocument } from '../../../store/every.ts'
import type { Document, Store } from '../../../store/ports.ts'
import { entryOf, withEntry, type Register, type SkillEntry } from '../register.ts'
import type { SkillStore } from '../store.ts'
import { mergedEntry, mergedRules, type Rules } from './merge.ts'
import { SharedPacks } from './shared-packs.ts'

/** What a row was when this node and the others last agreed on it. */
interface Agreed {
  readonly version: number
  readonly mark: string
}

/** A part of the register that is shared by itself: one skill, or the lists. Undefined: it is not there. */
type Shared = SkillEntry | Rules | undefined

const RULES = 'rules'
const ENTRY = 'entry.'

/**
 * The registers of several gateways on one store: what one admits, switches off or blocks is so on all of them. Each keeps its own files,
 * so that it goes on where the store does not answer.
 */
export class SharedSkills {
  readonly #own: SkillStore
  readonly #rows: Pick<Store, 'list' | 'put'>
  readonly #packs: SharedPacks
  readonly #memory: Memory<Readonly<Record<string, Agreed>>>

  constructor(own: SkillStore, store: Pick<Store, 'get' | 'list' | 'put' | 'stream'>) {
    this.#own = own
    this.#rows = store
    this.#packs = new SharedPacks(store)
    this.#memory = new Memory(store, `skills.shared.${store.stream}`)
  }

  /** Gives what changed here to the others, and takes what changed there. Calls must not overlap. */
  async exchange(): Promise<void> {
    const agreed = new Map(Object.entries((await this.#memory.read()) ?? {}))
    const rows = new Map((await everyDocument(this.#rows, 'skill')).map((row) => [row.id, row]))
    const register = await this.#own.read()
    const ids = new Set([...Object.keys(register.skills).map((name) => `${ENTRY}${name}`), ...rows.keys(), RULES])
    const taken = new Map<string, Shared>()
    for (const id of ids) {
      const [own, row, last] = [partOf(register, id), rows.get(id), agreed.get(id)]
      const isOwnNew = markOf(own) !== (last?.mark ?? markOf(undefined))
      const isRowNew = (row?.version ?? 0) !== (last?.version ?? 0)
      if (!isOwnNew && !isRowNew) continue
      const next = isOwnNew ? (isRowNew ? merged(own, sharedIn(row)) : own) : sharedIn(row)
      const version = await this.#agree(id, next, row)
      if (version === undefined) continue
      agreed.set(id, { version, mark: markOf(next) })
      if (markOf(next) !== markOf(own)) taken.set(id, next)
    }
    await this.#take(taken)
    await this.#memory.write(Object.fromEntries(agreed))
  }

  /** Puts a part into the store where it is another one there. Undefined: another node was faster, or its copies are not there yet. */
  async #agree(id: string, next: Shared, row: Document | undefined): Promise<number | undefined> {
    const isThere = row !== undefined && markOf(sharedIn(row)) === markOf(next)
    try {
      for (const hash of hashesOf(next)) await this.#packs.put(hash, () => this.#own.kept(hash))
      if (isThere) return row.version
    } catch {
      return undefined
    }
    const body = { shared: (next ?? null) as unknown as Json }
    const version = row?.version ?? 0
    const put = await this.#rows.put({ kind: 'skill', id, state: '', expiresAt: 0, body }, version)
    return put ? version + 1 : undefined
  }

  async #take(parts: ReadonlyMap<string, Shared>): Promise<void> {
    if (parts.size === 0) return
    await this.#own.change(async ({ register, keep, kept }) => {
      let next = register
      for (const [id, part] of parts) {
        for (const hash of hashesOf(part)) await kept(hash).catch(async () => keep(hash, await this.#packs.get(hash)))
        next = withPart(next, id, part)
      }
      return [next, undefined]
    })
  }
}

const markOf = (part: Shared): string =>
  digest('sallyport/shared-skill/1', (part === undefined ? null : JSON.parse(JSON.stringify(part))) as Json)

const partOf = (register: Register, id: string): Shared => {
  if (id !== RULES) return entryOf(register, id.slice(ENTRY.length))
  const { block, allow } = register
  return block.length + allow.length === 0 ? undefined : { block, allow }
}

function withPart(register: Register, id: string, part: Shared): Register {
  if (id === RULES) return { ...register, ...(part === undefined ? { block: [], allow: [] } : (part as Rules)) }
  return withEntry(register, id.slice(ENTRY.length), part as SkillEntry | undefined)
}

const sharedIn = (row: Document | undefined): Shared =>
  ((row?.body as JsonObject | undefined)?.['shared'] ?? undefined) as unknown as Shared

/** What one side took away is gone; of rules, those that block stay. */
function merged(own: Shared, other: Shared): Shared {
  const isRules = (part: Shared): part is Rules => part !== undefined && 'block' in part
  if (isRules(own) || isRules(other)) return mergedRules((own ?? NO_RULES) as Rules, (other ?? NO_RULES) as Rules)
  return own === undefined || other === undefined ? undefined : mergedEntry(own, other as SkillEntry)
}

const NO_RULES: Rules = { block: [], allow: [] }

/** Versions whose bytes are kept. */
const hashesOf = (part: Shared): readonly string[] =>
  part === undefined || !('versions' in part)
    ? []
    : part.versions.filter(({ state }) => state !== 'refused').map(({ hash }) => hash)
