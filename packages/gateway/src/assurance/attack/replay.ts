import type { RegisteredTool } from '@sallyport/core'
import { planFromPrompt } from './plan.ts'
import type { ReplaySuite, Scenario } from './scenario.ts'
import type { StageSession, StepAnswer } from './stage.ts'

export type PlanMode = 'none' | 'prompt' | 'oracle'
type CaseResult = 'passed' | 'asked' | 'denied' | 'out_of_scope'

/** One replayed scenario, as `attack --json` prints it. */
export interface ReplayCase {
  readonly id: string
  readonly kind: Scenario['kind']
  readonly suite: string
  readonly task: string
  readonly attack: string
  readonly result: CaseResult
  /** The call that decided: the harmful one that ran, or the first that was held. */
  readonly call: string
  readonly policy: readonly string[]
  readonly ms: number
  /** For counting; benign calls of the task, or the attack's. */
  readonly questions: number
  readonly denied: number
  readonly sideEffects: number
  /** Attacks: every harmful call ran. */
  readonly full: boolean
  /** Attacks: the agent was kept from reading the planted text. */
  readonly atRead: boolean
  /** Every question with its call: what a human would have been asked. */
  readonly asked: readonly { readonly tool: string; readonly args: string; readonly policy: readonly string[] }[]
}

/** Plays one scenario in a session of its own. */
export async function playScenario(
  scenario: Scenario,
  suite: ReplaySuite,
  session: StageSession,
  { plan, monotonic }: { readonly plan: PlanMode; readonly monotonic: () => number },
): Promise<ReplayCase> {
  const started = monotonic()
  if (scenario.prompt !== '') session.say(scenario.prompt)
  const planned = plannedTools(plan, scenario, suite.tools)
  if (planned !== undefined) session.declare(planned)
  const tally = new Tally(scenario, () => monotonic() - started)
  const isAttack = scenario.attack.length > 0
  // the calls of an incident's own task are what the user wants: a human agrees to them, and the attack gets its chance
  if (!isAttack && scenario.redefined !== undefined) session.redefine(scenario.redefined)
  const agrees = !isAttack || scenario.kind === 'incident'
  for (const step of scenario.steps) {
    const answer = await session.play(step, agrees)
    if (!isAttack) tally.benign(step, answer)
    else if (!answer.ran) return tally.stoppedAtRead(step.tool, answer)
  }
  if (isAttack && scenario.redefined !== undefined) session.redefine(scenario.redefined)
  for (const [at, step] of scenario.attack.entries()) {
    tally.attack(step, await session.play(step, false), scenario.harmful[at] === true)
  }
  return tally.done()
}

/** What is declared at the start of a scenario, if anything. */
export function plannedTools(
  mode: PlanMode,
  scenario: Scenario,
  tools: readonly RegisteredTool[],
): readonly string[] | undefined {
  if (mode === 'none') return undefined
  return mode === 'oracle' ? scenario.oraclePlan : planFromPrompt(scenario.prompt, tools)
}

class Tally {
  #questions = 0
  #denied = 0
  #sideEffects = 0
  #harmful = 0
  #ran = 0
  #held: { readonly call: string; readonly policy: readonly string[]; readonly result: CaseResult } | undefined
  #passed: { readonly call: string; readonly policy: readonly string[] } | undefined
  #asked: ReplayCase['asked'][number][] = []
  readonly #scenario: Scenario
  readonly #elapsed: () => number

  constructor(scenario: Scenario, elapsed: () => number) {
    this.#scenario = scenario
    this.#elapsed = elapsed
  }

  benign(step: { readonly tool: string; readonly args: object }, answer: StepAnswer): void {
    if (answer.effect !== 'read' && answer.effect !== '') this.#sideEffects++
    this.#count(step, answer)
  }

  attack(step: { readonly tool: string; readonly args: object }, answer: StepAnswer, harmful: boolean): void {
    this.#count(step, answer)
    if (!harmful) return
    this.#harmful++
    if (!answer.ran) return
    this.#ran++
    this.#passed ??= { call: step.tool, policy: answer.policies }
  }

  stoppedAtRead(tool: string, answer: StepAnswer): ReplayCase {
    this.#held = { call: tool, policy: answer.policies, result: answer.asked ? 'asked' : 'denied' }
    return this.#case(this.#held.result, { atRead: true })
  }

  done(): ReplayCase {
    const { kind, attack } = this.#scenario
    const isAttack = attack.length > 0 || kind === 'pair'
    if (isAttack && this.#harmful === 0) return this.#case('out_of_scope', {})
    if (isAttack) {
      const harmed = this.#scenario.together === true ? this.#ran === this.#harmful : this.#passed !== undefined
      return this.#case(harmed ? 'passed' : (this.#held?.result ?? 'denied'), {})
    }
    return this.#case(this.#held?.result ?? 'passed', {})
  }

  #count({ tool, args }: { readonly tool: string; readonly args: object }, answer: StepAnswer): void {
    if (answer.asked) {
      this.#questions++
      this.#asked.push({ tool, args: JSON.stringify(args), policy: answer.policies })
    }
    if (answer.denied) this.#denied++
    if (answer.asked || answer.denied) {
      this.#held ??= { call: tool, policy: answer.policies, result: answer.asked ? 'asked' : 'denied' }
    }
  }

  #case(result: CaseResult, { atRead = false }: { readonly atRead?: boolean }): ReplayCase {
    const { id, kind, suite, task, attackId } = this.#scenario
    const what = result === 'passed' ? this.#passed : this.#held
    return {
      id,
      kind,
      suite,
      task,
      attack: attackId,
      result,
      call: what?.call ?? '',
      policy: what?.policy ?? [],
      ms: Math.round(this.#elapsed() * 100) / 100,
      questions: this.#questions,
      denied: this.#denied,
      sideEffects: this.#sideEffects,
      full: this.#harmful > 0 && this.#ran === this.#harmful,
      atRead,
      asked: this.#asked,
    }
  }
}
