import { createHmac } from 'node:crypto'
import type { Effect, Principal } from '@sallyport/core'
import {
  refuse,
  type AdmissionPort,
  type Caller,
  type Clock,
  type EvidencePort,
  type Random,
  type Verdict,
} from '../../boundary/ports.ts'
import type { Rate } from '../../boundary/ports-limits.ts'
import type { Store } from '../../store/ports.ts'
import { Agents } from './agents.ts'
import type { IdentityConfig } from './config.ts'
import { Credentials, type IssuedCredential } from './credentials.ts'
import { KillSwitch, type Aborted, type KillState, type KillTarget } from './kill-switch.ts'
import { Lockout } from './lockout.ts'
import { RateLimiter } from './rate-limiter.ts'
import { RateLimits } from './rate-limits.ts'
import { IdentityLog } from './record.ts'
import { Sessions } from './sessions.ts'

export interface IdentityDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  /** At least 32 bytes shared by all gateways of one store (`mac.key`); keys for credentials are derived from it. */
  readonly secret: Uint8Array
  readonly config: IdentityConfig
}

/** Who is asking, and whether they may ask now. */
export interface Identity extends AdmissionPort {
  readonly agents: Agents
  readonly sessions: Sessions
  readonly killSwitch: KillSwitch
  /** Tool calls by agent. */
  readonly calls: RateLimiter
  /** Requests by class, and person, agent or network. */
  readonly limits: RateLimits
  /** Failed authentications by name and network. */
  readonly lockout: Lockout
  /** Records of refusals by source: a flood of refused requests does not flood the log. */
  readonly refusals: RateLimiter
  verify(credential: string): Verdict<Principal>
  /** The agent of a key, with the right to exchange it and nothing else. */
  verifyKey(key: string): Verdict<Principal>
  /** Refuses whom the kill switch, a revocation or a rotated key ended; people at the operator socket are never killed. */
  alive(principal: Principal): Verdict<null>
  exchange(key: string, effects?: readonly Effect[]): Verdict<IssuedCredential>
  issueFor(agent: string, effects?: readonly Effect[]): Verdict<IssuedCredential>
  /** Turns the switch on; for one agent it also drops the trust level to 0 (HB-145). */
  kill(target: KillTarget, by: string, reason: string): Promise<KillState>
  /** Calls `abort` when the principal is killed or revoked; at once when it is already. Returns how to stop listening. */
  whileAlive(principal: Principal, abort: () => void, what?: Aborted): () => void
  /** What an agent exchanged its key for last, since this gateway started; ms since 1970. */
  credentialOf(agent: string): { readonly issuedAt: number; readonly expiresAt: number } | undefined
  /** The sweeper; the gateway calls it every few seconds. */
  tick(): Promise<void>
  /** Stops watching and writes what is not written yet. */
  close(): Promise<void>
}

/** Loads agents, sessions and switches, then answers from memory; `store.watch` keeps it current on every node. */
export async function createIdentity(deps: IdentityDeps): Promise<Identity> {
  const { store, clock, random, config } = deps
  const log = new IdentityLog(deps.evidence, clock, random)
  const derive = (use: string): Uint8Array => createHmac('sha256', deps.secret).update(`sallyport/${use}/1`).digest()
  const agents = new Agents({
    store,
    log,
    clock,
    random,
    secret: derive('agent-key'),
    keyLifetime: config.keyLifetime,
    instanceWindow: config.instanceWindow,
  })
  const sessions = new Sessions({ store, log, clock, random, ...config.session })
  const killSwitch = new KillSwitch({ store, log, clock })
  const credentials = new Credentials({ agents, clock, random, secret: derive('agent-credential') })
  const { rateLimit } = config
  const running = (principal: Principal): Verdict<null> => {
    const switched = killSwitch.check(principal.id)
    return switched.ok ? stillValid(agents, principal) : switched
  }
  const issued = new Map<string, { readonly issuedAt: number; readonly expiresAt: number }>()
  const noted = (given: Verdict<IssuedCredential>): Verdict<IssuedCredential> => {
    if (given.ok) issued.set(given.value.agent, { issuedAt: clock.now(), expiresAt: given.value.expiresAt })
    return given
  }

  store.onTampered(({ kind, id }) => {
    if (kind === 'switch') killSwitch.tampered(id)
    if (kind === 'session-end') void sessions.refresh(id)
    if (kind === 'agent') void agents.refresh(id)
  })
  const unwatch = store.watch(({ kind, id }) => {
    if (kind === 'switch') void killSwitch.refresh(id)
    if (kind === 'session-end') void sessions.refresh(id)
    if (kind === 'agent') void agents.refresh(id)
  })
  agents.onChange((name) => {
    if (agents.get(name)?.state !== 'active') killSwitch.cut(name)
  })
  const ofCalls = { requestsPerMinute: rateLimit.callsPerMinute, burstSize: rateLimit.burst }
  const rates = new Map<string, Rate>([...rateLimit.rates, ['tool-calls', ofCalls]])
  const limits = new RateLimits({ store, clock, rates, isEnabled: rateLimit.enabled })
  const calls = limits.limiter('tool-calls')
  const lockout = new Lockout({ store, clock, failuresPerMinute: rateLimit.failuresPerMinute })
  await Promise.all([limits.load(), lockout.load()])
  await killSwitch.load()
  await agents.load()
  await sessions.load()

  return Object.freeze<Identity>({
    agents,
    sessions,
    killSwitch,
    calls,
    limits,
    lockout,
    verify: (credential) => credentials.verify(credential),
    exchange: (key, effects) => noted(credentials.exchange(key, effects)),
    credentialOf: (agent) => issued.get(agent),
    refusals: new RateLimiter(clock, 60, 60),
    verifyKey: (key) => credentials.verifyKey(key),
    issueFor: (agent, effects) => noted(credentials.issueFor(agent, effects)),
    // The switch stops calls, never the people who have to look, deny and lift it again.
    alive: (principal) => (principal.kind === 'human' ? { ok: true, value: null } : running(principal)),

    admit(caller: Caller) {
      const { principal } = caller
      const current = running(principal)
      if (!current.ok) return current
      const session = sessions.admit(caller)
      if (!session.ok) return session
      const taken = calls.take(principal.id)
      if (!taken.ok) return refuse('SP_AUTHZ_RATE', `Retry after ${taken.retryAfterSeconds} seconds.`)
      agents.seen(principal.id)
      return { ok: true, value: { sessionId: session.value.id } }
    },

    async kill(target, by, reason) {
      const state = await killSwitch.kill(target, by, reason)
      if (target.kind === 'agent' && agents.get(target.name)?.state === 'active') {
        await agents.setTrust(target.name, 0, by, 'killed')
      }
      return state
    },

    whileAlive(principal, abort, what) {
      if (principal.kind === 'human') return () => undefined
      if (!stillValid(agents, principal).ok) {
        abort()
        return () => undefined
      }
      return killSwitch.whileAlive(principal.id, abort, what)
    },

    async tick() {
      await killSwitch.retry()
      await sessions.tick()
      await agents.tick()
      await limits.flush()
    },

    async close() {
      unwatch()
      limits.close()
      lockout.close()
      await limits.flush()
      await sessions.flush()
      await agents.flush()
    },
  })
}

/** A connection that was opened before its agent was revoked, or its key rotated, is worth no more than its credential. */
function stillValid(agents: Agents, principal: Principal): Verdict<null> {
  if (principal.kind !== 'agent') return { ok: true, value: null }
  const found = agents.usable(principal.id)
  if (!found.ok) return found
  const proved = Math.floor((principal.authenticatedAt ?? 0) / 1000)
  if (proved < Math.floor(found.value.keyedAt / 1000)) {
    return refuse('SP_AUTHN_INVALID', 'The agent key was rotated; exchange the new one.')
  }
  return { ok: true, value: null }
}
