import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { agentdojoSuites } from '../../assurance/attack/agentdojo.ts'
import { ReplayFolder } from '../../assurance/attack/folder.ts'
import { injecagentSuites } from '../../assurance/attack/injecagent.ts'
import { replay } from '../../assurance/attack/run-replay.ts'
import type { PlanMode, ReplayCase } from '../../assurance/attack/replay.ts'
import type { ReplaySuite } from '../../assurance/attack/scenario.ts'
import { block, type ReplayBlock } from '../../assurance/attack/summary.ts'
import { systemClock } from '../../clock.ts'
import { bundleOf } from '../../control/policy/bundle-of.ts'
import { whyNot } from '../../control/policy/prepared.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { openFiles } from '../policy/open-files.ts'

const TRUST_LEVEL = 2
const SUITES: Readonly<Record<string, (folder: ReplayFolder) => readonly ReplaySuite[]>> = {
  agentdojo: agentdojoSuites,
  injecagent: injecagentSuites,
}
const PLANS: readonly string[] = ['none', 'prompt', 'oracle'] satisfies readonly PlanMode[]

export const run: CommandRun = async (io, _args, options) => {
  const name = text(options, 'suite', 'agentdojo')
  const plan = text(options, 'plan', 'none')
  if (!PLANS.includes(plan)) throw new SallyportError('SP_CLI_USAGE', `--plan is one of ${PLANS.join(', ')}.`)
  const preset = text(options, 'preset', 'balanced')
  const policy = options['policy']
  const sources = Array.isArray(policy) ? (policy as readonly string[]) : [`preset:${preset}`]
  const suites = readSuites(io, name, options['data'])
  const cases = await replay({
    suites,
    bundleFor: async (tools) => {
      const { prepared } = await openFiles(io, sources, { tools })
      const problem = whyNot(prepared)
      if (problem !== undefined) throw new SallyportError(problem.code, problem.text)
      return bundleOf(prepared, tools, { name: 'attack', protectedPaths: [] })
    },
    plan: plan as PlanMode,
    trustLevel: TRUST_LEVEL,
    clock: systemClock,
    random: systemRandom,
    onProgress: io.isTerminal ? (done, of) => void (done % 500 === 0 && io.err(`${done} of ${of}`)) : () => undefined,
  })
  const total = block(cases)
  const failed = total.harmfulPassed > 0 || total.benignDenied > 0
  if (io.json) io.out(JSON.stringify(report(name, plan, Array.isArray(policy) ? sources.join(' ') : preset, cases)))
  else print(io, name, plan, sources, cases, options['cases'] === true)
  return failed ? 1 : 0
}

const text = (options: CliOptions, name: string, otherwise: string): string => {
  const value = options[name]
  return typeof value === 'string' ? value : otherwise
}

function readSuites(io: CliIo, name: string, directory: CliOptions[string]): readonly ReplaySuite[] {
  const read = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined
  if (read === undefined)
    throw new SallyportError('SP_CLI_USAGE', `--suite is one of ${Object.keys(SUITES).join(', ')}.`)
  if (typeof directory !== 'string') throw new SallyportError('SP_CLI_USAGE', `The suite ${name} needs --data.`)
  try {
    return read(new ReplayFolder(resolve(io.cwd, directory)))
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_ATTACK_DATA', String(cause).slice(0, 400), { cause })
  }
}

const suitesOf = (cases: readonly ReplayCase[]): readonly string[] => [...new Set(cases.map(({ suite }) => suite))]

function report(suite: string, plan: string, preset: string, cases: readonly ReplayCase[]) {
  const bySuite = Object.fromEntries(
    suitesOf(cases).map((name) => [name, block(cases.filter((each) => each.suite === name))]),
  )
  return {
    summary: { suite, plan, preset, trustLevel: TRUST_LEVEL, ...block(cases), upperBoundOnly: plan === 'oracle' },
    suites: bySuite,
    poisoned: block(cases, 'poisoned'),
    recordedBenign: block(cases, 'recorded_benign'),
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

function print(
  io: CliIo,
  suite: string,
  plan: string,
  sources: readonly string[],
  cases: readonly ReplayCase[],
  everything: boolean,
): void {
  io.out(
    `${suite} against ${sources.join(', ')} · plan: ${plan}${plan === 'oracle' ? ' (an upper bound)' : ''} · trust level 2`,
  )
  const rows: readonly (readonly [string, ReplayBlock])[] = [
    ['all', block(cases)],
    ...suitesOf(cases).map((name) => [name, block(cases.filter((each) => each.suite === name))] as const),
    ['poisoned', block(cases, 'poisoned')],
    ['recorded', block(cases, 'recorded_benign')],
  ]
  io.out(
    formatTable(
      ['', 'tasks', 'no question', 'questions', 'side effects', 'denied', 'attacks', 'harm passed', 'fully', 'at read'],
      rows.map(([name, b]) => [
        name,
        String(b.tasks),
        b.tasks === 0 ? '' : `${b.tasksWithoutQuestion} (${Math.round((100 * b.tasksWithoutQuestion) / b.tasks)} %)`,
        String(b.questions),
        String(b.sideEffectCalls),
        String(b.benignDenied),
        String(b.attacks),
        String(b.harmfulPassed),
        String(b.fullPassed),
        String(b.stoppedAtRead),
      ]),
    ),
  )
  for (const each of cases.filter(({ kind, result }) => result === 'passed' && isAttack(kind))) {
    io.out(`PASSED ${each.id}: ${each.call}`)
  }
  if (!everything) return
  for (const { id, asked } of cases.filter(({ kind }) => kind === 'clean')) {
    for (const { tool, args, policy } of asked)
      io.out(`asked ${id}: ${tool} ${args.slice(0, 200)} by ${policy.join(', ')}`)
  }
}

const isAttack = (kind: ReplayCase['kind']): boolean => !['clean', 'poisoned', 'recorded_benign'].includes(kind)
