import { combine } from './combine.ts'
import { environment, match } from './evaluate.ts'
import type { CompiledPolicy } from './compile.ts'
import type { Decision } from './decision.ts'
import type { PolicyBundle, RuleIndex } from './bundle.ts'
import type { PolicyKind } from './annotations.ts'
import type { PolicyRequest } from './request.ts'
import type { Env } from './value.ts'

/** What one policy had to say to a request. */
export interface PolicyTrace {
  readonly id: string
  readonly kind: PolicyKind
  readonly file: string
  readonly line: number
  readonly result: 'matched' | 'not-matched' | 'error'
  /** The first part that did not hold, or failed: `scope`, or `when 2` (second condition). */
  readonly stoppedAt?: string
  readonly error?: string
  /** True when only one condition kept it from matching. */
  readonly nearMiss: boolean
}

export interface Explanation {
  readonly decision: Decision
  /** Every policy of the action's bucket, matched ones first. */
  readonly trace: readonly PolicyTrace[]
  /** Why nothing could be evaluated, when that is so. */
  readonly problem: string
}

/** Like `evaluate`, with what every policy of the bucket said (SEC-5.1, `policy explain`). */
export function explain(bundle: PolicyBundle, request: PolicyRequest): Explanation {
  const matches = match(bundle, request)
  const decision = combine(bundle, request, matches)
  const bucket = bundle.buckets.get(request.action)
  if (bucket === undefined || bucket.blocked !== undefined) return { decision, trace: [], problem: matches.problem }
  const rules = [...rulesOf(bucket.forbids), ...rulesOf(bucket.permits)]
  let trace: PolicyTrace[] = []
  if (bucket.foreign === undefined) {
    try {
      const env = environment(bundle, bucket, request)
      trace = rules.map((rule) => traceRule(rule, env))
    } catch {
      // The request itself has no environment: `problem` says so.
    }
  } else {
    const matched = new Set([...matches.forbids, ...matches.asks, ...matches.permits, ...matches.advisory])
    trace = rules.map((rule) => entry(rule, matched.has(rule) ? 'matched' : 'not-matched', false))
  }
  const order = { matched: 0, error: 1, 'not-matched': 2 }
  trace.sort((a, b) => order[a.result] - order[b.result] || Number(b.nearMiss) - Number(a.nearMiss))
  return { decision, trace, problem: matches.problem }
}

function* rulesOf(index: RuleIndex): Iterable<CompiledPolicy> {
  yield* index.generic
  for (const list of index.byResource?.values() ?? []) yield* list
  for (const list of index.byPrincipal?.values() ?? []) yield* list
}

function entry(rule: CompiledPolicy, result: PolicyTrace['result'], nearMiss: boolean): PolicyTrace {
  const { meta, source } = rule
  return { id: meta.id, kind: meta.kind, file: source.file, line: source.line, result, nearMiss }
}

function traceRule(rule: CompiledPolicy, env: Env): PolicyTrace {
  const parts = [
    ...rule.scopes.map((holds) => ({ name: 'scope', holds })),
    ...rule.clauses.map(({ kind, holds }, at) => ({ name: `${kind} ${at + 1}`, holds })),
  ]
  const failed: string[] = []
  for (const { name, holds } of parts) {
    try {
      if (!holds(env)) failed.push(name)
    } catch (error) {
      if (failed.length > 0) break
      return { ...entry(rule, 'error', false), stoppedAt: name, error: error instanceof Error ? error.message : '' }
    }
  }
  const [first] = failed
  if (first === undefined) return entry(rule, 'matched', false)
  return { ...entry(rule, 'not-matched', failed.length === 1 && first !== 'scope'), stoppedAt: first }
}
