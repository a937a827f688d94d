import { createHash } from 'node:crypto'
import type { JsonObject, Principal } from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import { createSteadyClock, type SteadyClock } from '../../clock.ts'
import type { Store } from '../../store/ports.ts'
import { IdentityLog } from '../identity/record.ts'
import {
  loginBody,
  loginOf,
  type From,
  type Login,
  type LoginEnd,
  type SignInMethod,
  type StoredLogin,
} from './login.ts'
import type { People } from './people.ts'

/** 4001 silence, 4002 age, 4003 taken back or not valid (AC-2.5.1, AC-2.5.2, AC-2.5.4). */
export type EndCode = 4001 | 4002 | 4003

export interface LoginsDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly people: Pick<People, 'get' | 'principal' | 'onChange'>
  /** ms; 0 = none. */
  readonly idleTimeout: number
  readonly absoluteTimeout: number
  readonly alert: (name: string, severity: 'medium' | 'high', details: JsonObject) => void
}

interface Live {
  login: StoredLogin
  version: number
  /** Last activity that is in the store. */
  stored: number
  writing: Promise<void> | undefined
}

const PER_PERSON = 20
const ADDRESSES = 8
const MOST = 20_000
const TRIES = 10
const DAY_MS = 86_400_000
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * Sessions of people in the console (SEC-4.2, SEC-2.5): a random cookie of which only the digest is kept. They survive a
 * restart, are the same on all nodes, and end at once everywhere: by silence, by age, by hand, with the person. A login
 * lets its holder look; deciding needs a proof of presence each time (T-005).
 */
export class Logins {
  readonly #deps: LoginsDeps
  readonly #clock: SteadyClock
  readonly #log: IdentityLog
  readonly #byToken = new Map<string, Live>()
  readonly #byId = new Map<string, Live>()
  readonly #listeners = new Map<string, Set<(code: EndCode) => void>>()
  /** Ended here: an older row that is read meanwhile revives none of them. */
  readonly #over = new Set<string>()
  /** Ended here, and not yet in the store. */
  readonly #unsaved = new Map<string, { readonly live: Live; readonly reason: LoginEnd }>()
  readonly #unwatch: () => void

  constructor(deps: LoginsDeps) {
    const { store, evidence, random, people } = deps
    this.#deps = deps
    this.#clock = createSteadyClock(deps.clock)
    this.#log = new IdentityLog(evidence, this.#clock, random)
    this.#unwatch = store.watch(({ kind, id }) => {
      if (kind === 'login') void this.#refresh(id).catch(() => undefined)
    })
    store.onTampered(({ kind, id }) => {
      const live = kind === 'login' ? this.#byId.get(id) : undefined
      if (live !== undefined) void this.#finish(live, 'tampered', 'gateway').catch(() => undefined)
    })
    people.onChange((id) => {
      const holds = people.get(id)?.roles.length ?? 0
      if (holds === 0) void this.endAllOf(id, 'removed', 'gateway').catch(() => undefined)
    })
  }

  /** Takes up what was open before a restart; nothing that happened lets the clock go back behind it (T-165). */
  async load(): Promise<void> {
    for (const document of await this.#deps.store.list('login', { state: 'active', limit: MOST })) {
      const login = loginOf(document)
      if (login === undefined) continue
      this.#clock.raise(login.lastActivityAt)
      this.#put(login, document.version)
    }
  }

  /** A new login, and the one time its token is seen. The oldest of somebody who has too many ends. */
  async open(
    operator: string,
    method: SignInMethod,
    from: From,
    credential = '',
  ): Promise<{ readonly token: string; readonly login: Login }> {
    const { store, random } = this.#deps
    const token = Buffer.from(random.bytes(32)).toString('base64url')
    const now = this.#clock.now()
    const login: StoredLogin = {
      id: random.uuid(),
      ...{ operator, method, credential, token: digestOf(token) },
      ...{ createdAt: now, lastActivityAt: now, addresses: [from.address], browser: from.browser.slice(0, 128) },
    }
    await this.#log.append('login.opened', operator, { sessionId: login.id, method, address: from.address })
    const row = { kind: 'login', id: login.id, state: 'active', expiresAt: this.#expiresAt(login) } as const
    await store.put({ ...row, body: loginBody(login) }, 0)
    this.#put(login, 1)
    const own = this.#of(operator)
    for (const old of own.slice(0, Math.max(0, own.length - PER_PERSON))) await this.#finish(old, 'replaced', operator)
    return { token, login }
  }

  /**
   * Who holds this cookie. `active`: a request that somebody made, which is what keeps a login alive; polls and pings do
   * not (E-47). Refuses with SP_AUTHZ_SESSION_EXPIRED.
   */
  verify(
    token: string,
    from: { readonly address: string },
    active: boolean,
  ): Verdict<{ readonly session: string; readonly principal: Principal }> {
    const live = TOKEN.test(token) ? this.#byToken.get(digestOf(token)) : undefined
    if (live === undefined) return refuse('SP_AUTHZ_SESSION_EXPIRED', 'Sign in again.')
    const over = this.#whyOver(live.login)
    if (over !== undefined) {
      void this.#finish(live, over, 'gateway').catch(() => undefined)
      return refuse('SP_AUTHZ_SESSION_EXPIRED', over === 'idle' ? 'Nobody used it for too long.' : 'It was too old.')
    }
    const { operator, id } = live.login
    if (this.#deps.people.get(operator) === undefined) return refuse('SP_AUTHZ_SESSION_EXPIRED', 'Sign in again.')
    this.#seenFrom(live, from.address)
    if (active) this.#touch(live)
    return pass({ session: id, principal: this.#deps.people.principal(operator) })
  }

  /** Calls back once when the session ends, at once when it is over. Returns how to stop listening. */
  whileAlive(session: string, ended: (code: EndCode) => void): () => void {
    if (!this.#byId.has(session)) {
      ended(4003)
      return () => undefined
    }
    const listeners = this.#listeners.get(session) ?? new Set()
    this.#listeners.set(session, listeners.add(ended))
    return () => {
      listeners.delete(ended)
      if (listeners.size === 0 && this.#listeners.get(session) === listeners) this.#listeners.delete(session)
    }
  }

  /** The cookie was sent in clear: whoever listens has it too (E-22). */
  exposed(token: string): void {
    const live = TOKEN.test(token) ? this.#byToken.get(digestOf(token)) : undefined
    if (live === undefined) return
    const { id, operator } = live.login
    this.#deps.alert('login.exposed', 'high', { sessionId: id, operator })
    void this.#finish(live, 'revoked', 'gateway').catch(() => undefined)
  }

  /** The session of a cookie, without asking whether it may still be used. */
  idOf(token: string): string | undefined {
    return TOKEN.test(token) ? this.#byToken.get(digestOf(token))?.login.id : undefined
  }

  get(session: string): Login | undefined {
    const live = this.#byId.get(session)
    return live === undefined ? undefined : shown(live.login)
  }

  /** Newest activity first. */
  list(): readonly Login[] {
    return [...this.#byId.values()]
      .map(({ login }) => shown(login))
      .sort((a, b) => b.lastActivityAt - a.lastActivityAt || (a.id < b.id ? 1 : -1))
  }

  /** Ends of a login by itself, ms since 1970; undefined where there is no such limit. */
  endsOf({ createdAt, lastActivityAt }: Login): { readonly idle?: number; readonly absolute?: number } {
    const { idleTimeout, absoluteTimeout } = this.#deps
    return {
      ...(idleTimeout > 0 ? { idle: lastActivityAt + idleTimeout } : {}),
      ...(absoluteTimeout > 0 ? { absolute: createdAt + absoluteTimeout } : {}),
    }
  }

  /** True when there was such a session. It is over in this process before anything is waited for. */
  async end(session: string, reason: LoginEnd, by: string): Promise<boolean> {
    const live = this.#byId.get(session)
    if (live === undefined) return false
    await this.#finish(live, reason, by)
    return true
  }

  /** Ends all of one person, but not `except`. Returns how many there were. */
  async endAllOf(operator: string, reason: LoginEnd, by: string, except = ''): Promise<number> {
    const own = this.#of(operator).filter(({ login }) => login.id !== except)
    await Promise.all(own.map((live) => this.#finish(live, reason, by)))
    return own.length
  }

  /** Sweeper: ends what is over, writes what has changed. */
  async tick(): Promise<void> {
    for (const { live, reason } of this.#unsaved.values()) await this.#saveEnd(live, reason)
    for (const live of [...this.#byId.values()]) {
      if (this.#whyOver(live.login) === undefined) {
        if (live.stored < live.login.lastActivityAt) await this.#write(live)
        continue
      }
      // Another node may have seen its person since.
      await this.#refresh(live.login.id)
      const over = this.#byId.get(live.login.id) === live ? this.#whyOver(live.login) : undefined
      if (over !== undefined) await this.#finish(live, over, 'gateway')
    }
  }

  async close(): Promise<void> {
    this.#unwatch()
    for (const live of this.#byId.values()) if (live.stored < live.login.lastActivityAt) await this.#write(live)
  }

  #of(operator: string): readonly Live[] {
    return [...this.#byId.values()]
      .filter(({ login }) => login.operator === operator)
      .sort((a, b) => a.login.lastActivityAt - b.login.lastActivityAt)
  }

  #put(login: StoredLogin, version: number): void {
    if (this.#over.has(login.id)) return
    const live = { login, version, stored: login.lastActivityAt, writing: undefined }
    this.#byToken.set(login.token, live)
    this.#byId.set(login.id, live)
  }

  #whyOver({ createdAt, lastActivityAt }: StoredLogin): 'idle' | 'absolute' | undefined {
    const { idleTimeout, absoluteTimeout } = this.#deps
    const now = this.#clock.now()
    if (absoluteTimeout > 0 && now - createdAt >= absoluteTimeout) return 'absolute'
    return idleTimeout > 0 && now - lastActivityAt >= idleTimeout ? 'idle' : undefined
  }

  #touch(live: Live): void {
    const lastActivityAt = Math.max(this.#clock.now(), live.login.lastActivityAt)
    live.login = { ...live.login, lastActivityAt }
    // The first activity after a while goes to the other nodes now, the rest with the sweeper.
    const { idleTimeout } = this.#deps
    const soon = Math.min(60_000, idleTimeout > 0 ? idleTimeout / 10 : 60_000)
    if (lastActivityAt - live.stored >= soon) void this.#write(live).catch(() => undefined)
  }

  /** AC-4.5.3: the same cookie from another place is either a person on the move or a thief. */
  #seenFrom(live: Live, address: string): void {
    const { id, operator, addresses } = live.login
    if (addresses.includes(address)) return
    live.login = { ...live.login, addresses: [...addresses.slice(-ADDRESSES + 1), address] }
    this.#deps.alert('login.new-address', 'high', { sessionId: id, operator, address, before: addresses.at(-1) ?? '' })
    void this.#write(live).catch(() => undefined)
  }

  /** In this process at once, then in the store, which tells the others; then in the log with its age (AC-4.2.3). */
  async #finish(live: Live, reason: LoginEnd, by: string): Promise<void> {
    const { id, operator, createdAt, lastActivityAt, method } = live.login
    if (!this.#drop(id, codeOf(reason))) return
    const ageSeconds = Math.round((this.#clock.now() - createdAt) / 1000)
    const last = new Date(lastActivityAt).toISOString()
    this.#log.enqueue('login.ended', by, { sessionId: id, operator, method, reason, ageSeconds, lastActivityAt: last })
    this.#unsaved.set(id, { live, reason })
    await this.#saveEnd(live, reason)
  }

  async #saveEnd(live: Live, reason: LoginEnd): Promise<void> {
    await this.#save(live, 'ended', { reason })
    this.#unsaved.delete(live.login.id)
  }

  /** False when it was gone already. */
  #drop(id: string, code: EndCode): boolean {
    const live = this.#byId.get(id)
    if (live === undefined) return false
    this.#byId.delete(id)
    this.#byToken.delete(live.login.token)
    if (this.#over.size >= MOST) this.#over.clear()
    this.#over.add(id)
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.delete(id)
    for (const listener of listeners) listener(code)
    return true
  }

  /** Something changed a row: another node, or this one. */
  async #refresh(id: string): Promise<void> {
    const document = await this.#deps.store.get('login', id)
    const login = document === undefined ? undefined : loginOf(document)
    if (document === undefined || login === undefined) {
      const reason = document?.body['reason']
      return void this.#drop(id, typeof reason === 'string' ? codeOf(reason as LoginEnd) : 4003)
    }
    const live = this.#byId.get(id)
    if (live === undefined) return this.#put(login, document.version)
    live.version = Math.max(live.version, document.version)
    live.stored = login.lastActivityAt
    const lastActivityAt = Math.max(login.lastActivityAt, live.login.lastActivityAt)
    const addresses = [...new Set([...login.addresses, ...live.login.addresses])].slice(-ADDRESSES)
    live.login = { ...live.login, lastActivityAt, addresses }
  }

  /** One at a time for each; what comes meanwhile goes with the next. */
  #write(live: Live): Promise<void> {
    live.writing ??= this.#save(live, 'active').finally(() => (live.writing = undefined))
    return live.writing
  }

  /** By compare-and-set; nothing makes an ended login active again. */
  async #save(live: Live, state: 'active' | 'ended', more: JsonObject = {}): Promise<void> {
    const { store } = this.#deps
    const { id } = live.login
    for (let tries = 0; tries < TRIES; tries++) {
      const document = await store.get('login', id)
      if (document === undefined || document.state !== 'active') return
      if (state === 'active' && !this.#byId.has(id)) return
      const { lastActivityAt } = live.login
      const body = { ...loginBody(live.login), ...more }
      if (
        !(await store.put({ kind: 'login', id, state, expiresAt: this.#expiresAt(live.login), body }, document.version))
      )
        continue
      live.version = document.version + 1
      live.stored = lastActivityAt
      return
    }
  }

  #expiresAt({ createdAt }: StoredLogin): number {
    const { absoluteTimeout } = this.#deps
    return absoluteTimeout > 0 ? createdAt + absoluteTimeout + DAY_MS : 0
  }
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const CODES: ReadonlyMap<LoginEnd, EndCode> = new Map([
  ['idle', 4001],
  ['absolute', 4002],
])
const codeOf = (reason: LoginEnd): EndCode => CODES.get(reason) ?? 4003

const shown = ({ token: _token, ...login }: StoredLogin): Login => login
