import type { Caller } from '../../boundary/ports.ts'
import type { HookSession } from './ports.ts'

type Change = Partial<Pick<HookSession, 'sessionHint' | 'startedAt' | 'state' | 'reason'>> & {
  readonly decided?: 1
  readonly reported?: 1
}

/** What the gateway has seen of each agent's hooks. Memory only: after a restart an agent counts again from zero. */
export class HookSessions {
  readonly #sessions = new Map<string, HookSession>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  all(): readonly HookSession[] {
    return [...this.#sessions.values()]
  }

  of(caller: Caller): HookSession | undefined {
    return this.#sessions.get(caller.principal.instance)
  }

  /** `unenforced` stays until the gateway restarts: no event of an agent lifts it. */
  note(caller: Caller, host: string, now: number, change: Change = {}): void {
    const { instance, id } = caller.principal
    const known = this.#sessions.get(instance) ?? fresh(id, instance, host, now)
    const { decided, reported, ...rest } = change
    this.#sessions.delete(instance)
    this.#sessions.set(instance, {
      ...known,
      ...rest,
      ...(known.state === 'unenforced' ? { state: known.state, reason: known.reason } : {}),
      host,
      lastEventAt: now,
      decided: known.decided + (decided ?? 0),
      reported: known.reported + (reported ?? 0),
    })
    const oldest = this.#sessions.keys().next().value
    if (this.#sessions.size > this.#limit && oldest !== undefined) this.#sessions.delete(oldest)
  }
}

const fresh = (agent: string, instance: string, host: string, now: number): HookSession => ({
  agent,
  instance,
  host,
  sessionHint: '',
  startedAt: now,
  lastEventAt: now,
  decided: 0,
  reported: 0,
  state: 'enforced',
  reason: '',
})
