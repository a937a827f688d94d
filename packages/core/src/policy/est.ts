/** Cedar's JSON policy form (EST) as `policyToJson` of cedar-wasm 4.13 gives it; only what the compiler has to look at. */

export interface EntityRef {
  readonly type: string
  readonly id: string
}
export type EstEntity = EntityRef | { readonly __entity: EntityRef }

/** One node: exactly one member, whose name is the operator. Extension functions are `{name: [arguments]}`. */
export type EstExpr = { readonly [operator: string]: unknown }

export type EstScope =
  | { readonly op: 'All' }
  | { readonly op: '=='; readonly entity?: EstEntity; readonly slot?: string }
  | { readonly op: 'in'; readonly entity?: EstEntity; readonly entities?: readonly EstEntity[]; readonly slot?: string }
  | {
      readonly op: 'is'
      readonly entity_type: string
      readonly in?: { readonly entity?: EstEntity; readonly slot?: string }
    }

interface EstClause {
  readonly kind: 'when' | 'unless'
  readonly body: EstExpr
}

export interface EstPolicy {
  readonly effect: 'permit' | 'forbid'
  readonly principal: EstScope
  readonly action: EstScope
  readonly resource: EstScope
  readonly conditions: readonly EstClause[]
  /** A bare `@name` has the value null. */
  readonly annotations?: Readonly<Record<string, string | null>>
}

export const entityRef = (entity: EstEntity): EntityRef => ('__entity' in entity ? entity.__entity : entity)

/** Visits every node of an expression, parents first. */
export function walkExpr(expr: unknown, visit: (operator: string, node: unknown) => void): void {
  if (Array.isArray(expr)) {
    for (const item of expr) walkExpr(item, visit)
    return
  }
  if (typeof expr !== 'object' || expr === null) return
  for (const [operator, node] of Object.entries(expr)) {
    visit(operator, node)
    walkExpr(node, visit)
  }
}

/** Ids of all actions that a policy names in its scope, and in its conditions. */
export function actionsNamed(policy: EstPolicy): {
  readonly scope: readonly string[]
  readonly body: readonly string[]
} {
  const { action } = policy
  const scope: string[] = []
  if ('entity' in action && action.entity !== undefined) scope.push(entityRef(action.entity).id)
  if ('entities' in action && action.entities !== undefined) scope.push(...action.entities.map((e) => entityRef(e).id))
  const body: string[] = []
  for (const clause of policy.conditions) {
    walkExpr(clause.body, (operator, node) => {
      if (operator !== '__entity') return
      const ref = node as EntityRef
      if (ref.type === 'Action') body.push(ref.id)
    })
  }
  return { scope, body }
}

/** Entity types that a policy names anywhere: by `is`, or in an entity. */
export function principalTypesNamed(policy: EstPolicy): ReadonlySet<string> {
  const types = new Set<string>()
  const see = (operator: string, node: unknown): void => {
    if ((operator === 'type' || operator === 'entity_type') && typeof node === 'string') types.add(node)
  }
  walkExpr([policy.principal, policy.resource], see)
  for (const clause of policy.conditions) walkExpr(clause.body, see)
  return types
}
