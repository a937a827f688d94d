import { contextOf } from './sample.ts'
import { Entity, type Env, type ContextValue } from './value.ts'
import { FUEL } from './evaluate.ts'
import type { Bucket, PolicyBundle, RuleIndex } from './bundle.ts'
import type { CompiledClause, CompiledPolicy } from './compile.ts'
import type { PolicyRequest } from './request.ts'

/**
 * False only when no arguments, labels or human could ever get a call with this head allowed: no permit can match it, or a
 * forbid always does (TM-DISC-001). Looks at scopes, and at conditions that ask for nothing but the tool itself.
 */
export function possible(
  bundle: PolicyBundle,
  head: Pick<PolicyRequest, 'principal' | 'action' | 'resource'>,
): boolean {
  const bucket = bundle.buckets.get(head.action)
  if (bucket === undefined || bucket.blocked !== undefined) return false
  const env = headEnv(bucket, head)
  const known = bucket.action.tool !== undefined
  if (rulesFor(bucket.forbids, head).some((rule) => rule.meta.kind === 'forbid' && always(rule, env, known)))
    return false
  return rulesFor(bucket.permits, head).some((rule) => rule.meta.kind === 'permit' && !never(rule, env, known))
}

function headEnv(bucket: Bucket, head: Pick<PolicyRequest, 'principal' | 'action' | 'resource'>): Env {
  const context = contextOf(bucket.action.tool === undefined ? {} : { tool: bucket.action.tool })
  return {
    principal: new Entity(head.principal.type, head.principal.id),
    action: bucket.entity,
    resource: new Entity(head.resource.type, head.resource.id),
    context: context as unknown as ContextValue,
    fuel: FUEL,
  }
}

function rulesFor(
  index: RuleIndex,
  { principal, resource }: Pick<PolicyRequest, 'principal' | 'resource'>,
): readonly CompiledPolicy[] {
  return [
    ...index.generic,
    ...(index.byResource?.get(resource.id) ?? []),
    ...(index.byPrincipal?.get(principal.id) ?? []),
  ]
}

const inScope = (rule: CompiledPolicy, env: Env): boolean => rule.scopes.every((holds) => holds(env))
/** True when the answer of a condition cannot change with the call. */
const settled = (clause: CompiledClause, known: boolean): boolean =>
  [...clause.reads].every((part) => known && part.startsWith('tool.'))

function always(rule: CompiledPolicy, env: Env, known: boolean): boolean {
  if (rule.unsupported !== undefined) return false
  return inScope(rule, env) && rule.clauses.every((clause) => settled(clause, known) && holds(clause, env, false))
}

function never(rule: CompiledPolicy, env: Env, known: boolean): boolean {
  if (rule.unsupported !== undefined) return false
  return !inScope(rule, env) || rule.clauses.some((clause) => settled(clause, known) && !holds(clause, env, true))
}

function holds(clause: CompiledClause, env: Env, onFault: boolean): boolean {
  try {
    return clause.holds(env)
  } catch {
    return onFault
  }
}
