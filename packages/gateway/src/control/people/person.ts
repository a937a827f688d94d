import {
  isJsonObject,
  isPersonRole,
  personScopes,
  type Json,
  type JsonObject,
  type PersonRole,
  type Principal,
} from '@sallyport/core'
import type { Document } from '../../store/ports.ts'
import type { ScryptParams } from '../presence/pin.ts'

/** A password as it is stored: like a PIN, encrypted with a key outside the store. Hex. */
export interface StoredPassword {
  readonly salt: string
  readonly cost: ScryptParams
  readonly sealed: string
  readonly setAt: number
}

/** Who uses this gateway's console. Times in ms since 1970. */
export interface Person {
  /** `operator:<name>`: the same id as of the PIN, so that one human is one name in the log. */
  readonly id: string
  readonly roles: readonly PersonRole[]
  /** `founder`: claimed the gateway · `added`: by an admin · `company`: came through the company's sign-in. */
  readonly origin: 'founder' | 'added' | 'company'
  readonly addedAt: number
  readonly addedBy: string
  /** Issuer and subject at the company's sign-in, for people who come from there. */
  readonly subject?: string
  readonly password?: StoredPassword
  /** Digests of the recovery codes that were not used yet. */
  readonly recovery: readonly string[]
}

const ORIGINS: readonly Person['origin'][] = ['founder', 'added', 'company']

export function personBody(person: Person): JsonObject {
  const { id: _id, ...body } = person
  return body as unknown as JsonObject
}

/** The person of a document; undefined where it is not whole or the person was removed. */
export function personOf({ id, state, body }: Document): Person | undefined {
  const { roles, origin, addedAt, addedBy, subject, recovery } = body
  if (state !== 'active' || !Array.isArray(roles) || !Array.isArray(recovery)) return undefined
  const from = ORIGINS.find((each) => each === origin)
  if (from === undefined || typeof addedAt !== 'number' || typeof addedBy !== 'string') return undefined
  const password = passwordOf(body['password'])
  return {
    id,
    roles: (roles as readonly Json[]).filter((role) => typeof role === 'string').filter(isPersonRole),
    origin: from,
    addedAt,
    addedBy,
    recovery: (recovery as readonly Json[]).filter((each) => typeof each === 'string'),
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(password === undefined ? {} : { password }),
  }
}

function passwordOf(value: Json | undefined): StoredPassword | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['cost'])) return undefined
  const { salt, sealed, setAt, cost } = value
  const { N, r, p } = cost
  if (typeof salt !== 'string' || typeof sealed !== 'string' || typeof setAt !== 'number') return undefined
  if (typeof N !== 'number' || typeof r !== 'number' || typeof p !== 'number') return undefined
  return { salt, sealed, setAt, cost: { N, r, p } }
}

/** Who a person is for the rest of the gateway. Nobody's roles give no scope. */
export const personPrincipal = (id: string, roles: readonly PersonRole[]): Principal => ({
  kind: 'human',
  id,
  chain: [],
  scopes: personScopes(roles),
  trustLevel: 0,
  instance: '',
})

/** `ana` of `operator:ana`. */
export const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1)
