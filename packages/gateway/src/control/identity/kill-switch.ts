import { SallyportError, type JsonObject } from '@sallyport/core'
import type { Clock, Verdict } from '../../boundary/ports.ts'
import { refuse } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { IdentityLog } from './record.ts'

export type KillTarget = { readonly kind: 'all' } | { readonly kind: 'agent'; readonly name: string }

export interface KillState {
  readonly target: string
  readonly reason: string
  readonly by: string
  readonly at: number
  /** Calls that were running on this node then, how many of them have ended, and when the last one did, ms after. */
  readonly calls?: KilledCalls
}

interface KilledCalls {
  readonly running: number
  readonly ended: number
  readonly afterMs: number
}

/** What listens for a kill: `call` is counted, anything else is only aborted. */
export type Aborted = 'call' | 'connection'
interface Listener {
  readonly abort: () => void
  readonly what: Aborted
}

export interface KillSwitchDeps {
  readonly store: Store
  readonly log: IdentityLog
  readonly clock: Clock
}

const ALL = 'all'
const switchId = (target: KillTarget): string => (target.kind === 'all' ? ALL : `agent:${target.name}`)

/**
 * The kill switch (HB-145). Turning it on takes effect in this process before anything is written: new calls are denied,
 * running ones aborted. The `switch` document carries it to the other nodes and over a restart. Whatever cannot be read
 * counts as on.
 */
export class KillSwitch {
  readonly #deps: KillSwitchDeps
  readonly #on = new Map<string, KillState>()
  readonly #unreadable = new Set<string>()
  readonly #running = new Map<string, Set<Listener>>()
  readonly #calls = new Map<string, { running: number; ended: number; afterMs: number; readonly since: number }>()
  /** Grows with every kill on this node, so that a slower read of the time before cannot undo it. */
  #kills = 0

  constructor(deps: KillSwitchDeps) {
    this.#deps = deps
  }

  async load(): Promise<void> {
    for (const { id } of await this.#deps.store.list('switch', { state: 'on' })) await this.refresh(id)
  }

  /** Pass for a call of `agent`, else SP_AUTHZ_KILLED. */
  check(agent: string): Verdict<null> {
    const state = this.#on.get(ALL) ?? this.#on.get(`agent:${agent}`)
    return state === undefined ? { ok: true, value: null } : refuse('SP_AUTHZ_KILLED', state.reason)
  }

  list(): readonly KillState[] {
    return [...this.#on].map(([id, state]) => {
      const calls = this.#calls.get(id)
      if (calls === undefined) return state
      const { running, ended, afterMs } = calls
      return { ...state, calls: { running, ended, afterMs } }
    })
  }

  /** Calls that run on this node now. */
  running(agent?: string): number {
    const sets = agent === undefined ? [...this.#running.values()] : [this.#running.get(agent) ?? new Set<Listener>()]
    return sets.flatMap((set) => [...set]).filter(({ what }) => what === 'call').length
  }

  /** Calls `abort` as soon as the agent is killed or cut off; at once when it is already. Returns how to stop listening. */
  whileAlive(agent: string, abort: () => void, what: Aborted = 'connection'): () => void {
    if (!this.check(agent).ok) {
      abort()
      return () => undefined
    }
    const running = this.#running.get(agent) ?? new Set()
    const listener: Listener = { abort, what }
    this.#running.set(agent, running.add(listener))
    return () => {
      if (!running.delete(listener) && what === 'call') this.#callEnded(agent)
      if (running.size === 0 && this.#running.get(agent) === running) this.#running.delete(agent)
    }
  }

  /** Aborts what `agent` has running (all agents when absent). Returns how many calls that were. */
  cut(agent?: string): number {
    const doomed = agent === undefined ? [...this.#running.values()] : [this.#running.get(agent) ?? new Set<Listener>()]
    const listeners = doomed.flatMap((set) => [...set])
    for (const set of doomed) set.clear()
    for (const { abort } of listeners) abort()
    return listeners.length
  }

  /** A call that was aborted is over. It belongs to the newest switch that is about its agent. */
  #callEnded(agent: string): void {
    const calls = [ALL, `agent:${agent}`]
      .flatMap((id) => this.#calls.get(id) ?? [])
      .filter(({ running, ended }) => ended < running)
      .sort((a, b) => b.since - a.since)[0]
    if (calls === undefined) return
    calls.ended++
    calls.afterMs = Math.round(this.#deps.clock.monotonic() - calls.since)
  }

  /** @throws SallyportError SP_STORE_* when it could not be made durable; it is in force on this node all the same. */
  async kill(target: KillTarget, by: string, reason: string): Promise<KillState> {
    const id = switchId(target)
    const state: KillState = { target: id, reason, by, at: this.#deps.clock.now() }
    this.#kills++
    this.#on.set(id, state)
    const about = target.kind === 'agent' ? target.name : undefined
    const since = this.#deps.clock.monotonic()
    this.#calls.set(id, { running: this.running(about), ended: 0, afterMs: 0, since })
    const aborted = this.cut(about)
    await this.#write(id, 'on', state)
    this.#kills++
    this.#deps.log.enqueue('kill', by, { target: id, reason, aborted }, 'warn')
    return state
  }

  /** @throws SallyportError SP_AUDIT_* or SP_STORE_*, and then the switch stays on. */
  async resume(target: KillTarget, by: string, reason: string): Promise<void> {
    const id = switchId(target)
    const was = this.#on.get(id)
    await this.#deps.log.append('resume', by, { target: id, reason }, 'warn')
    await this.#write(id, 'off', { target: id, reason, by, at: this.#deps.clock.now() })
    if (was !== undefined && this.#on.get(id) === was) this.#on.delete(id)
    await this.refresh(id)
  }

  /** Reads one switch again: another node, or this one, changed it. */
  async refresh(id: string): Promise<void> {
    const kills = this.#kills
    try {
      const document = await this.#deps.store.get('switch', id)
      this.#unreadable.delete(id)
      if (document?.state !== 'on') {
        if (document !== undefined && kills === this.#kills) this.#on.delete(id)
        return
      }
      const { reason, by, at } = document.body as unknown as KillState
      this.#apply(id, { target: id, reason, by, at })
    } catch {
      this.#unreadable.add(id)
      this.#apply(id, this.#unknown(id, 'The kill switch could not be read.'))
    }
  }

  /** The row was not written by this gateway: it counts as on (T-004). */
  tampered(id: string): void {
    this.#apply(id, this.#unknown(id, 'The row of the kill switch was tampered with.'))
  }

  /** Reads again what could not be read. */
  async retry(): Promise<void> {
    for (const id of this.#unreadable) await this.refresh(id)
  }

  #apply(id: string, state: KillState): void {
    this.#on.set(id, state)
    this.cut(id === ALL ? undefined : id.slice('agent:'.length))
  }

  #unknown(id: string, reason: string): KillState {
    return { target: id, reason, by: 'gateway', at: this.#deps.clock.now() }
  }

  async #write(id: string, state: 'on' | 'off', body: KillState): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const version = (await this.#deps.store.get('switch', id))?.version ?? 0
      const document = { kind: 'switch', id, state, expiresAt: 0, body: { ...body } as unknown as JsonObject } as const
      if (await this.#deps.store.put(document, version)) return
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The kill switch could not be written.')
  }
}
