import {
  agentName,
  formatAgentKey,
  grantScopes,
  hashAgentKey,
  isAgentKey,
  SallyportError,
  type Effect,
  type TrustLevel,
} from '@sallyport/core'
import type { Surface } from '@sallyport/core/surface'
import type { Clock, Random, Verdict } from '../../boundary/ports.ts'
import { refuse } from '../../boundary/ports.ts'
import { everyDocument } from '../../store/every.ts'
import type { Store } from '../../store/ports.ts'
import { agentBody, agentOf, EFFECTS, type Agent } from './agent.ts'
import type { IdentityLog } from './record.ts'

export interface AgentsDeps {
  readonly store: Store
  readonly log: IdentityLog
  readonly clock: Clock
  readonly random: Random
  /** Under which keys are hashed. */
  readonly secret: Uint8Array
  /** Seconds. */
  readonly keyLifetime: number
  readonly instanceWindow: number
}

export interface NewAgent {
  readonly name: string
  /** The operator who adds it. */
  readonly by: string
  readonly scopes?: readonly string[]
  readonly role?: string
  readonly effects?: readonly Effect[]
  /** Default: `local`. Never changes afterwards. */
  readonly surface?: Surface
  /** Seconds, at most the configured lifetime. */
  readonly keyLifetime?: number
}

export interface KeyedAgent {
  readonly agent: Agent
  /** Shown once; afterwards nobody has it but the caller. */
  readonly key: string
}

/** How often "last seen" is written, ms. */
const SEEN_EVERY = 300_000

/** The agents of this gateway: rows of the store, held in memory so that every call is checked without waiting. */
export class Agents {
  readonly #deps: AgentsDeps
  readonly #agents = new Map<string, Agent>()
  readonly #byKey = new Map<string, string>()
  readonly #seen = new Map<string, number>()
  readonly #listeners = new Set<(name: string) => void | Promise<void>>()

  constructor(deps: AgentsDeps) {
    this.#deps = deps
  }

  async load(): Promise<void> {
    for (const document of await everyDocument(this.#deps.store, 'agent'))
      await this.#hold(document.id, agentOf(document))
  }

  get(name: string): Agent | undefined {
    return this.#agents.get(name)
  }

  list(): readonly Agent[] {
    return [...this.#agents.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Told after an agent was added, changed or revoked, here or on another node. Who changes it waits for what a listener starts. */
  onChange(listener: (name: string) => void | Promise<void>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * A new agent at trust level 0 with a key that ends (HB-56, HB-145).
   * @throws SallyportError SP_AGENT_NAME, SP_AGENT_EXISTS, SP_AUTHZ_GRANT, SP_AUDIT_*, SP_STORE_*
   */
  async add(wanted: NewAgent): Promise<KeyedAgent> {
    const { clock, random, log, store } = this.#deps
    const name = agentName(wanted.name)
    const now = clock.now()
    const key = formatAgentKey(random.bytes(32))
    const { surface = 'local' } = wanted
    const asked = wanted.scopes === undefined && wanted.role === undefined ? { scopes: ['read', 'execute'] } : wanted
    const agent: Agent = {
      name,
      state: 'active',
      keyHash: hashAgentKey(this.#deps.secret, key),
      keyExpiresAt: now + this.#lifetime(wanted.keyLifetime),
      keyedAt: now,
      generation: 1,
      trustLevel: 0,
      surface,
      scopes: grantScopes('agent', asked),
      effects: wanted.effects ?? EFFECTS,
      createdAt: now,
      createdBy: wanted.by,
      instance: { id: random.uuid(), since: now, lastSeenAt: now },
    }
    if (surface === 'public' && agent.scopes.includes('vouch'))
      throw new SallyportError('SP_AUTHZ_GRANT', 'Nobody vouches for what strangers say.')
    if (agent.effects.length === 0) throw new SallyportError('SP_AUTHZ_GRANT', 'No effect is left.')
    if (this.#agents.has(name)) throw new SallyportError('SP_AGENT_EXISTS')
    await log.append('agent.added', wanted.by, {
      agent: name,
      scopes: agent.scopes,
      effects: agent.effects,
      surface,
      trustLevel: 0,
    })
    const row = { kind: 'agent', id: name, state: 'active', expiresAt: 0, body: agentBody(agent) } as const
    if (!(await store.put(row, 0))) throw new SallyportError('SP_AGENT_EXISTS')
    await this.#hold(name, agent)
    return { agent, key }
  }

  /** A new key; the old one and every credential made from it end at once. @throws as `add`, and SP_AGENT_UNKNOWN */
  async rotateKey(name: string, by: string): Promise<KeyedAgent> {
    this.#active(name)
    const { clock, log } = this.#deps
    const key = formatAgentKey(this.#deps.random.bytes(32))
    await log.append('agent.key-rotated', by, { agent: name })
    const agent = await this.#change(name, (was) => ({
      ...was,
      keyHash: hashAgentKey(this.#deps.secret, key),
      keyExpiresAt: clock.now() + this.#lifetime(undefined),
      keyedAt: Math.max(clock.now(), was.keyedAt + 1),
      generation: was.generation + 1,
    }))
    return { agent, key }
  }

  /** Ends an agent for good; its name is never used again. @throws SP_AGENT_UNKNOWN, SP_STORE_* */
  async revoke(name: string, by: string): Promise<Agent> {
    this.#active(name)
    const agent = await this.#change(name, (was) => ({ ...was, state: 'revoked', trustLevel: 0, keyExpiresAt: 0 }))
    this.#deps.log.enqueue('agent.revoked', by, { agent: name }, 'warn')
    return agent
  }

  /** An operator's recorded decision (HB-145). @throws SP_AGENT_UNKNOWN, SP_AUDIT_*, SP_STORE_* */
  async setTrust(name: string, level: TrustLevel, by: string, reason = ''): Promise<Agent> {
    const from = this.#active(name).trustLevel
    await this.#deps.log.append('agent.trust', by, { agent: name, from, to: level, reason })
    return this.#change(name, (was) => ({ ...was, trustLevel: level }))
  }

  /** The active agent that `key` belongs to, while the key can be exchanged. */
  ofKey(key: string): Verdict<Agent> {
    const wrong = refuse('SP_AUTHN_INVALID', 'The agent key is not valid.')
    if (!isAgentKey(key)) return wrong
    // Looked up by its HMAC under a secret key: how long that takes says nothing about stored hashes.
    const agent = this.#agents.get(this.#byKey.get(hashAgentKey(this.#deps.secret, key)) ?? '')
    if (agent === undefined) return wrong
    return this.usable(agent.name)
  }

  /** The agent, while it is active and its key has not ended (HB-56: no window that never closes). */
  usable(name: string): Verdict<Agent> {
    const agent = this.#agents.get(name)
    if (agent?.state !== 'active') return refuse('SP_AUTHN_INVALID', 'There is no such agent any more.')
    if (agent.keyExpiresAt <= this.#deps.clock.now()) {
      return refuse('SP_AUTHN_INVALID', 'The agent key has expired; an operator makes a new one with rotate-key.')
    }
    return { ok: true, value: agent }
  }

  /** Notes that the agent did something: its instance lives on (T-088). */
  seen(name: string): void {
    this.#seen.set(name, this.#deps.clock.now())
  }

  /** Writes what was seen, and gives an agent that was silent for the whole window a new instance. */
  async tick(): Promise<void> {
    const now = this.#deps.clock.now()
    for (const agent of this.#agents.values()) {
      if (agent.state !== 'active') continue
      const lastSeenAt = Math.max(this.#seen.get(agent.name) ?? 0, agent.instance.lastSeenAt)
      if (now - lastSeenAt > this.#deps.instanceWindow * 1000 + SEEN_EVERY) await this.#renewInstance(agent.name, now)
      else if (lastSeenAt - agent.instance.lastSeenAt >= SEEN_EVERY) await this.#writeSeen(agent.name, lastSeenAt)
    }
  }

  /** Writes everything seen, for a stop. */
  async flush(): Promise<void> {
    for (const [name, at] of this.#seen) {
      if (this.#agents.get(name)?.state === 'active') await this.#writeSeen(name, at)
    }
  }

  /** Reads one agent again. What cannot be read is no agent. */
  async refresh(name: string): Promise<void> {
    const document = await this.#deps.store.get('agent', name).catch(() => undefined)
    await this.#hold(name, document === undefined ? undefined : agentOf(document))
  }

  async #renewInstance(name: string, now: number): Promise<void> {
    const id = this.#deps.random.uuid()
    const { instance } = await this.#change(name, (was) => {
      const quiet = now - was.instance.lastSeenAt > this.#deps.instanceWindow * 1000 + SEEN_EVERY
      return quiet ? { ...was, instance: { id, since: now, lastSeenAt: now } } : was
    })
    if (instance.id === id) this.#deps.log.enqueue('agent.instance', 'gateway', { agent: name, instance: id })
  }

  async #writeSeen(name: string, at: number): Promise<void> {
    await this.#change(name, (was) => ({
      ...was,
      instance: { ...was.instance, lastSeenAt: Math.max(at, was.instance.lastSeenAt) },
    }))
  }

  async #change(name: string, edit: (was: Agent) => Agent): Promise<Agent> {
    for (let attempt = 0; attempt < 8; attempt++) {
      const document = await this.#deps.store.get('agent', name)
      const was = document === undefined ? undefined : agentOf(document)
      if (document === undefined || was === undefined) throw new SallyportError('SP_AGENT_UNKNOWN')
      const agent = edit(was)
      const row = { kind: 'agent', id: name, state: agent.state, expiresAt: 0, body: agentBody(agent) } as const
      if (await this.#deps.store.put(row, document.version)) {
        await this.#hold(name, agent)
        return agent
      }
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The agent is being changed by too many at once.')
  }

  #active(name: string): Agent {
    const agent = this.#agents.get(name)
    if (agent?.state !== 'active') throw new SallyportError('SP_AGENT_UNKNOWN')
    return agent
  }

  /** Seconds wanted → ms, never more than configured. */
  #lifetime(seconds: number | undefined): number {
    const life = Math.min(seconds ?? this.#deps.keyLifetime, this.#deps.keyLifetime)
    if (!(life > 0)) throw new SallyportError('SP_AUTHZ_GRANT', 'An agent key has an end.')
    return life * 1000
  }

  async #hold(name: string, agent: Agent | undefined): Promise<void> {
    const was = this.#agents.get(name)
    if (was !== undefined) this.#byKey.delete(was.keyHash)
    if (agent === undefined) this.#agents.delete(name)
    else {
      this.#agents.set(name, agent)
      if (agent.state === 'active') this.#byKey.set(agent.keyHash, name)
    }
    await Promise.all([...this.#listeners].map(async (listener) => listener(name)))
  }
}
