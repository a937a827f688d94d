import { grantScopes, isJsonObject, type Effect, type JsonObject, type Scope, type TrustLevel } from '@sallyport/core'
import { isSurface, type Surface } from '@sallyport/core/surface'
import type { Document } from '../../store/ports.ts'

/** Times in ms since 1970. */
export interface Agent {
  readonly name: string
  readonly state: 'active' | 'revoked'
  /** HMAC of the key; the key itself is nowhere. */
  readonly keyHash: string
  readonly keyExpiresAt: number
  /** When the key was made: what proved itself with an older one is out. */
  readonly keyedAt: number
  readonly generation: number
  readonly trustLevel: TrustLevel
  /** Whom it faces; the same for as long as it lives (HB-82). */
  readonly surface: Surface
  readonly scopes: readonly Scope[]
  readonly effects: readonly Effect[]
  readonly createdAt: number
  readonly createdBy: string
  /** What all connections of this agent join; label state hangs on it (T-088). */
  readonly instance: { readonly id: string; readonly since: number; readonly lastSeenAt: number }
}

export const EFFECTS: readonly Effect[] = Object.freeze(['read', 'write', 'external'])

export function agentBody(agent: Agent): JsonObject {
  const { name: _name, state: _state, ...body } = agent
  return body as unknown as JsonObject
}

/** The agent of a stored document; undefined when it is not whole, and then there is no such agent. */
export function agentOf(document: Document): Agent | undefined {
  const { body, state } = document
  if (state !== 'active' && state !== 'revoked') return undefined
  const trust = body['trustLevel']
  const instance = body['instance']
  if ((trust !== 0 && trust !== 1 && trust !== 2) || !isJsonObject(instance)) return undefined
  const scopes = words(body['scopes'])
  // agents that were there before there were surfaces are local
  const surface = body['surface'] ?? 'local'
  if (!isSurface(surface)) return undefined
  const effects = EFFECTS.filter((effect) => words(body['effects']).includes(effect))
  if (effects.length === 0) return undefined
  try {
    return {
      name: document.id,
      state,
      keyHash: text(body['keyHash']),
      keyExpiresAt: count(body['keyExpiresAt']),
      keyedAt: count(body['keyedAt']),
      generation: count(body['generation']),
      trustLevel: trust,
      surface,
      scopes: grantScopes('agent', { scopes }),
      effects,
      createdAt: count(body['createdAt']),
      createdBy: text(body['createdBy']),
      instance: {
        id: text(instance['id']),
        since: count(instance['since']),
        lastSeenAt: count(instance['lastSeenAt']),
      },
    }
  } catch {
    return undefined
  }
}

const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a whole number')
  return value as number
}
