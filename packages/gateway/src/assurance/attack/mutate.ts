import { seeded } from '@sallyport/core'
import { CONTENT_MUTATIONS } from './mutate/content.ts'
import type { Mutation } from './mutate/mutation.ts'
import { ROUTE_MUTATIONS } from './mutate/routes.ts'
import { SINK_MUTATIONS } from './mutate/sinks.ts'
import type { ReplaySuite, Scenario } from './scenario.ts'

/** Everything that an attack is turned into, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = Object.freeze({
  ...CONTENT_MUTATIONS,
  ...SINK_MUTATIONS,
  ...ROUTE_MUTATIONS,
})
const NAMES = Object.keys(MUTATIONS)
/** Between the id of a scenario and the mutation that was applied to it. */
const MARK = '~'

/** The mutation of a variant's id; empty for an original. */
export const mutationOf = (id: string): string => id.slice(id.indexOf(MARK) + 1 || id.length)

/** One variant, or undefined where the mutation does not apply or changes nothing. Same seed, same variant. */
export function mutate(scenario: Scenario, suite: ReplaySuite, name: string, seed: number): Scenario | undefined {
  const mutation = MUTATIONS[name]
  if (mutation === undefined || !scenario.harmful.includes(true)) return undefined
  const rng = seeded(seed ^ hash(scenario.id) ^ hash(name))
  const played = scenario.attack.map((step, at) => ({ ...step, harmful: scenario.harmful[at] === true }))
  const variant = mutation(played, { scenario, suite, rng })
  if (variant === undefined) return undefined
  const attack = variant.map(({ tool, args, output }) => ({ tool, args, output }))
  if (JSON.stringify(attack) === JSON.stringify(scenario.attack)) return undefined
  return {
    ...scenario,
    id: `${scenario.id}${MARK}${name}`,
    attack,
    harmful: variant.map(({ harmful }) => harmful),
    ...(mutation.together === true ? { together: true } : {}),
  }
}

/**
 * Suites with mutated attacks in place of their scenarios, at most `count` in all, spread over attacks and mutations. The same
 * seed gives the same variants; a count that covers everything gives every variant there is.
 */
export function mutateSuites(
  suites: readonly ReplaySuite[],
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly ReplaySuite[] {
  const attacks = suites.flatMap((suite, at) =>
    suite.scenarios.filter(({ harmful }) => harmful.includes(true)).map((scenario) => ({ suite, at, scenario })),
  )
  const total = attacks.length * NAMES.length
  if (total === 0) return []
  const variants: Scenario[][] = suites.map(() => [])
  const stride = strideFor(total, seed)
  let left = count
  for (let n = 0, at = seed % total; n < total && left > 0; n++, at = (at + stride) % total) {
    const attack = attacks[Math.floor(at / NAMES.length)]
    const variant = attack && mutate(attack.scenario, attack.suite, NAMES[at % NAMES.length] ?? '', seed)
    if (attack === undefined || variant === undefined) continue
    variants[attack.at]?.push(variant)
    left--
  }
  return suites
    .map((suite, at) => ({ ...suite, scenarios: variants[at] ?? [] }))
    .filter(({ scenarios }) => scenarios.length > 0)
}

/** A step that visits every place once: coprime to their number. */
function strideFor(total: number, seed: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b))
  let stride = Math.floor(total * 0.618) + (seed % 97) + 1
  while (common(stride, total) > 1) stride++
  return stride
}

/** FNV-1a: spreads names over seeds. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
