import type { AblationCase } from '../../assurance/attack/ablation.ts'
import type { FuzzBlock } from '../../assurance/attack/fuzz.ts'
import type { ReplayCase } from '../../assurance/attack/replay.ts'
import { block } from '../../assurance/attack/summary.ts'

export interface AttackOutcome {
  readonly suite: string
  readonly plan: string
  readonly preset: string
  readonly trustLevel: 0 | 1 | 2
  readonly cases: readonly ReplayCase[]
  readonly fuzz?: FuzzBlock
  readonly ablation?: readonly AblationCase[]
}

export const suitesOf = (cases: readonly ReplayCase[]): readonly string[] => [
  ...new Set(cases.map(({ suite }) => suite)),
]

/** The JSON of `attack --json` (benchmarks §7). */
export function attackReport({ suite, plan, preset, trustLevel, cases, fuzz, ablation }: AttackOutcome) {
  const bySuite = Object.fromEntries(
    suitesOf(cases).map((name) => [name, block(cases.filter((each) => each.suite === name))]),
  )
  return {
    summary: { suite, plan, preset, trustLevel, ...block(cases), upperBoundOnly: plan === 'oracle' },
    suites: bySuite,
    poisoned: block(cases, 'poisoned'),
    recordedBenign: block(cases, 'recorded_benign'),
    ...(fuzz === undefined ? {} : { fuzz }),
    ...(ablation === undefined ? {} : { ablation }),
    cases: cases.map(({ id, kind, task, attack, result, call, policy, ms }) => ({
      id,
      kind,
      task,
      attack,
      result,
      call,
      policy,
      ms,
    })),
  }
}
