import {
  CREDENTIAL_SECONDS,
  issueCredential,
  verifyCredential,
  type CredentialClaims,
  type Effect,
  type Principal,
} from '@sallyport/core'
import { refuse, type Clock, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Agent } from './agent.ts'
import type { Agents } from './agents.ts'

export interface IssuedCredential {
  readonly credential: string
  readonly agent: string
  readonly instance: string
  readonly effects: readonly Effect[]
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface CredentialsDeps {
  readonly agents: Agents
  readonly clock: Clock
  readonly random: Random
  readonly secret: Uint8Array
}

/** Exchanges keys for 15-minute credentials and turns credentials into principals. */
export class Credentials {
  readonly #deps: CredentialsDeps

  constructor(deps: CredentialsDeps) {
    this.#deps = deps
  }

  /** Key → credential; `effects` narrows what it may cause and never widens it (HB-59, HB-64). */
  exchange(key: string, effects?: readonly Effect[]): Verdict<IssuedCredential> {
    const found = this.#deps.agents.ofKey(key)
    return found.ok ? this.#issue(found.value, effects) : found
  }

  /** A credential for a local thin client, which proves itself by being able to read the agent's file. */
  issueFor(name: string, effects?: readonly Effect[]): Verdict<IssuedCredential> {
    const found = this.#deps.agents.usable(name)
    return found.ok ? this.#issue(found.value, effects) : found
  }

  /** Whose key it is; such a principal holds no scope. */
  verifyKey(key: string): Verdict<Principal> {
    const { agents, clock } = this.#deps
    const found = agents.ofKey(key)
    if (!found.ok) return found
    return { ok: true, value: principalOf(agents, found.value, { scopes: [], effects: [], iat: clock.now() / 1000 }) }
  }

  /** Who a credential stands for now: what was revoked or rotated since it was made counts (HB-60). */
  verify(credential: string): Verdict<Principal> {
    const { agents, clock, secret } = this.#deps
    const checked = verifyCredential(secret, credential, clock.now())
    if (!checked.ok) return refuse('SP_AUTHN_INVALID', REASONS[checked.reason])
    const { claims } = checked
    const found = agents.usable(claims.sub)
    if (!found.ok) return found
    if (found.value.generation !== claims.gen) {
      return refuse('SP_AUTHN_INVALID', 'The agent key was rotated; exchange the new one.')
    }
    return { ok: true, value: principalOf(agents, found.value, claims) }
  }

  #issue(agent: Agent, asked?: readonly Effect[]): Verdict<IssuedCredential> {
    const { clock, random, secret } = this.#deps
    const effects = agent.effects.filter((effect) => asked?.includes(effect) ?? true)
    if (effects.length === 0) return refuse('SP_AUTHZ_GRANT', 'None of these effects is open to this agent.')
    const iat = Math.floor(clock.now() / 1000)
    const exp = Math.min(iat + CREDENTIAL_SECONDS, Math.floor(agent.keyExpiresAt / 1000))
    if (exp <= iat) return refuse('SP_AUTHN_INVALID', 'The agent key has expired.')
    const { name: sub, generation: gen, scopes } = agent
    const credential = issueCredential(secret, { jti: random.uuid(), sub, gen, scopes, effects, iat, exp })
    return {
      ok: true,
      value: { credential, agent: sub, instance: agent.instance.id, effects, expiresAt: exp * 1000 },
    }
  }
}

const REASONS = {
  malformed: 'It is not a credential of this gateway.',
  forged: 'It is not a credential of this gateway.',
  expired: 'It has expired.',
  future: 'It is from the future: check the clock.',
} as const

/** Trust level and instance are read when they are asked for: a connection that stays open sees changes (HB-60). */
function principalOf(
  agents: Agents,
  agent: Agent,
  claims: Pick<CredentialClaims, 'scopes' | 'effects' | 'iat'>,
): Principal {
  const { name, surface } = agent
  return Object.freeze({
    kind: 'agent' as const,
    id: name,
    surface,
    chain: Object.freeze([]),
    scopes: claims.scopes.filter((scope) => agent.scopes.includes(scope)),
    effects: claims.effects.filter((effect) => agent.effects.includes(effect)),
    authenticatedAt: claims.iat * 1000,
    get trustLevel() {
      return agents.get(name)?.trustLevel ?? 0
    },
    get instance() {
      return agents.get(name)?.instance.id ?? agent.instance.id
    },
  })
}
