import type { Clock } from '../../boundary/ports.ts'
import type { Take } from '../../boundary/ports-limits.ts'
import type { Store } from '../../store/ports.ts'
import { FORGIVEN, pauseAfter } from './pause.ts'

interface LockoutDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put' | 'watch'>
  readonly clock: Clock
  readonly failuresPerMinute: number
}

/** Times by the monotonic clock, ms. */
interface Entry {
  failures: number
  since: number
  /** How often it was locked without an hour of quiet between. */
  level: number
  until: number
  version: number
}

const MINUTE = 60_000
const CAPACITY = 10_000

/**
 * Credentials that were wrong (E-25): five a minute for each name and each network, then a pause of a minute, doubled with
 * every further failure up to an hour; an hour of quiet ends it. Pauses survive a restart and hold on all nodes.
 *
 * PINs, passwords and codes that people type are counted by `presence/attempts.ts`, in the store and before each of them is
 * looked at, because a few million guesses find one; so no failure is missed by any node. Here it is credentials of 256 bits
 * on every request: a write for each wrong one would let strangers keep the store busy, so failures are counted in memory, and
 * n nodes together take up to n times five before the pause that they then share.
 */
export class Lockout {
  readonly #deps: LockoutDeps
  readonly #entries = new Map<string, Entry>()
  #unwatch = (): void => undefined
  /** Failures that were told of, and those of them that came in a pause (AC-2.2.5). */
  hits = 0
  violations = 0

  constructor(deps: LockoutDeps) {
    this.#deps = deps
  }

  /** Asked before anything is verified: the longest pause of these keys. */
  check(keys: readonly string[]): Take {
    const now = this.#deps.clock.monotonic()
    const left = Math.max(0, ...keys.map((key) => (this.#entries.get(key)?.until ?? 0) - now))
    return left > 0 ? { ok: false, retryAfterSeconds: Math.ceil(left / 1000) } : { ok: true }
  }

  /** Counts one failure for each key. During a pause nothing is counted, so that its end stays where it was said to be. */
  failed(keys: readonly string[]): Take {
    const paused = this.check(keys)
    this.hits++
    if (!paused.ok) this.violations++
    else for (const key of keys) this.#count(key)
    return paused
  }

  async load(): Promise<void> {
    const { store } = this.#deps
    for (const { id } of await store.list('limit', { state: 'lockout', limit: CAPACITY })) await this.#pull(id)
    this.#unwatch = store.watch(({ kind, id }) => {
      if (kind === 'limit' && id.startsWith(PREFIX)) void this.#pull(id).catch(() => undefined)
    })
  }

  close(): void {
    this.#unwatch()
  }

  #count(key: string): void {
    const { clock, failuresPerMinute } = this.#deps
    const now = clock.monotonic()
    const entry = this.#entries.get(key) ?? { failures: 0, since: now, level: 0, until: 0, version: 0 }
    if (now - entry.until > FORGIVEN) entry.level = 0
    if (now - entry.since >= MINUTE) Object.assign(entry, { failures: 0, since: now })
    entry.failures++
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    this.#evict(now)
    if (entry.failures < (entry.level === 0 ? failuresPerMinute : 1)) return
    entry.until = now + pauseAfter(entry.level)
    entry.level++
    entry.failures = 0
    void this.#write(key, entry)
  }

  /** Whoever is not paused goes first. */
  #evict(now: number): void {
    if (this.#entries.size <= CAPACITY) return
    const idle = [...this.#entries].find(([, { until }]) => until <= now)?.[0]
    const oldest = idle ?? this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  async #write(key: string, entry: Entry): Promise<void> {
    const { store, clock } = this.#deps
    const expected = entry.version
    // whole milliseconds: a database may keep no others
    const until = Math.ceil(clock.now() + entry.until - clock.monotonic())
    const row = { kind: 'limit', id: PREFIX + key, state: 'lockout', expiresAt: until + FORGIVEN } as const
    const isWritten = await store.put({ ...row, body: { until, level: entry.level } }, expected).catch(() => false)
    if (isWritten) entry.version = expected + 1
    else await this.#pull(PREFIX + key).catch(() => undefined)
  }

  /** Another node, or this one before a restart: the longer pause holds. */
  async #pull(id: string): Promise<void> {
    const { store, clock } = this.#deps
    const found = await store.get('limit', id)
    if (found === undefined) return
    const key = id.slice(PREFIX.length)
    const { until, level } = found.body
    const known = this.#entries.get(key)
    if (typeof until !== 'number' || typeof level !== 'number' || found.version === known?.version) return
    const mono = clock.monotonic()
    const ends = mono + until - clock.now()
    if (known === undefined)
      this.#entries.set(key, { failures: 0, since: mono, level, until: ends, version: found.version })
    else {
      known.until = Math.max(known.until, ends)
      known.level = Math.max(known.level, level)
      known.version = found.version
    }
  }
}

const PREFIX = 'lockout|'
