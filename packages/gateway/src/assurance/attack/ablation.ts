import type { PolicyBundle, RegisteredTool } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import { allBut, LAYERS, NO_LAYERS, type Layer, type LayerSet } from './layers.ts'
import { plannedTools, type PlanMode } from './replay.ts'
import type { ReplaySuite, Scenario } from './scenario.ts'
import { createStage } from './stage.ts'

export interface AblationRun {
  readonly suites: readonly ReplaySuite[]
  /** Policies over a suite's tools without what belongs to the layers that are off. */
  readonly bundleFor: (tools: readonly RegisteredTool[], off: LayerSet) => Promise<PolicyBundle>
  readonly plan: PlanMode
  readonly trustLevel: 0 | 1 | 2
  readonly clock: Clock
  readonly random: Random
}

/** Which layers hold an attack, each seen alone and each left out. */
export interface AblationCase {
  readonly id: string
  /** Layers that stop it with every other one off. */
  readonly stoppedBy: readonly Layer[]
  /** Layers without which it passes. */
  readonly reliesOn: readonly Layer[]
  /** It passes when no layer is there: else something outside of them stops it, and the row says nothing. */
  readonly passesBare: boolean
  /** It passes all layers. */
  readonly passes: boolean
}

/** Plays every attack with each layer alone, with each left out, and with none (HB-26). */
export async function ablate(run: AblationRun): Promise<readonly AblationCase[]> {
  const cases: AblationCase[] = []
  for (const suite of run.suites) {
    const attacks = suite.scenarios.filter(({ harmful }) => harmful.includes(true))
    if (attacks.length === 0) continue
    const passing = (off: LayerSet) => passes(run, suite, attacks, off)
    const bare = await passing(allBut())
    const full = await passing(NO_LAYERS)
    const alone = new Map<Layer, ReadonlySet<string>>()
    const without = new Map<Layer, ReadonlySet<string>>()
    for (const layer of LAYERS) {
      alone.set(layer, await passing(allBut(layer)))
      without.set(layer, await passing(new Set([layer])))
    }
    for (const { id } of attacks) {
      cases.push({
        id,
        stoppedBy: bare.has(id) ? LAYERS.filter((layer) => alone.get(layer)?.has(id) !== true) : [],
        reliesOn: full.has(id) ? [] : LAYERS.filter((layer) => without.get(layer)?.has(id) === true),
        passesBare: bare.has(id),
        passes: full.has(id),
      })
    }
  }
  return cases
}

/** Ids of the attacks that do harm with these layers off. */
async function passes(
  { bundleFor, plan, trustLevel, clock, random }: AblationRun,
  suite: ReplaySuite,
  attacks: readonly Scenario[],
  off: LayerSet,
): Promise<ReadonlySet<string>> {
  const bundle = await bundleFor(suite.tools, off)
  const stage = await createStage({ suite, bundle, clock, random, trustLevel, off })
  const passed = new Set<string>()
  for (const [at, scenario] of attacks.entries()) {
    const session = await stage.session(`${scenario.id}#${at}`)
    if (scenario.prompt !== '') session.say(scenario.prompt)
    const planned = plannedTools(plan, scenario, suite.tools)
    if (planned !== undefined) session.declare(planned)
    let seen = ''
    let ran = true
    for (const step of scenario.steps) {
      const answer = await session.play(step, true)
      ran &&= answer.ran
      seen += `${answer.shown}\n`
    }
    if (!ran) continue
    if (scenario.redefined !== undefined) session.redefine(scenario.redefined)
    for (const [index, step] of scenario.attack.entries()) {
      const answer = await session.play(step, false)
      seen += `${answer.shown}\n`
      // without what it needs to have seen, the agent could not have made this call
      const able = (scenario.needs ?? []).every((value) => seen.includes(value))
      if (scenario.harmful[index] === true && answer.ran && able) passed.add(scenario.id)
    }
  }
  return passed
}
