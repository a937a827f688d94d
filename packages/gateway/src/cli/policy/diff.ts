import { diffPolicies, isEmptyDiff, SallyportError, wideningReasons, type PolicyDiff } from '@sallyport/core'
import { whyNot } from '../../control/policy/prepared.ts'
import type { CommandRun } from '../command.ts'
import { openFiles } from './open-files.ts'

export const run: CommandRun = async (io, [before = '', after = '']) => {
  const [a, b] = [await openFiles(io, [before]), await openFiles(io, [after])]
  for (const { prepared } of [a, b]) {
    const problem = whyNot(prepared)
    if (problem?.code === 'SP_POLICY_INVALID') throw new SallyportError(problem.code, problem.text)
  }
  const diff = diffPolicies(a.prepared.policies, b.prepared.policies)
  const widening = wideningReasons(a.prepared.policies, b.prepared.policies)
  if (io.json) io.out(JSON.stringify({ ...diff, widening }))
  else io.out(formatDiff(diff, widening))
  return isEmptyDiff(diff) ? 0 : 1
}

/** A diff for people: what came, what went, what changed in what, and what may be allowed more. */
export function formatDiff(diff: PolicyDiff, widening: readonly string[]): string {
  if (isEmptyDiff(diff)) return 'no difference'
  const lines = [
    ...diff.rulesAdded.map((rule) => `+ ${rule}`),
    ...diff.rulesRemoved.map((rule) => `- ${rule}`),
    ...diff.rulesModified.map((rule) => `~ ${rule}`),
  ]
  for (const { rule, field, old, new: now } of diff.detailedChanges) {
    lines.push(`  ${rule} ${field}`, ...indent('-', old), ...indent('+', now))
  }
  lines.push(widening.length === 0 ? 'only narrows' : 'may allow more:', ...widening.map((reason) => `! ${reason}`))
  return lines.join('\n')
}

const indent = (mark: string, text: string): readonly string[] =>
  text === '' ? [] : text.split('\n').map((line) => `    ${mark} ${line}`)
