import { isJsonObject, type JsonObject, type Severity } from '@sallyport/core'
import type { Store } from '../../store/ports.ts'
import type { HealthFinding } from './check.ts'

/** One finding from when it was first seen until it was gone. ms since 1970. */
export interface Seen {
  readonly id: string
  readonly severity: Severity
  readonly category: string
  readonly title: string
  readonly since: number
  readonly until?: number
}

const ID = 'findings'
const KEPT = 90 * 86_400_000
const MOST = 500
const TRIES = 5

/** Since when findings are there, over restarts; what newly came is counted once (E-73). */
export class SeenFindings {
  readonly #store: Store
  #all: readonly Seen[]

  private constructor(store: Store, all: readonly Seen[]) {
    this.#store = store
    this.#all = all
  }

  static async open(store: Store): Promise<SeenFindings> {
    return new SeenFindings(store, await read(store))
  }

  get all(): readonly Seen[] {
    return this.#all
  }

  since(id: string): number | undefined {
    return this.#all.find((one) => one.id === id && one.until === undefined)?.since
  }

  /**
   * Takes in what a check found now. `looked` are the ids that could be told: of others nothing is known.
   * @returns those that were not there before
   */
  async update(
    findings: readonly HealthFinding[],
    unknown: ReadonlySet<string>,
    now: number,
  ): Promise<readonly HealthFinding[]> {
    const before = await read(this.#store)
    const open = new Map(before.filter(({ until }) => until === undefined).map((one) => [one.id, one]))
    const news = findings.filter(({ id }) => !open.has(id))
    const present = new Set(findings.map(({ id }) => id))
    const kept = before.map((one): Seen =>
      one.until !== undefined || present.has(one.id) || unknown.has(one.category) ? one : { ...one, until: now },
    )
    const added = news.map(({ id, severity, category, title }): Seen => ({ id, severity, category, title, since: now }))
    const all = [...kept, ...added].filter(({ until }) => until === undefined || until > now - KEPT).slice(-MOST)
    this.#all = all
    if (news.length > 0 || JSON.stringify(all) !== JSON.stringify(before)) await this.#write(all)
    return news
  }

  async #write(all: readonly Seen[]): Promise<void> {
    const body = { all } as unknown as JsonObject
    for (let tries = 0; tries < TRIES; tries += 1) {
      const stored = await this.#store.get('health', ID)
      const row = { kind: 'health', id: ID, state: '', expiresAt: 0, body } as const
      if (await this.#store.put(row, stored?.version ?? 0)) return
    }
  }
}

async function read(store: Store): Promise<readonly Seen[]> {
  const all = (await store.get('health', ID))?.body['all']
  return Array.isArray(all) ? (all.filter(isJsonObject) as unknown as readonly Seen[]) : []
}
