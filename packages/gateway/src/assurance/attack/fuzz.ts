import { mutationOf } from './mutate.ts'
import type { ReplayCase } from './replay.ts'

/** What became of mutated attacks. */
export interface FuzzBlock {
  readonly seed: number
  readonly attacks: number
  readonly harmfulPassed: number
  readonly asked: number
  readonly stopped: number
  readonly mutations: Readonly<Record<string, { readonly attacks: number; readonly harmfulPassed: number }>>
  /** Every variant that passed, with the call that ran. */
  readonly passed: readonly { readonly id: string; readonly mutation: string; readonly call: string }[]
}

export function fuzzBlock(cases: readonly ReplayCase[], seed: number): FuzzBlock {
  const scored = cases.filter(({ result }) => result !== 'out_of_scope')
  const passed = scored.filter(({ result }) => result === 'passed')
  const mutations: Record<string, { attacks: number; harmfulPassed: number }> = {}
  for (const { id, result } of scored) {
    const count = (mutations[mutationOf(id)] ??= { attacks: 0, harmfulPassed: 0 })
    count.attacks++
    if (result === 'passed') count.harmfulPassed++
  }
  return {
    seed,
    attacks: scored.length,
    harmfulPassed: passed.length,
    asked: scored.filter(({ result }) => result === 'asked').length,
    stopped: scored.length - passed.length,
    mutations: Object.fromEntries(Object.entries(mutations).sort(([a], [b]) => (a < b ? -1 : 1))),
    passed: passed.map(({ id, call }) => ({ id, mutation: mutationOf(id), call })),
  }
}
