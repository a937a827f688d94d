import { countSupply, type SupplyCase } from '../../assurance/attack/supply/case.ts'
import type { CliIo } from '../command.ts'
import { formatTable } from '../output.ts'

/** Writes what became of a suite by category; `everything` adds each case. */
export function printSupply(io: CliIo, suite: string, cases: readonly SupplyCase[], everything: boolean): void {
  io.out(`${suite} against scan, admission and lock`)
  const rows = [...new Set(cases.map(({ category }) => category))].map(
    (category) => [category, cases.filter((each) => each.category === category)] as const,
  )
  io.out(
    formatTable(
      ['', 'attacks', 'stopped', 'PASSED', 'honest', 'HELD', 'not verified'],
      [['all', cases] as const, ...rows].map(([name, some]) => {
        const { attacks, stopped, passed, benign, held, unverified } = countSupply(some)
        return [name, ...[attacks, stopped, passed, benign, held, unverified].map(String)]
      }),
    ),
  )
  for (const { id, category, result, by } of cases) {
    if (result === 'passed') io.out(`PASSED ${category}/${id}: ${by} said nothing`)
    else if (result === 'held') io.out(`HELD ${category}/${id}: ${by}`)
    else if (result === 'unverified') io.out(`NOT VERIFIED ${category}/${id}`)
    else if (everything) io.out(`${result} ${category}/${id}: ${by}`)
  }
}
