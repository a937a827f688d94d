import { canonicalJson } from '../json/canonical.ts'
import type { Json } from '../json/types.ts'
import { readAnnotations, type PolicyKind } from './annotations.ts'
import type { PolicySource } from './compile.ts'
import { entityRef, type EstPolicy, type EstScope } from './est.ts'

/** Something about a rule that is allowed and rarely meant. */
export interface LintFinding {
  readonly rule: 'too-broad' | 'unreachable' | 'duplicate' | 'untested'
  readonly severity: 'error' | 'warning'
  readonly id: string
  readonly file: string
  readonly line: number
  readonly message: string
}

interface Known {
  readonly source: PolicySource
  readonly kind: PolicyKind
}

/**
 * What can be said of rules without a request: permits without any limit, rules that a denial without conditions covers, and
 * rules that say the same. `decided`: ids that some test decided by; undefined when no test ran.
 */
export function lintPolicies(
  policies: readonly PolicySource[],
  decided: ReadonlySet<string> | undefined,
): readonly LintFinding[] {
  const known = policies.flatMap((source): Known[] => {
    const read = readAnnotations(source.est, source.id)
    return read.ok ? [{ source, kind: read.meta.kind }] : []
  })
  const walls = known.filter(({ kind, source }) => kind === 'forbid' && source.est.conditions.length === 0)
  const seen = new Map<string, string>()
  const findings: LintFinding[] = []
  const find = ({ source }: Known, rule: LintFinding['rule'], severity: LintFinding['severity'], message: string) =>
    void findings.push({ rule, severity, id: source.id, file: source.file, line: source.line, message })
  for (const one of known) {
    const { source, kind } = one
    const { est } = source
    if (kind === 'permit' && isUnlimited(est))
      find(one, 'too-broad', 'warning', 'Permits every action of everybody without a condition.')
    const wall = walls.find((each) => each !== one && covers(each.source.est, est))
    if (kind !== 'advisory' && wall !== undefined)
      find(one, 'unreachable', 'warning', `${wall.source.id} denies everything this rule is about.`)
    const body = canonicalJson([est.effect, est.principal, est.action, est.resource, est.conditions, kind] as Json)
    const twin = seen.get(body)
    if (twin === undefined) seen.set(body, source.id)
    else find(one, 'duplicate', 'warning', `Says the same as ${twin}.`)
    if (decided !== undefined && !decided.has(source.id) && !source.file.startsWith('preset:'))
      find(one, 'untested', 'warning', 'No test is decided by this rule.')
  }
  return findings
}

const isUnlimited = ({ principal, action, resource, conditions }: EstPolicy): boolean =>
  conditions.length === 0 && [principal, action, resource].every(({ op }) => op === 'All')

/** True when whatever `inner` is about, `outer` is about too; judged on the safe side. */
const covers = (outer: EstPolicy, inner: EstPolicy): boolean =>
  (['principal', 'action', 'resource'] as const).every((part) => within(outer[part], inner[part]))

function within(outer: EstScope, inner: EstScope): boolean {
  if (outer.op === 'All') return true
  const wide = idsOf(outer)
  const narrow = idsOf(inner)
  if (wide === undefined || narrow === undefined || narrow.length === 0) return false
  return (outer.op === inner.op || outer.op === 'in') && narrow.every((id) => wide.includes(id))
}

function idsOf(scope: EstScope): readonly string[] | undefined {
  if (scope.op === 'All' || scope.op === 'is') return undefined
  if ('entities' in scope && scope.entities !== undefined) return scope.entities.map((each) => entityRef(each).id)
  return scope.entity === undefined ? undefined : [entityRef(scope.entity).id]
}
