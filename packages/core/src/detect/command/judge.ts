import { COMMAND_EFFECTS, type CommandVerdict, type Effect } from './effects.ts'
import type { CommandFacts, Evidence } from './facts.ts'

export interface CommandJudgement {
  readonly verdict: CommandVerdict
  /** 0 harmless … 1 certainly harmful. */
  readonly score: number
  /** Category of the gravest effect; `none` when there is none. */
  readonly category: string
  readonly reasons: readonly CommandReason[]
}

interface CommandReason {
  readonly effect: Effect
  readonly verdict: CommandVerdict
  readonly title: string
  readonly evidence: readonly Evidence[]
}

/** Effects that a place allows without asking: `{ 'exec.shell': 'clean' }`. */
export type EffectOverrides = Partial<Record<Effect, CommandVerdict>>

const WEIGHT: Readonly<Record<CommandVerdict, number>> = { clean: 0, ask: 1, block: 2 }
const SEVERITY: Readonly<Record<string, number>> = { info: 0, low: 0.2, medium: 0.6, high: 0.85, critical: 0.97 }

/** Verdict on facts: the strictest of their effects, by the table of effects and what was changed in it. */
export function judgeCommand(facts: CommandFacts, overrides: EffectOverrides = {}): CommandJudgement {
  const reasons = facts.effects.map((effect) => ({
    effect,
    verdict: overrides[effect] ?? COMMAND_EFFECTS[effect].verdict,
    title: COMMAND_EFFECTS[effect].title,
    evidence: facts.evidence.filter((evidence) => evidence.effect === effect),
  }))
  const counted = reasons
    .filter(({ verdict }) => verdict !== 'clean')
    .sort((a, b) => WEIGHT[b.verdict] - WEIGHT[a.verdict] || weight(b.effect) - weight(a.effect))
  const [first] = counted
  return {
    verdict: first?.verdict ?? 'clean',
    score: Math.max(0, ...counted.map(({ effect }) => weight(effect))),
    category: first?.effect.split('.', 1)[0] ?? 'none',
    reasons: counted,
  }
}

const weight = (effect: Effect): number => SEVERITY[COMMAND_EFFECTS[effect].severity] ?? 0
