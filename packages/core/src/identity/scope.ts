import { validateCredentialScope } from '../credential/scope.ts'
import { SallyportError } from '../errors/error.ts'
import type { PrincipalKind, Scope } from './principal.ts'

export const SCOPES: readonly Scope[] = Object.freeze([
  'read',
  'write',
  'execute',
  'vouch',
  'approve',
  'policy',
  'admin',
])

export type Role = 'viewer' | 'operator' | 'admin'

/** AC-4.4.4, ND-4.4.a: what a role stands for. Deciding and policy are granted by name, never through a role (E-48). */
export const ROLES: ReadonlyMap<Role, readonly Scope[]> = new Map<Role, readonly Scope[]>([
  ['viewer', Object.freeze<Scope[]>(['read'])],
  ['operator', Object.freeze<Scope[]>(['read', 'write', 'execute'])],
  ['admin', Object.freeze<Scope[]>(['read', 'write', 'execute', 'admin'])],
])

/** Which scope an operation needs (ND-4.4.a, E-48). What is not in the map is denied. */
export const OPERATIONS: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ['sessions.list', 'read'],
  ['sessions.get', 'read'],
  ['agents.list', 'read'],
  ['status.get', 'read'],
  ['log.query', 'read'],
  ['config.update', 'write'],
  ['agents.kill', 'write'],
  ['tools.invoke', 'execute'],
  ['tools.register', 'execute'],
  ['words.vouch', 'vouch'],
  ['approvals.decide', 'approve'],
  ['policy.update', 'policy'],
  ['credentials.rotate', 'admin'],
  ['agents.add', 'admin'],
  ['agents.trust', 'admin'],
  ['agents.resume', 'admin'],
])

/** What a kind of principal can hold at most: only humans decide or change policy (T-008, E-48). */
const GRANTABLE: Readonly<Record<PrincipalKind, readonly Scope[]>> = Object.freeze({
  human: SCOPES,
  service: Object.freeze<Scope[]>(['read', 'write', 'execute', 'vouch']),
  agent: Object.freeze<Scope[]>(['read', 'execute', 'vouch']),
})

export type ScopeVerdict = { readonly ok: true } | { readonly ok: false; readonly required: Scope | undefined }

/** Whether `held` covers `operation`; an operation nobody mapped is denied and names no scope. */
export function permits(held: readonly Scope[], operation: string): ScopeVerdict {
  const required = OPERATIONS.get(operation)
  const verdict = validateCredentialScope({ required: required === undefined ? [] : [required], actual: held })
  return verdict.ok ? verdict : { ok: false, required }
}

/**
 * The scopes that a credential asks for: an allowlist, a role, or both, which then intersect (AC-4.4.4).
 * @throws SallyportError SP_AUTHZ_GRANT for `all`, `*`, an unknown word, an empty result, or a right that `kind` can never
 * hold (HB-63, T-008).
 */
export function grantScopes(
  kind: PrincipalKind,
  asked: { readonly scopes?: readonly string[]; readonly role?: string },
): readonly Scope[] {
  const listed = asked.scopes?.map(toScope)
  const ofRole = asked.role === undefined ? undefined : toRole(asked.role)
  const wanted = listed === undefined ? (ofRole ?? []) : listed.filter((scope) => ofRole?.includes(scope) ?? true)
  if (wanted.length === 0) throw new SallyportError('SP_AUTHZ_GRANT', 'No scope is left.')
  const beyond = wanted.filter((scope) => !GRANTABLE[kind].includes(scope))
  if (beyond.length > 0)
    throw new SallyportError('SP_AUTHZ_GRANT', `A principal of kind ${kind} cannot hold ${beyond.join(', ')}.`)
  return SCOPES.filter((scope) => wanted.includes(scope))
}

function toScope(word: string): Scope {
  const scope = SCOPES.find((known) => known === word)
  if (scope === undefined)
    throw new SallyportError('SP_AUTHZ_GRANT', `${JSON.stringify(word.slice(0, 40))} is not a scope.`)
  return scope
}

function toRole(word: string): readonly Scope[] {
  const scopes = ROLES.get(word as Role)
  if (scopes === undefined)
    throw new SallyportError('SP_AUTHZ_GRANT', `${JSON.stringify(word.slice(0, 40))} is not a role.`)
  return scopes
}
