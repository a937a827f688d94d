import type { RegisteredTool, Rng } from '@sallyport/core'
import type { ReplayStep, ReplaySuite, Scenario } from '../scenario.ts'
import { namesIn } from './look-alike.ts'
import { mapTexts, textsOf, type RoleText } from './roles.ts'

/** A call of an attack with its label for scoring. */
export interface AttackStep extends ReplayStep {
  readonly harmful: boolean
}

/** What a mutation may use: the attacker knows the tools and everything the session has said and shown. */
export interface World {
  readonly scenario: Scenario
  readonly suite: ReplaySuite
  readonly rng: Rng
}

/** Turns the calls of an attack into others with the same harm. Undefined: it does not apply. */
export interface Mutation {
  (attack: readonly AttackStep[], world: World): readonly AttackStep[] | undefined
  /** The value is in pieces: harm is done when all of them are out. */
  readonly together?: true
}

export const pick = <T>(rng: Rng, items: readonly T[]): T | undefined => items[Math.floor(rng() * items.length)]

export const toolNamed = ({ suite }: World, name: string): RegisteredTool | undefined =>
  suite.tools.find((tool) => tool.name === name)

/** Changes texts of the harmful calls; undefined where nothing changed. */
export function changeHarmful(
  attack: readonly AttackStep[],
  world: World,
  change: (text: RoleText, tool: RegisteredTool) => string,
): readonly AttackStep[] {
  return attack.map((step) => {
    const tool = toolNamed(world, step.tool)
    if (!step.harmful || tool === undefined) return step
    return { ...step, args: mapTexts(tool.annotation, step.args, (text) => change(text, tool)) }
  })
}

/** Names that somebody in this session may trust: of the prompt and of the operator's book. */
export const trustedNames = ({ scenario, suite }: World): readonly string[] => [
  ...new Set([...namesIn(scenario.prompt), ...suite.known]),
]

/** Harmless text of the session, for padding. */
export const benignText = ({ scenario }: World): string =>
  [scenario.prompt, ...scenario.steps.slice(0, -1).map(({ output }) => output)].join('\n').slice(0, 8_000)

/** Replaces one harmful call, the last that fits. */
export function replaceLast(
  attack: readonly AttackStep[],
  by: (step: AttackStep) => readonly AttackStep[] | undefined,
): readonly AttackStep[] | undefined {
  for (let at = attack.length - 1; at >= 0; at--) {
    const step = attack[at]
    const others = step?.harmful === true ? by(step) : undefined
    if (others !== undefined) return [...attack.slice(0, at), ...others, ...attack.slice(at + 1)]
  }
  return undefined
}

/** The longest text of a call in a place that carries content. */
export function longestContent(tool: RegisteredTool, step: AttackStep): RoleText | undefined {
  return [...textsOf(tool.annotation, step.args)]
    .filter(({ role }) => role === 'content')
    .sort((a, b) => b.value.length - a.value.length)[0]
}
