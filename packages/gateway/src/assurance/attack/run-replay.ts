import type { PolicyBundle, RegisteredTool } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import { playScenario, type PlanMode, type ReplayCase } from './replay.ts'
import type { ReplaySuite } from './scenario.ts'
import { createStage } from './stage.ts'

export interface ReplayRun {
  readonly suites: readonly ReplaySuite[]
  /** Policies as buckets over a suite's tools. */
  readonly bundleFor: (tools: readonly RegisteredTool[]) => Promise<PolicyBundle>
  readonly plan: PlanMode
  readonly trustLevel: 0 | 1 | 2
  readonly clock: Clock
  readonly random: Random
  readonly onProgress?: (done: number, of: number) => void
}

/** Plays every scenario of every suite, each in an agent instance of its own. */
export async function replay(run: ReplayRun): Promise<readonly ReplayCase[]> {
  const { clock, random, trustLevel, plan } = run
  const of = run.suites.reduce((n, { scenarios }) => n + scenarios.length, 0)
  const cases: ReplayCase[] = []
  for (const suite of run.suites) {
    const stage = await createStage({ suite, bundle: await run.bundleFor(suite.tools), clock, random, trustLevel })
    for (const scenario of suite.scenarios) {
      const session = await stage.session(`${scenario.id}#${cases.length}`)
      cases.push(await playScenario(scenario, suite, session, { plan, monotonic: () => clock.monotonic() }))
      run.onProgress?.(cases.length, of)
    }
  }
  return cases
}
