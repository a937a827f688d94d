import type { Prepared } from '../../control/policy/prepared.ts'
import { whyNot } from '../../control/policy/prepared.ts'
import { formatIssue } from '../../control/policy/position.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { openFiles } from './open-files.ts'

/** Shares of rules that tests must decide: all denials, 80 % of everything (E-04). */
const ALL_RULES = 0.8

export const run: CommandRun = async (io, args, options) => {
  const { prepared } = await openFiles(io, args)
  const { tests, issues } = prepared
  const errors = issues.filter(({ severity }) => severity === 'error')
  const coverage = coverageOf(prepared)
  const thin = options['coverage'] === true && (coverage.denials < 1 || coverage.all < ALL_RULES)
  if (io.json) {
    io.out(JSON.stringify({ ok: whyNot(prepared) === undefined && !thin, ...tests, errors, coverageRatio: coverage }))
  } else {
    for (const issue of errors) io.err(formatIssue(issue))
    for (const { file, line, col, test, message } of tests.failures)
      io.err(`${file}:${line}:${col} ${test}: ${message}`)
    if (options['coverage'] === true) {
      const rows = tests.coverage.map(({ id, kind, fired, quiet }) => [id, kind, fired, quiet])
      io.out(formatTable(['RULE', 'KIND', 'DECIDED', 'STAYED OUT'], rows))
      const percent = (share: number): string => `${Math.floor(share * 100)} %`
      io.out(`rules ${percent(coverage.all)} (≥ 80 %), denials ${percent(coverage.denials)} (100 %)`)
    }
    io.out(`${tests.passed} passed, ${tests.failures.length} failed`)
  }
  if (errors.length > 0) return 2
  return tests.failures.length > 0 || thin ? 1 : 0
}

/** Base rules are counted only where their own tests or the preset's reach them all: a user's files do not answer for them. */
function coverageOf({ tests, policies }: Prepared): { readonly all: number; readonly denials: number } {
  const own = policies.filter(({ file }) => file !== 'preset:base.cedar')
  const counted = new Set((own.length > 0 ? own : policies).map(({ id }) => id))
  const rows = tests.coverage.filter(({ id }) => counted.has(id))
  const share = (list: typeof rows): number =>
    list.length === 0 ? 1 : list.filter(({ fired }) => fired > 0).length / list.length
  const untested = [...counted].filter((id) => !rows.some((row) => row.id === id)).length
  const all = rows.filter(({ fired }) => fired > 0).length / Math.max(1, rows.length + untested)
  return { all, denials: share(rows.filter(({ kind }) => kind === 'forbid')) }
}
