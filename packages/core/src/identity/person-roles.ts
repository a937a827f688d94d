import type { Scope } from './principal.ts'

/** What a person may hold; more than one at a time. */
export type PersonRole = 'viewer' | 'operator' | 'approver' | 'policy' | 'admin'

/** Scopes of a person's roles (E-48): whoever administrates neither decides nor writes policy by that alone. */
export const PERSON_ROLES: ReadonlyMap<PersonRole, readonly Scope[]> = new Map<PersonRole, readonly Scope[]>([
  ['viewer', Object.freeze<Scope[]>(['read'])],
  ['operator', Object.freeze<Scope[]>(['read', 'write'])],
  ['approver', Object.freeze<Scope[]>(['read', 'write', 'approve'])],
  ['policy', Object.freeze<Scope[]>(['read', 'policy'])],
  ['admin', Object.freeze<Scope[]>(['read', 'write', 'admin'])],
])

/** What the first person of a gateway holds: until there are others, everything that a person can. */
export const FOUNDER_ROLES: readonly PersonRole[] = Object.freeze(['approver', 'policy', 'admin'])

const ORDER: readonly Scope[] = ['read', 'write', 'approve', 'policy', 'admin']

export const isPersonRole = (word: string): word is PersonRole => PERSON_ROLES.has(word as PersonRole)

/** The union of the roles' scopes, in a fixed order; nothing for no role. */
export function personScopes(roles: readonly PersonRole[]): readonly Scope[] {
  const held = new Set(roles.flatMap((role) => PERSON_ROLES.get(role) ?? []))
  return Object.freeze(ORDER.filter((scope) => held.has(scope)))
}
