import { combine, type Matches } from './combine.ts'
import { protectedClasses } from './protected.ts'
import { compileCut } from './shape.ts'
import { Entity, Fault, type ContextValue, type Env, type Value } from './value.ts'
import type { Bucket, PolicyBundle, RuleIndex } from './bundle.ts'
import type { CompiledPolicy } from './compile.ts'
import type { Decision } from './decision.ts'
import type { PolicyRequest } from './request.ts'

/** Work that one decision may take (T-160): some milliseconds at worst. */
export const FUEL = 5_000_000

/**
 * Decides one request: a hard forbid → deny; an error anywhere → deny (stock Cedar would skip the policy); no permit →
 * deny; an asking forbid → ask; else allow. Order of policies never matters. Throws nothing.
 */
export function evaluate(bundle: PolicyBundle, request: PolicyRequest): Decision {
  return combine(bundle, request, match(bundle, request))
}

/** Which policies match a request. A fault of the request itself (arguments of the wrong type) is an error without id. */
export function match(
  bundle: PolicyBundle,
  request: PolicyRequest,
  extent: 'deciding' | 'everything' = 'deciding',
): Matches {
  const bucket = bundle.buckets.get(request.action)
  if (bucket === undefined) return failure(`policy does not know the action ${request.action}`)
  if (bucket.blocked !== undefined) return failure(bucket.blocked)
  try {
    if (bucket.foreign !== undefined) return foreign(bundle, bucket, request)
    const env = environment(bundle, bucket, request)
    const matches = noMatches()
    collect(bucket.forbids, env, matches)
    if (extent === 'everything' || matches.forbids.length === 0) collect(bucket.permits, env, matches)
    return matches
  } catch (error) {
    return failure(error instanceof Error ? error.message : 'evaluation failed')
  }
}

type Mutable = { -readonly [K in keyof Matches]: Matches[K] extends readonly (infer T)[] ? T[] : Matches[K] }

const EMPTY: readonly CompiledPolicy[] = Object.freeze([])
const failure = (problem: string): Matches => ({
  forbids: EMPTY,
  asks: EMPTY,
  permits: EMPTY,
  advisory: EMPTY,
  errors: EMPTY,
  problem,
  overflow: false,
})

/** What closures see of a request: the arguments cut to their shape, and derived facts where a policy asks for them. */
export function environment(bundle: PolicyBundle, bucket: Bucket, request: PolicyRequest): Env {
  const { principal, resource } = request
  return {
    principal: new Entity(principal.type, principal.id),
    action: bucket.entity,
    resource: new Entity(resource.type, resource.id),
    context: policyContext(bundle, bucket, request),
    fuel: FUEL,
  }
}

function policyContext(bundle: PolicyBundle, bucket: Bucket, request: PolicyRequest): ContextValue {
  const { args, facts, tool, labels, flow, session, approved } = request.context
  const typed = bucket.readsArgs && bucket.cut !== undefined ? bucket.cut(args) : args
  const derived = bucket.readsProtected
    ? { ...facts, protected: protectedClasses(facts, args, bundle.protectedPaths, tool) }
    : facts
  return { args: typed, facts: derived, tool, labels, flow, session, approved } as unknown as ContextValue
}

function collect(index: RuleIndex, env: Env, matches: Mutable): void {
  test(index.generic, env, matches)
  if (index.byResource !== undefined) test(index.byResource.get(env.resource.id) ?? EMPTY, env, matches)
  if (index.byPrincipal !== undefined) test(index.byPrincipal.get(env.principal.id) ?? EMPTY, env, matches)
}

function test(rules: readonly CompiledPolicy[], env: Env, matches: Mutable): void {
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at] as CompiledPolicy
    try {
      if (rule.matches(env)) file(rule, matches)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (rule.meta.kind === 'advisory') continue
      matches.errors.push(rule)
      matches.problem = error.message
      matches.overflow ||= error.kind === 'overflow'
    }
  }
}

function file(rule: CompiledPolicy, matches: Mutable): void {
  switch (rule.meta.kind) {
    case 'permit':
      matches.permits.push(rule)
      break
    case 'forbid':
      matches.forbids.push(rule)
      break
    case 'ask':
      matches.asks.push(rule)
      break
    case 'advisory':
      matches.advisory.push(rule)
      break
  }
}

const noMatches = (): Mutable => ({
  forbids: [],
  asks: [],
  permits: [],
  advisory: [],
  errors: [],
  problem: '',
  overflow: false,
})

function foreign(bundle: PolicyBundle, bucket: Bucket, request: PolicyRequest): Matches {
  const answer = bucket.foreign?.(request)
  const matches = noMatches()
  for (const id of answer?.matched ?? []) {
    const rule = bundle.byId.get(id)
    if (rule !== undefined) file(rule, matches)
  }
  for (const id of answer?.failed ?? []) {
    const rule = bundle.byId.get(id)
    if (rule !== undefined) matches.errors.push(rule)
    matches.problem = 'the stock engine could not evaluate a policy'
  }
  if (answer === undefined) matches.problem = 'the stock engine gave no answer'
  return matches
}

/** A request in the form of the stock engine, with the context cut down to exactly what the schema types (recipes §3.3). */
export interface CedarRequest {
  readonly principal: { readonly type: string; readonly id: string }
  readonly action: { readonly type: 'Action'; readonly id: string }
  readonly resource: { readonly type: string; readonly id: string }
  readonly context: Readonly<Record<string, Value>>
}

/** @throws Fault when the arguments do not have the type that the schema gives them. */
export function toCedarRequest(bundle: PolicyBundle, request: PolicyRequest): CedarRequest {
  const { args, facts, tool, labels, flow, session, approved } = request.context
  const shape = bundle.actions.get(request.action)?.args
  const typed = compileCut(shape ?? { kind: 'record', attributes: new Map() })(args)
  const derived = { ...facts, protected: protectedClasses(facts, args, bundle.protectedPaths, tool) }
  const context = { args: typed, facts: derived, tool, labels, flow, session, approved }
  return {
    principal: request.principal,
    action: { type: 'Action', id: request.action },
    resource: request.resource,
    context: context as unknown as Readonly<Record<string, Value>>,
  }
}
