import { appliesTo, PolicyCompiler, type CompiledPolicy, type PolicySource } from './compile.ts'
import { compileCut, type Cut } from './shape.ts'
import { Entity } from './value.ts'
import { entityRef } from './est.ts'
import type { ActionModel } from './actions.ts'
import type { PolicyRequest } from './request.ts'

/** Ids of the policies that a foreign engine found to match, and those that failed. */
export interface ForeignAnswer {
  readonly matched: readonly string[]
  readonly failed: readonly string[]
}
/** Answers for a bucket that holds a policy with a construct the compiler lacks. Throwing is a deny. */
export type ForeignEngine = (request: PolicyRequest) => ForeignAnswer

/** Policies of one kind in one bucket, found by the constant in their scope. */
export interface RuleIndex {
  readonly generic: readonly CompiledPolicy[]
  readonly byResource: ReadonlyMap<string, readonly CompiledPolicy[]> | undefined
  readonly byPrincipal: ReadonlyMap<string, readonly CompiledPolicy[]> | undefined
}

/** Everything that can decide on one action. */
export interface Bucket {
  readonly action: ActionModel
  readonly entity: Entity
  readonly size: number
  /** Forbids of every kind (hard, ask, advisory). */
  readonly forbids: RuleIndex
  readonly permits: RuleIndex
  readonly cut: Cut | undefined
  readonly readsArgs: boolean
  readonly readsProtected: boolean
  readonly foreign: ForeignEngine | undefined
  /** Why every call is denied: the policies do not fit this tool. */
  readonly blocked: string | undefined
}

/** An immutable snapshot: one load of policies for one state of the registry. */
export interface PolicyBundle {
  readonly digest: string
  readonly version: string
  readonly policies: readonly CompiledPolicy[]
  readonly byId: ReadonlyMap<string, CompiledPolicy>
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly actions: ReadonlyMap<string, ActionModel>
  readonly protectedPaths: readonly string[]
}

export interface BundleInput {
  readonly digest: string
  readonly version: string
  readonly policies: readonly PolicySource[]
  readonly actions: readonly ActionModel[]
  /** Action → why its policies do not fit. */
  readonly blocked?: ReadonlyMap<string, string>
  /** Called once per bucket that needs the stock engine; without it such a bucket denies everything. */
  readonly foreign?: (action: ActionModel, policies: readonly CompiledPolicy[]) => ForeignEngine
  /** Absolute paths of this installation that policies protect, lower case. */
  readonly protectedPaths?: readonly string[]
}

/** Compiles policies into buckets, one per action (groups expanded), each indexed by constant server and principal. */
export function buildBundle(input: BundleInput): PolicyBundle {
  const actions = new Map(input.actions.map((action) => [action.id, action]))
  const compiler = new PolicyCompiler(actions)
  const policies = input.policies.map((source) => compiler.compile(source))
  const direct = new Map<string, CompiledPolicy[]>()
  const scoped: CompiledPolicy[] = []
  for (const policy of policies) {
    const { action } = policy.source.est
    const only = action.op === '==' && action.entity !== undefined ? entityRef(action.entity).id : undefined
    if (only === undefined) scoped.push(policy)
    else direct.set(only, [...(direct.get(only) ?? []), policy])
  }
  const buckets = new Map<string, Bucket>()
  for (const action of input.actions) {
    const members = [
      ...scoped.filter((policy) => appliesTo(policy.source.est.action, action)),
      ...(direct.get(action.id) ?? []),
    ]
    buckets.set(action.id, bucket(action, members, input))
  }
  return Object.freeze({
    digest: input.digest,
    version: input.version,
    policies,
    byId: new Map(policies.map((policy) => [policy.meta.id, policy])),
    buckets,
    actions,
    protectedPaths: input.protectedPaths ?? [],
  })
}

function bucket(action: ActionModel, members: readonly CompiledPolicy[], input: BundleInput): Bucket {
  const reads = (part: string): boolean => members.some((m) => m.reads.has('*') || m.reads.has(part))
  const readsArgs = members.some((m) => [...m.reads].some((r) => r === '*' || r === 'args' || r.startsWith('args.')))
  const unsupported = members.some((member) => member.unsupported !== undefined)
  const noEngine: ForeignEngine = () => {
    throw new Error('no engine for this construct')
  }
  return {
    action,
    entity: new Entity('Action', action.id, action.ancestors),
    size: members.length,
    forbids: ruleIndex(members.filter((member) => member.source.est.effect === 'forbid')),
    permits: ruleIndex(members.filter((member) => member.source.est.effect === 'permit')),
    cut: action.args === undefined ? undefined : compileCut(action.args),
    readsArgs,
    readsProtected: reads('facts') || reads('facts.protected'),
    foreign: unsupported ? (input.foreign?.(action, members) ?? noEngine) : undefined,
    blocked: input.blocked?.get(action.id),
  }
}

/** Below this size a scan is cheaper than a lookup. */
const INDEX_FROM = 4

function ruleIndex(rules: readonly CompiledPolicy[]): RuleIndex {
  if (rules.length < INDEX_FROM) return { generic: rules, byResource: undefined, byPrincipal: undefined }
  const byResource = new Map<string, CompiledPolicy[]>()
  const byPrincipal = new Map<string, CompiledPolicy[]>()
  const generic: CompiledPolicy[] = []
  for (const rule of rules) {
    if (rule.resourceId !== undefined) push(byResource, rule.resourceId, rule)
    else if (rule.principalId !== undefined) push(byPrincipal, rule.principalId, rule)
    else generic.push(rule)
  }
  return {
    generic,
    byResource: byResource.size === 0 ? undefined : byResource,
    byPrincipal: byPrincipal.size === 0 ? undefined : byPrincipal,
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [item])
  else list.push(item)
}
