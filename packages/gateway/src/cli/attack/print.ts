import { LAYERS } from '../../assurance/attack/layers.ts'
import type { ReplayCase } from '../../assurance/attack/replay.ts'
import { block, type ReplayBlock } from '../../assurance/attack/summary.ts'
import type { CliIo } from '../command.ts'
import { formatTable } from '../output.ts'
import { suitesOf, type AttackOutcome } from './report.ts'

/** More suites than this are counted together: the shipped incidents are one suite each. */
const ROWS = 8

/** Writes what `attack` found as tables; `everything` adds every question that honest work was asked. */
export function printAttack(io: CliIo, outcome: AttackOutcome, everything: boolean): void {
  const { suite, plan, preset, trustLevel, cases, fuzz, ablation } = outcome
  const bound = plan === 'oracle' ? ' (an upper bound)' : ''
  io.out(`${suite} against ${preset} · plan: ${plan}${bound} · trust level ${trustLevel}`)
  io.out(countsTable(cases))
  for (const each of cases.filter(({ kind, result }) => result === 'passed' && isAttack(kind))) {
    io.out(`PASSED ${each.id}: ${each.call}`)
  }
  for (const { id, call, policy, denied } of cases.filter(({ kind }) => kind === 'clean')) {
    if (denied > 0) io.out(`DENIED ${id}: ${call} by ${policy.join(', ')}`)
  }
  if (everything) {
    for (const { id, asked } of cases.filter(({ kind }) => kind === 'clean')) {
      for (const { tool, args, policy } of asked)
        io.out(`asked ${id}: ${tool} ${args.slice(0, 200)} by ${policy.join(', ')}`)
    }
  }
  if (fuzz !== undefined) {
    io.out('')
    io.out(`${fuzz.attacks} mutated attacks (seed ${fuzz.seed}), ${fuzz.harmfulPassed} passed`)
    const rows = Object.entries(fuzz.mutations).map(([name, { attacks, harmfulPassed }]) => [
      name,
      attacks,
      harmfulPassed,
    ])
    io.out(formatTable(['mutation', 'attacks', 'harm passed'], rows))
    for (const { id, call } of fuzz.passed) io.out(`PASSED ${id}: ${call}`)
  }
  if (ablation !== undefined) {
    io.out('')
    io.out(
      formatTable(
        ['stopped by each of these alone', ...LAYERS, 'relies on'],
        ablation.map(({ id, stoppedBy, reliesOn, passesBare, passes }) => [
          passesBare ? id : `${id} (not by layers)`,
          ...LAYERS.map((layer) => (stoppedBy.includes(layer) ? 'x' : '')),
          passes ? 'PASSED' : reliesOn.join(', '),
        ]),
      ),
    )
  }
}

function countsTable(cases: readonly ReplayCase[]): string {
  const names = suitesOf(cases)
  const rows: readonly (readonly [string, ReplayBlock])[] = [
    ['all', block(cases)],
    ...(names.length > ROWS ? [] : names).map(
      (name) => [name, block(cases.filter((each) => each.suite === name))] as const,
    ),
    ['poisoned', block(cases, 'poisoned')],
    ['recorded', block(cases, 'recorded_benign')],
  ]
  return formatTable(
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
  )
}

const isAttack = (kind: ReplayCase['kind']): boolean => !['clean', 'poisoned', 'recorded_benign'].includes(kind)
