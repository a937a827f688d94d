import type { ToolAnnotation } from '../action/tool.ts'
import { actionModel, type ToolForPolicy } from '../policy/actions.ts'
import { buildBundle } from '../policy/bundle.ts'
import type { PolicySource } from '../policy/compile.ts'
import { evaluate } from '../policy/evaluate.ts'
import { lintPolicies, type LintFinding } from '../policy/lint.ts'
import { contextOf } from '../policy/sample.ts'

/** Policies as the checks of the posture look at them. */
export interface PolicyPosture {
  /** What the configuration names: presets, files, directories. */
  readonly sources: readonly string[]
  readonly version: string
  readonly policies: number
  /** Why they cannot be in force; absent: they can. */
  readonly problem?: string
  readonly failing: readonly { readonly file: string; readonly line: number; readonly test: string }[]
  readonly lint: readonly LintFinding[]
  /** Rules that wait for a tool that nobody has. */
  readonly waiting: readonly { readonly id: string; readonly for: readonly string[] }[]
  /** Kinds of calls of high risk that would run without a human. */
  readonly unasked: readonly string[]
}

const risky = (name: string, annotation: Partial<ToolAnnotation>): ToolForPolicy => ({
  ...{ id: `audit.${name}`, server: 'audit', name, elevated: false, annotated: true },
  annotation: { ...{ effect: 'external', groups: [], args: {}, irreversible: false, persist: false }, ...annotation },
})

/** One call of each kind that a human should see, whatever the tools are called (HB-120). */
const RISKY: readonly (readonly [what: string, tool: ToolForPolicy])[] = [
  ['running programs', risky('exec', { groups: ['group:runtime'], irreversible: true })],
  ['changes that cannot be taken back', risky('delete', { effect: 'write', irreversible: true })],
  ['what acts later by itself', risky('schedule', { effect: 'write', persist: true })],
  ['commands on other machines', risky('node', { groups: ['group:nodes'], irreversible: true })],
]

/**
 * What can be said of policies without a call: what lint finds, and which kinds of risky calls they let through without a human, for
 * an agent whom the operator trusts most.
 * @param decided ids of rules that some test decided by; undefined when no test ran
 */
export function readPolicies(
  policies: readonly PolicySource[],
  decided: ReadonlySet<string> | undefined,
): Pick<PolicyPosture, 'lint' | 'unasked' | 'policies'> {
  const actions = RISKY.map(([, one]) => actionModel(one))
  const bundle = buildBundle({ digest: '', version: '', policies, actions })
  const unasked = RISKY.flatMap(([what, { id, server, name = id, annotation }]) => {
    const { effect, groups, irreversible, persist } = annotation
    const context = contextOf({ tool: { name, effect, groups, irreversible, persist } })
    const request = {
      principal: { type: 'Agent', id: 'audit' },
      action: id,
      resource: { type: 'Server', id: server },
      context,
    } as const
    return evaluate(bundle, request).outcome === 'allow' ? [what] : []
  })
  return { lint: lintPolicies(policies, decided), unasked, policies: policies.length }
}
