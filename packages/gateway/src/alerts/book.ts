import {
  again,
  alertKey,
  alertRank,
  merged,
  opened,
  resolved,
  type Alert,
  type Json,
  type Signal,
} from '@sallyport/core'
import type { Clock, Random } from '../boundary/ports.ts'
import type { Document, Store } from '../store/ports.ts'

export interface BookDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put' | 'watch'>
  readonly clock: Clock
  readonly random: Random
  /** How long resolved alerts are kept, ms. */
  readonly retentionMs: number
  /** The store does not take alerts; said once until it does again. */
  readonly trouble: (error: unknown) => void
  /** Alerts that made room for newer ones, with what they counted. */
  readonly dropped: (alert: Alert) => void
}

interface Entry {
  alert: Alert
  /** As it was when store and this gateway last agreed. */
  base: Alert
  version: number
  writing: Promise<void> | undefined
  wanted: Promise<void> | undefined
  isDirty: boolean
  /** A write is on its way: what is read meanwhile may be that write, or be overtaken by it. */
  isWriting: boolean
  /** Something was told of it meanwhile. */
  isBehind: boolean
}

/** Alerts that are open at a time, on one gateway, and subjects of one name and agent before they become one (T-157). */
const MOST_OPEN = 1_000
const MOST_SUBJECTS = 20
const PAGE = 500
const MOST_READ = 5_000
const RETRY_MS = 1_000
const EVERY_OTHER = '*'
const IDLE = { writing: undefined, wanted: undefined, isDirty: false, isWriting: false, isBehind: false }

/**
 * Open alerts, in memory and in the store. What happens meanwhile of one write goes into the next one of the same alert: a flood costs one
 * write at a time, and whoever waits knows that a write that began later has ended.
 */
export class AlertBook {
  readonly #deps: BookDeps
  readonly #byKey = new Map<string, Entry>()
  readonly #byId = new Map<string, Entry>()
  readonly #subjects = new Map<string, Set<string>>()
  readonly #unwatch: () => void
  #retry: NodeJS.Timeout | undefined
  #isDown = false

  private constructor(deps: BookDeps) {
    this.#deps = deps
    this.#unwatch = deps.store.watch(({ kind, id }) => {
      if (kind === 'alert') void (this.#byId.has(id) ? this.#refresh(id) : this.#adopt(id)).catch(() => undefined)
    })
  }

  static async open(deps: BookDeps): Promise<AlertBook> {
    const book = new AlertBook(deps)
    for (const state of ['open', 'taken'] as const)
      for (const document of await book.#documents(state)) book.#hold(entryOf(document))
    return book
  }

  /** @returns the alert that this signal belongs to, counted; it is written by `save`. */
  note(signal: Signal): Alert {
    const now = this.#deps.clock.now()
    const subject = this.#subjectOf(signal)
    const key = alertKey(signal, subject)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.alert = again(known.alert, signal, now)
      known.isDirty = true
      return known.alert
    }
    if (this.#byKey.size >= MOST_OPEN) this.#makeRoom(now)
    const alert = opened(this.#deps.random.uuid(), key, signal, now)
    this.#hold({ alert, base: alert, version: 0, ...IDLE, isDirty: true })
    return alert
  }

  /** What is open and in hand here. */
  get open(): readonly Alert[] {
    return [...this.#byKey.values()].map(({ alert }) => alert)
  }

  held(id: string): Alert | undefined {
    return this.#byId.get(id)?.alert
  }

  /** Changes one that is in hand; written by `save`. */
  set(id: string, change: (alert: Alert) => Alert): Alert | undefined {
    const entry = this.#byId.get(id)
    if (entry === undefined) return undefined
    entry.alert = change(entry.alert)
    entry.isDirty = true
    // what happens from now on is a new alert
    if (entry.alert.state === 'resolved') this.#byKey.delete(entry.alert.key)
    return entry.alert
  }

  /** Resolves when the alert as it is now is durable, or the store does not take it; then it is tried again later. */
  save(id: string): Promise<void> {
    const entry = this.#byId.get(id)
    if (entry === undefined) return Promise.resolve()
    entry.wanted ??= (entry.writing ?? Promise.resolve()).then(() => {
      entry.wanted = undefined
      entry.writing = this.#write(entry)
      return entry.writing
    })
    return entry.wanted
  }

  /**
   * Changes any alert of the store, of other gateways too; durable when it resolves.
   * @returns the alert, or undefined when there is none. @throws SallyportError of the store
   */
  async change(id: string, change: (alert: Alert) => Alert): Promise<Alert | undefined> {
    if (this.#byId.has(id)) {
      const entry = this.#byId.get(id) as Entry
      this.set(id, change)
      await this.save(id)
      if (entry.isDirty) {
        const again = (entry.writing ?? Promise.resolve()).then(() => this.#put(entry))
        entry.writing = again.catch(() => undefined)
        await again
      }
      return entry.alert
    }
    for (let tries = 0; tries < 5; tries++) {
      const document = await this.#deps.store.get('alert', id)
      if (document === undefined) return undefined
      const entry = entryOf(document)
      entry.alert = change(entry.alert)
      if (await this.#deps.store.put(this.#documentOf(entry.alert), entry.version)) return entry.alert
    }
    return undefined
  }

  /** From the store: what all gateways know, newest first. */
  async list(states: readonly Alert['state'][]): Promise<readonly Alert[]> {
    const documents = (await Promise.all(states.map((state) => this.#documents(state)))).flat()
    const alerts = documents.map((document) => this.held(document.id) ?? (document.body as unknown as Alert))
    return alerts.toSorted((a, b) => b.last - a.last || (a.id < b.id ? 1 : -1))
  }

  async get(id: string): Promise<Alert | undefined> {
    return this.held(id) ?? ((await this.#deps.store.get('alert', id))?.body as unknown as Alert | undefined)
  }

  async close(): Promise<void> {
    this.#unwatch()
    clearTimeout(this.#retry)
    await Promise.all([...this.#byId.values()].map(async (entry) => entry.isDirty && this.save(entry.alert.id)))
    await Promise.all([...this.#byId.values()].map(async ({ writing }) => writing))
    clearTimeout(this.#retry)
  }

  #hold(entry: Entry): void {
    const { id, key, name, agent } = entry.alert
    this.#byKey.set(key, entry)
    this.#byId.set(id, entry)
    const [, , subject] = JSON.parse(key) as [string, string, string]
    const of = this.#subjects.get(JSON.stringify([name, agent])) ?? new Set()
    this.#subjects.set(JSON.stringify([name, agent]), of.add(subject))
  }

  #letGo({ alert }: Entry): void {
    const { id, key, name, agent } = alert
    this.#byId.delete(id)
    if (this.#byKey.get(key)?.alert.id === id) this.#byKey.delete(key)
    const [, , subject] = JSON.parse(key) as [string, string, string]
    const of = this.#subjects.get(JSON.stringify([name, agent]))
    of?.delete(subject)
    if (of?.size === 0) this.#subjects.delete(JSON.stringify([name, agent]))
  }

  /** What an agent makes up, such as names of tools, does not make up alerts without end. */
  #subjectOf({ name, agent, subject }: Signal): string {
    const of = this.#subjects.get(JSON.stringify([name, agent]))
    return of === undefined || of.has(subject) || of.size < MOST_SUBJECTS ? subject : EVERY_OTHER
  }

  #makeRoom(now: number): void {
    const [least] = [...this.#byKey.values()].toSorted(
      (a, b) => alertRank(a.alert.severity) - alertRank(b.alert.severity) || a.alert.last - b.alert.last,
    )
    if (least === undefined) return
    least.alert = resolved(least.alert, 'gateway', 'There were too many open alerts.', now)
    least.isDirty = true
    void this.save(least.alert.id)
    this.#deps.dropped(least.alert)
    this.#byKey.delete(least.alert.key)
  }

  async #write(entry: Entry): Promise<void> {
    try {
      await this.#put(entry)
      this.#isDown = false
    } catch (error) {
      if (!this.#isDown) this.#deps.trouble(error)
      this.#isDown = true
      this.#later()
    }
  }

  #later(): void {
    this.#retry ??= setTimeout(() => this.#again(), RETRY_MS).unref()
  }

  async #put(entry: Entry): Promise<void> {
    entry.isWriting = true
    try {
      await this.#putNow(entry)
    } finally {
      entry.isWriting = false
      if (entry.isBehind) void this.#refresh(entry.alert.id).catch(() => undefined)
    }
  }

  async #putNow(entry: Entry): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { alert } = entry
      entry.isDirty = false
      let written = false
      try {
        written = await this.#deps.store.put(this.#documentOf(alert), entry.version)
      } finally {
        if (!written) entry.isDirty = true
      }
      if (written) {
        entry.version += 1
        entry.base = alert
        if (alert.state === 'resolved' && !entry.isDirty) this.#letGo(entry)
        return
      }
      // another gateway was first: what people did there counts
      const document = await this.#deps.store.get('alert', alert.id)
      if (document === undefined) entry.version = 0
      else {
        const theirs = document.body as unknown as Alert
        entry.version = document.version
        if (entry.alert.state !== 'resolved') entry.alert = merged(entry.alert, theirs, entry.base)
        entry.base = theirs
      }
      if (tries === 5) return this.#later()
    }
  }

  #again(): void {
    this.#retry = undefined
    for (const entry of this.#byId.values()) if (entry.isDirty) void this.save(entry.alert.id)
  }

  /** Somebody else may have changed one of ours. */
  async #refresh(id: string): Promise<void> {
    const document = await this.#deps.store.get('alert', id)
    const entry = this.#byId.get(id)
    if (entry === undefined) return
    entry.isBehind = entry.isWriting
    if (document === undefined || entry.isWriting || document.version <= entry.version) return
    const theirs = document.body as unknown as Alert
    entry.version = document.version
    entry.alert = merged(entry.alert, theirs, entry.base)
    entry.base = theirs
    if (theirs.state === 'resolved') this.#letGo(entry)
  }

  /** What another gateway opened is counted here too: what happens on several gateways is one alert. */
  async #adopt(id: string): Promise<void> {
    const document = await this.#deps.store.get('alert', id)
    if (document === undefined || document.state === 'resolved' || this.#byId.has(id)) return
    const entry = entryOf(document)
    if (this.#byKey.has(entry.alert.key) || this.#byKey.size >= MOST_OPEN) return
    this.#hold(entry)
  }

  #documentOf(alert: Alert): Omit<Document, 'version' | 'updatedAt'> {
    const expiresAt = alert.state === 'resolved' ? this.#deps.clock.now() + this.#deps.retentionMs : 0
    return {
      kind: 'alert',
      id: alert.id,
      state: alert.state,
      expiresAt,
      body: alert as unknown as Record<string, Json>,
    }
  }

  async #documents(state: string): Promise<readonly Document[]> {
    const found: Document[] = []
    for (let after = ''; found.length < MOST_READ;) {
      const page = await this.#deps.store.list('alert', { state, after, limit: PAGE })
      found.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      after = last.id
    }
    return found
  }
}

const entryOf = ({ body, version }: Document): Entry => ({
  ...{ alert: body as unknown as Alert, base: body as unknown as Alert, version, ...IDLE },
})
