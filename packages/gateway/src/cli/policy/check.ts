import { SallyportError, type ToolForPolicy } from '@sallyport/core'
import { formatIssue } from '../../control/policy/position.ts'
import { whyNot } from '../../control/policy/prepared.ts'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { openFiles, toolsOption } from './open-files.ts'
import { sampleTools } from './sample-tools.ts'

export const run: CommandRun = async (io, args, options) => {
  const given = await toolsOption(io, options)
  const tools: readonly ToolForPolicy[] = given.length > 0 ? given : sampleTools()
  const thorough = options['thorough'] === true
  const { prepared } = await openFiles(io, args, {
    tools,
    ...(thorough ? { check: { budgetMs: 600_000, requests: 200, every: 'bucket' as const } } : {}),
  })
  const problem = whyNot(prepared)
  const { issues, selfCheck, tests, unsupported, inactive } = prepared
  if (io.json) {
    io.out(
      JSON.stringify({
        ok: problem === undefined,
        code: problem?.code ?? null,
        version: prepared.version,
        digest: prepared.digest,
        files: prepared.files,
        policies: prepared.policies.length,
        issues,
        tests: { passed: tests.passed, failures: tests.failures },
        selfCheck,
        stockEngine: unsupported,
        inactive,
      }),
    )
    return problem === undefined ? 0 : exitOf(problem.code)
  }
  for (const issue of issues) io.err(`${issue.severity === 'error' ? '' : 'warning: '}${formatIssue(issue)}`)
  for (const { file, line, col, test, message } of tests.failures) io.err(`${file}:${line}:${col} ${test}: ${message}`)
  for (const difference of selfCheck.disagreements.slice(0, 5)) io.err(`engines disagree: ${difference}`)
  const skipped = selfCheck.skipped.length === 0 ? '' : `, ${selfCheck.skipped.length} not reached in time`
  io.out(
    formatFields([
      ['version', prepared.version],
      ['policies', prepared.policies.length],
      ['tests', `${tests.passed} green, ${tests.failures.length} red`],
      [
        'engines',
        `${selfCheck.policies} policies compared on ${selfCheck.requests} requests in ${selfCheck.ms} ms${skipped}`,
      ],
      ['stock engine', listOf(unsupported, 'none: every policy is compiled')],
      ['waiting', listOf(inactive, 'none')],
      ['result', problem === undefined ? 'ok' : problem.code],
    ]),
  )
  return problem === undefined ? 0 : exitOf(problem.code)
}

const listOf = (table: Readonly<Record<string, string | readonly string[]>>, none: string): string => {
  const entries = Object.entries(table).map(
    ([id, what]) => `${id} (${typeof what === 'string' ? what : what.join(', ')})`,
  )
  return entries.length === 0 ? none : entries.join(', ')
}

const exitOf = (code: 'SP_POLICY_INVALID' | 'SP_POLICY_TEST_FAILED' | 'SP_POLICY_DISAGREE'): number =>
  new SallyportError(code).entry.exit
