import { SallyportError, type PolicyBundle, type RegisteredTool } from '@sallyport/core'
import { ablate } from '../../assurance/attack/ablation.ts'
import { fuzzBlock } from '../../assurance/attack/fuzz.ts'
import { NO_LAYERS, policiesWithout, type LayerSet } from '../../assurance/attack/layers.ts'
import { mutateSuites } from '../../assurance/attack/mutate.ts'
import { replay, type ReplayRun } from '../../assurance/attack/run-replay.ts'
import type { PlanMode } from '../../assurance/attack/replay.ts'
import { block } from '../../assurance/attack/summary.ts'
import { systemClock } from '../../clock.ts'
import { bundleOf } from '../../control/policy/bundle-of.ts'
import { whyNot, type Prepared } from '../../control/policy/prepared.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { openFiles } from '../policy/open-files.ts'
import { printAttack } from './print.ts'
import { attackReport, type AttackOutcome } from './report.ts'
import { readSuites } from './suites.ts'
import { attackLater, attackSupply, LATER_SUITES, SUPPLY_SUITES } from './supply.ts'

const TRUST_LEVEL = 2
const PLANS: readonly string[] = ['none', 'prompt', 'oracle'] satisfies readonly PlanMode[]
/** Loading a policy checks it thoroughly; here it is loaded for every suite. */
const CHECK = { budgetMs: 50, requests: 1, every: 'bucket' } as const
/** Variants that `--fuzz` plays without a number: all of the shipped incidents, a sample of the large suites. */
const VARIANTS = 2_000

export const run: CommandRun = async (io, _args, options) => {
  const suite = text(options, 'suite', 'incidents')
  const supply = SUPPLY_SUITES.find((name) => name === suite)
  if (supply !== undefined) return attackSupply(io, supply, options)
  if (LATER_SUITES.includes(suite)) return attackLater(io, suite)
  const plan = text(options, 'plan', 'none')
  if (!PLANS.includes(plan)) throw new SallyportError('SP_CLI_USAGE', `--plan is one of ${PLANS.join(', ')}.`)
  const policy = options['policy']
  const sources = Array.isArray(policy)
    ? (policy as readonly string[])
    : [`preset:${text(options, 'preset', 'balanced')}`]
  const [variants, seed] = [number(options, 'fuzz', VARIANTS), number(options, 'seed', 1) ?? 1]
  const suites = readSuites(io, suite, options['data'])
  const policies = new Policies(io, sources)
  const base: ReplayRun = {
    suites,
    bundleFor: (tools) => policies.over(tools, NO_LAYERS),
    plan: plan as PlanMode,
    trustLevel: TRUST_LEVEL,
    clock: systemClock,
    random: systemRandom,
    onProgress: io.isTerminal ? (done, of) => void (done % 500 === 0 && io.err(`${done} of ${of}`)) : () => undefined,
  }
  const cases = await replay(base)
  const mutated =
    variants === undefined ? [] : await replay({ ...base, suites: mutateSuites(suites, { count: variants, seed }) })
  const outcome: AttackOutcome = {
    suite,
    plan,
    preset: Array.isArray(policy) ? sources.join(' ') : text(options, 'preset', 'balanced'),
    trustLevel: TRUST_LEVEL,
    cases,
    ...(variants === undefined ? {} : { fuzz: fuzzBlock(mutated, seed) }),
    ...(options['ablate'] === true
      ? { ablation: await ablate({ ...base, bundleFor: (tools, off) => policies.over(tools, off) }) }
      : {}),
  }
  if (io.json) io.out(JSON.stringify(attackReport(outcome)))
  else printAttack(io, outcome, options['cases'] === true)
  const { harmfulPassed, benignDenied } = block(cases)
  return harmfulPassed + benignDenied + (outcome.fuzz?.harmfulPassed ?? 0) > 0 ? 1 : 0
}

/** Prepares policies once for a list of tools, whatever is left out of them afterwards. */
class Policies {
  readonly #io: CliIo
  readonly #sources: readonly string[]
  #tools: readonly RegisteredTool[] = []
  #prepared = new Map<boolean, Promise<Prepared>>()

  constructor(io: CliIo, sources: readonly string[]) {
    this.#io = io
    this.#sources = sources
  }

  /** Without the preset, `open` stands in its place, which lets through. */
  async over(tools: readonly RegisteredTool[], off: LayerSet): Promise<PolicyBundle> {
    if (tools !== this.#tools) this.#prepared.clear()
    this.#tools = tools
    const open = off.has('preset')
    const prepared = this.#prepared.get(open) ?? this.#prepare(open ? ['preset:open'] : this.#sources)
    this.#prepared.set(open, prepared)
    const { policies, ...rest } = await prepared
    const options = { name: 'attack', protectedPaths: [] }
    return bundleOf({ ...rest, policies: policiesWithout(policies, off) }, tools, options)
  }

  async #prepare(sources: readonly string[]): Promise<Prepared> {
    const { prepared } = await openFiles(this.#io, sources, { tools: this.#tools, check: CHECK })
    const problem = whyNot(prepared)
    if (problem !== undefined) throw new SallyportError(problem.code, problem.text)
    return prepared
  }
}

const text = (options: CliOptions, name: string, otherwise: string): string => {
  const value = options[name]
  return typeof value === 'string' ? value : otherwise
}

/** A count; undefined when the option was not given, `otherwise` when it was given without a value. */
function number(options: CliOptions, name: string, otherwise: number): number | undefined {
  const value = options[name]
  if (value === undefined || value === false) return undefined
  if (value === true) return otherwise
  const count = Number(value)
  if (!Number.isSafeInteger(count) || count < 0)
    throw new SallyportError('SP_CLI_USAGE', `--${name} is a whole number.`)
  return count
}
