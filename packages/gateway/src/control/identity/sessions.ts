import { SallyportError, type JsonObject } from '@sallyport/core'
import { refuse, type Caller, type Clock, type Random, type Verdict } from '../../boundary/ports.ts'
import { everyDocument } from '../../store/every.ts'
import type { Document, Store } from '../../store/ports.ts'
import type { IdentityLog } from './record.ts'

/** Silence, age, or the word of an operator. */
export type EndReason = 'idle' | 'absolute' | 'operator'

/** Times in ms since 1970. */
export interface Session {
  readonly id: string
  readonly principal: string
  readonly instance: string
  readonly ingress: string
  readonly surface: string
  /** What the agent calls it: for display, decides nothing (T-088). */
  readonly hint: string
  readonly node: string
  readonly createdAt: number
  readonly lastActivityAt: number
  readonly calls: number
  readonly state: 'active' | 'ended'
  readonly ended?: { readonly reason: EndReason; readonly at: number }
}

export interface SessionsDeps {
  readonly store: Store
  readonly log: IdentityLog
  readonly clock: Clock
  readonly random: Random
  /** Seconds. */
  readonly idleTimeout: number
  readonly absoluteTimeout: number
}

/** A call that runs: the sessions that it can belong to, by key. */
interface Running {
  readonly own: string
  /** Where calls go whose agent has made up too many hints. */
  readonly shared: string
  readonly abort: () => void
}

/** What the document of a session that an operator ended says. Times in ms since 1970. */
interface EndedByOperator {
  readonly principal: string
  readonly ingress: string
  readonly hint: string
  readonly at: number
  readonly by: string
  readonly reason: string
}

interface Live {
  /** Changes with every call; whoever asks gets a copy. */
  session: { -readonly [K in keyof Session]: Session[K] }
  readonly startedMono: number
  activeMono: number
  version: number
  dirty: boolean
  writing: boolean
}

const HINTS_PER_PRINCIPAL = 256
const TOMBSTONES = 10_000
const DAY = 86_400_000

/**
 * Sessions (SEC-4.2): one per principal, ingress and hint. They end after silence or age, on access and by the sweeper, and
 * reopen only for somebody who has proved who it is since. Only calls count as activity, never keep-alives (E-47). An operator
 * ends one at any time.
 */
export class Sessions {
  readonly #deps: SessionsDeps
  readonly #live = new Map<string, Live>()
  readonly #perPrincipal = new Map<string, number>()
  /** Ended sessions by key → when. */
  readonly #ended = new Map<string, number>()
  readonly #running = new Set<Running>()
  readonly #onEnd = new Set<(session: Session) => void>()

  constructor(deps: SessionsDeps) {
    this.#deps = deps
  }

  /** Takes up the sessions that this node had before a restart: ages go on counting. */
  async load(): Promise<void> {
    const { store, clock } = this.#deps
    for (const document of await store.list('session', { state: 'active' })) {
      const session = sessionOf(document)
      if (session?.node !== store.stream) continue
      const mono = clock.monotonic()
      const past = clock.now() - mono
      this.#put(keyOf(session), {
        session,
        startedMono: session.createdAt - past,
        activeMono: session.lastActivityAt - past,
        version: document.version,
        dirty: false,
        writing: false,
      })
    }
    for (const { id, body } of await everyDocument(store, 'session-end'))
      this.#endNow(id, body as unknown as EndedByOperator)
  }

  onEnd(listener: (session: Session) => void): void {
    this.#onEnd.add(listener)
  }

  /** The session this call belongs to, opened where there is none. Refuses with SP_AUTHZ_SESSION_EXPIRED. */
  admit(caller: Caller): Verdict<Session> {
    const key = this.#keyFor(caller)
    const known = this.#live.get(key)
    if (known !== undefined) {
      const reason = this.#expiry(known)
      if (reason === undefined) return { ok: true, value: this.#touch(known) }
      this.#end(key, known, reason)
    }
    const provedAt = caller.principal.authenticatedAt ?? 0
    const endedAt = this.#ended.get(key) ?? 0
    if (provedAt <= endedAt || this.#stale(provedAt)) {
      return refuse('SP_AUTHZ_SESSION_EXPIRED', 'Authenticate again to start a new one.')
    }
    return { ok: true, value: this.#open(key, caller) }
  }

  /**
   * Ends one session now: what it has running is aborted, its next call is refused, and it reopens only for somebody who proves
   * anew who it is. Other sessions of its agent go on. In force here before anything is written; a `session-end` document carries it
   * to the other nodes and over a restart. One that is over stays as it is; undefined where there is none.
   * @returns the session, and how many of its calls were aborted on this node
   * @throws SallyportError SP_STORE_* when it could not be made durable; it is in force on this node all the same
   */
  async end(
    id: string,
    by: string,
    reason: string,
  ): Promise<{ readonly session: Session; readonly aborted: number } | undefined> {
    const session = await this.find(id)
    if (session === undefined || session.state === 'ended') return session && { session, aborted: 0 }
    const { store, log, clock } = this.#deps
    const { principal, ingress, hint } = session
    const ended: EndedByOperator = { principal, ingress, hint, at: clock.now(), by, reason }
    const aborted = this.#endNow(id, ended)
    const row = { kind: 'session-end', id, state: '', expiresAt: ended.at + DAY, body: { ...ended } } as const
    if (await store.put(row, 0))
      log.enqueue('session.ended', by, { sessionId: id, agentId: principal, reason, aborted }, 'warn')
    // somebody else has ended it at the same time, which is as good
    else if ((await store.get('session-end', id)) === undefined)
      throw new SallyportError('SP_STORE_UNAVAILABLE', 'The end of the session could not be written.')
    return { session: { ...session, state: 'ended', ended: { reason: 'operator', at: ended.at } }, aborted }
  }

  /** Another node, or this one, ended a session. A document that cannot be read, or is not the gateway's own, ends it too (T-004). */
  async refresh(id: string): Promise<void> {
    const document = await this.#deps.store.get('session-end', id).catch(() => undefined)
    const live = [...this.#live.values()].find(({ session }) => session.id === id)
    const { principal = '', ingress = '', hint = '' } = live?.session ?? {}
    const unknown = { principal, ingress, hint, at: this.#deps.clock.now(), by: 'gateway', reason: '' }
    if (document !== undefined) this.#endNow(id, document.body as unknown as EndedByOperator)
    else if (live !== undefined) this.#endNow(id, unknown)
  }

  /** Calls `abort` when an operator ends the session that a call of this caller belongs to. Returns how to stop listening. */
  whileOpen(caller: Caller, abort: () => void): () => void {
    const { principal, ingress, sessionHint: hint } = caller
    const of = { principal: principal.id, ingress }
    const running = { own: keyOf({ ...of, hint }), shared: keyOf({ ...of, hint: '' }), abort }
    this.#running.add(running)
    return () => void this.#running.delete(running)
  }

  /** Live sessions of this node, newest activity first. */
  active(): readonly Session[] {
    return [...this.#live.values()]
      .map(({ session }) => ({ ...session }))
      .sort((a, b) => b.lastActivityAt - a.lastActivityAt)
  }

  /** All sessions the store knows, those of this node as they are now. */
  async list(): Promise<readonly Session[]> {
    const stored = (await this.#deps.store.list('session')).map(sessionOf).filter((session) => session !== undefined)
    const mine = new Map(this.active().map((session) => [session.id, session]))
    const rest = stored.filter((session) => !mine.has(session.id))
    return [...mine.values(), ...rest].sort((a, b) => b.lastActivityAt - a.lastActivityAt)
  }

  async find(id: string): Promise<Session | undefined> {
    const live = this.active().find((session) => session.id === id)
    if (live !== undefined) return live
    const document = await this.#deps.store.get('session', id)
    return document === undefined ? undefined : sessionOf(document)
  }

  /** The sweeper: ends what is over and writes what has changed. */
  async tick(): Promise<void> {
    for (const [key, live] of this.#live) {
      const reason = this.#expiry(live)
      if (reason !== undefined) this.#end(key, live, reason)
      else if (live.dirty) await this.#write(live)
    }
  }

  async flush(): Promise<void> {
    for (const live of this.#live.values()) if (live.dirty) await this.#write(live)
  }

  /** A proof of identity older than a silent session may get is no ground for a new one. */
  #stale(provedAt: number): boolean {
    const { clock, idleTimeout, absoluteTimeout } = this.#deps
    const limit = idleTimeout > 0 ? idleTimeout : absoluteTimeout
    return limit > 0 && clock.now() - provedAt > limit * 1000
  }

  #keyFor(caller: Caller): string {
    const { principal, ingress } = caller
    const key = keyOf({ principal: principal.id, ingress, hint: caller.sessionHint })
    const crowded = (this.#perPrincipal.get(principal.id) ?? 0) >= HINTS_PER_PRINCIPAL
    // An agent that makes up session ids without end gets them all put into one.
    return crowded && !this.#live.has(key) ? keyOf({ principal: principal.id, ingress, hint: '' }) : key
  }

  #open(key: string, caller: Caller): Session {
    const { clock, random, store, log } = this.#deps
    const now = clock.now()
    const { principal, ingress, surface } = caller
    const session: Session = {
      id: random.uuid(),
      principal: principal.id,
      instance: principal.instance,
      ingress,
      surface,
      hint: key.slice(key.lastIndexOf('\n') + 1),
      node: store.stream,
      createdAt: now,
      lastActivityAt: now,
      calls: 1,
      state: 'active',
    }
    const mono = clock.monotonic()
    const live: Live = { session, startedMono: mono, activeMono: mono, version: 0, dirty: true, writing: false }
    this.#put(key, live)
    log.enqueue('session.opened', principal.id, { sessionId: session.id, ingress, sessionHint: session.hint })
    void this.#write(live)
    return session
  }

  #put(key: string, live: Live): void {
    this.#live.set(key, live)
    const { principal } = live.session
    this.#perPrincipal.set(principal, (this.#perPrincipal.get(principal) ?? 0) + 1)
  }

  #touch(live: Live): Session {
    const { clock } = this.#deps
    live.activeMono = clock.monotonic()
    const lastActivityAt = Math.max(clock.now(), live.session.lastActivityAt)
    live.session.lastActivityAt = lastActivityAt
    live.session.calls++
    live.dirty = true
    return live.session
  }

  /** By wall clock and by monotonic time, whichever says older: setting the clock back prolongs nothing (T-165). */
  #expiry({ session, startedMono, activeMono }: Live): 'idle' | 'absolute' | undefined {
    const { clock, idleTimeout, absoluteTimeout } = this.#deps
    const [now, mono] = [clock.now(), clock.monotonic()]
    const age = Math.max(now - session.createdAt, mono - startedMono)
    const idle = Math.max(now - session.lastActivityAt, mono - activeMono)
    if (absoluteTimeout > 0 && age >= absoluteTimeout * 1000) return 'absolute'
    return idleTimeout > 0 && idle >= idleTimeout * 1000 ? 'idle' : undefined
  }

  #end(key: string, live: Live, reason: 'idle' | 'absolute'): void {
    const { clock, log, idleTimeout, absoluteTimeout } = this.#deps
    const { session } = live
    const at =
      reason === 'idle' ? session.lastActivityAt + idleTimeout * 1000 : session.createdAt + absoluteTimeout * 1000
    const ageSeconds = Math.round((clock.now() - session.createdAt) / 1000)
    log.enqueue('session.expired', session.principal, {
      sessionId: session.id,
      reason,
      ageSeconds,
      calls: session.calls,
    })
    this.#over(key, live, { reason, at })
  }

  #over(key: string, live: Live, ended: { readonly reason: EndReason; readonly at: number }): void {
    const { principal } = live.session
    live.session = { ...live.session, state: 'ended', ended }
    this.#live.delete(key)
    this.#perPrincipal.set(principal, (this.#perPrincipal.get(principal) ?? 1) - 1)
    this.#remember(key, ended.at)
    void this.#write(live)
    for (const listener of this.#onEnd) listener(live.session)
  }

  /** Whoever proved who it is before then does not go on under this key. */
  #remember(key: string, at: number): void {
    const latest = Math.max(at, this.#ended.get(key) ?? 0)
    this.#ended.delete(key)
    this.#ended.set(key, latest)
    const oldest = this.#ended.size > TOMBSTONES ? this.#ended.keys().next().value : undefined
    if (oldest !== undefined) this.#ended.delete(oldest)
  }

  /** The session, where it is one of this node, and the right to go on under its key. @returns how many calls were aborted */
  #endNow(id: string, ended: EndedByOperator): number {
    const key = keyOf(ended)
    const live = this.#live.get(key)
    if (live?.session.id !== id) {
      this.#remember(key, ended.at)
      return 0
    }
    const doomed = [...this.#running].filter(({ own, shared }) => (this.#live.has(own) ? own : shared) === key)
    this.#over(key, live, { reason: 'operator', at: ended.at })
    for (const { abort } of doomed) abort()
    return doomed.length
  }

  /**
   * Sessions are written behind, one write at a time: what a crash loses is some activity, which makes them end sooner. A
   * write that fails is tried again by the sweeper.
   */
  async #write(live: Live): Promise<void> {
    live.dirty = true
    if (live.writing) return
    live.writing = true
    try {
      while (live.dirty) {
        live.dirty = false
        const { session } = live
        const expiresAt = session.lastActivityAt + 7 * DAY
        const body = session as unknown as JsonObject
        const row = { kind: 'session', id: session.id, state: session.state, expiresAt, body } as const
        if (await this.#deps.store.put(row, live.version)) live.version++
      }
    } catch {
      live.dirty = true
    } finally {
      live.writing = false
    }
  }
}

const keyOf = (of: { readonly principal: string; readonly ingress: string; readonly hint: string }): string =>
  `${of.principal}\n${of.ingress}\n${of.hint.replaceAll('\n', ' ')}`

function sessionOf(document: Document): Session | undefined {
  const session = document.body as unknown as Session
  const whole =
    typeof session.principal === 'string' && Number.isFinite(session.createdAt) && session.id === document.id
  return whole ? { ...session, state: document.state === 'active' ? 'active' : 'ended' } : undefined
}
