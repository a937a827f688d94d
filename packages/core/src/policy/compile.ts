import { readAnnotations, type PolicyMeta } from './annotations.ts'
import { entityRef, type EstPolicy, type EstScope } from './est.ts'
import { compileCondition, Unsupported, type SharedExpressions } from './expr.ts'
import { SallyportError } from '../errors/error.ts'
import type { ActionModel } from './actions.ts'
import type { Entity, Env } from './value.ts'

/** A policy as it was prepared: parsed, validated, with the place it came from. */
export interface PolicySource {
  readonly id: string
  readonly est: EstPolicy
  /** Cedar text, for the stock engine and for reports. */
  readonly text: string
  readonly file: string
  readonly line: number
}

export interface CompiledClause {
  readonly kind: 'when' | 'unless'
  readonly holds: (env: Env) => boolean
  /** Parts of the context it looks at; `*` = all. */
  readonly reads: ReadonlySet<string>
}

/** Scope and conditions of a policy; policies that differ only in their action and annotations share one. */
interface CompiledBody {
  readonly scopes: readonly ((env: Env) => boolean)[]
  readonly clauses: readonly CompiledClause[]
  /** Parts of the context it looks at; `*` = all. */
  readonly reads: ReadonlySet<string>
  /** Set when the stock engine has to answer for it. */
  readonly unsupported: string | undefined
  /** True when scope and conditions hold. @throws Fault */
  readonly matches: (env: Env) => boolean
}
export interface CompiledPolicy extends CompiledBody {
  readonly meta: PolicyMeta
  readonly source: PolicySource
  /** Constants of the scope, for the index; the scope itself is still checked. */
  readonly principalId: string | undefined
  readonly resourceId: string | undefined
}

/** Compiles policies against one action hierarchy. */
export class PolicyCompiler {
  readonly #ancestors: (action: string) => ReadonlySet<string>
  readonly #shared: SharedExpressions = new Map()
  readonly #bodies = new Map<string, CompiledBody>()

  constructor(actions: ReadonlyMap<string, ActionModel>) {
    this.#ancestors = (id) => actions.get(id)?.ancestors ?? NO_GROUPS
  }

  /** @throws SallyportError SP_POLICY_INVALID for annotations that make no sense (prepared policies have been checked). */
  compile(source: PolicySource): CompiledPolicy {
    const { est } = source
    const read = readAnnotations(est, source.id)
    if (!read.ok) throw new SallyportError('SP_POLICY_INVALID', `${source.file}:${source.line}: ${read.problem}`)
    const key = JSON.stringify([est.principal, est.resource, est.conditions])
    const body = this.#bodies.get(key) ?? this.#body(est)
    this.#bodies.set(key, body)
    const { scopes, clauses, reads, unsupported, matches } = body
    const [principalId, resourceId] = [constantId(est.principal), constantId(est.resource)]
    return { meta: read.meta, source, principalId, resourceId, scopes, clauses, reads, unsupported, matches }
  }

  #body(est: EstPolicy): CompiledBody {
    const reads = new Set<string>()
    const scopes: ((env: Env) => boolean)[] = []
    const clauses: CompiledClause[] = []
    let unsupported: string | undefined
    try {
      scopes.push(...scopeTests(est.principal, (env) => env.principal))
      scopes.push(...scopeTests(est.resource, (env) => env.resource))
      for (const { kind, body } of est.conditions) {
        const own = new Set<string>()
        const test = compileCondition(body, { reads: own, ancestors: this.#ancestors, shared: this.#shared })
        for (const part of own) reads.add(part)
        clauses.push({ kind, holds: clause(kind, test), reads: own })
      }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      unsupported = error.construct
      reads.add('*')
    }
    return { scopes, clauses, reads, unsupported, matches: allOf([...scopes, ...clauses.map((c) => c.holds)]) }
  }
}

const NO_GROUPS: ReadonlySet<string> = new Set()

const clause = (kind: 'when' | 'unless', test: (env: Env) => boolean): ((env: Env) => boolean) =>
  kind === 'when' ? test : (env) => !test(env)

function allOf(tests: readonly ((env: Env) => boolean)[]): (env: Env) => boolean {
  const [a, b, c] = tests
  if (a === undefined) return () => true
  if (b === undefined) return a
  if (c === undefined) return (env) => a(env) && b(env)
  if (tests.length === 3) return (env) => a(env) && b(env) && c(env)
  return (env) => {
    for (const test of tests) if (!test(env)) return false
    return true
  }
}

function scopeTests(scope: EstScope, pick: (env: Env) => Entity): readonly ((env: Env) => boolean)[] {
  if (scope.op === 'All') return []
  if (scope.op === 'is') {
    const type = scope.entity_type
    if (scope.in?.slot !== undefined) throw new Unsupported('template slots')
    const parent = scope.in?.entity === undefined ? undefined : entityRef(scope.in.entity)
    const isType = (env: Env): boolean => pick(env).type === type
    return parent === undefined ? [isType] : [isType, (env) => within(pick(env), parent)]
  }
  if (scope.slot !== undefined) throw new Unsupported('template slots')
  if (scope.entity === undefined) throw new Unsupported('scope')
  const wanted = entityRef(scope.entity)
  if (scope.op === 'in') return [(env) => within(pick(env), wanted)]
  return [(env) => pick(env).type === wanted.type && pick(env).id === wanted.id]
}

const within = (entity: Entity, group: { readonly type: string; readonly id: string }): boolean =>
  entity.type === group.type && (entity.id === group.id || entity.ancestors.has(group.id))

/** Principals and servers have no groups, so `in` a constant means being it. */
function constantId(scope: EstScope): string | undefined {
  if (scope.op === 'is') return scope.in?.entity === undefined ? undefined : entityRef(scope.in.entity).id
  return scope.op !== 'All' && scope.entity !== undefined ? entityRef(scope.entity).id : undefined
}

/** True when the action scope of a policy takes in this action. */
export function appliesTo(scope: EstScope, action: ActionModel): boolean {
  if (scope.op === 'All') return true
  if (scope.op === 'is') return scope.entity_type === 'Action'
  const ids = scope.op === 'in' && scope.entities !== undefined ? scope.entities : [scope.entity]
  return ids.some((entity) => {
    if (entity === undefined) return false
    const { id } = entityRef(entity)
    return id === action.id || (scope.op === 'in' && action.ancestors.has(id))
  })
}
