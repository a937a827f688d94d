import { formatIssue } from '../../control/policy/position.ts'
import type { CommandRun } from '../command.ts'
import { openFiles } from './open-files.ts'

export const run: CommandRun = async (io, args) => {
  const { prepared } = await openFiles(io, args)
  const errors = prepared.issues.filter(({ severity }) => severity === 'error')
  for (const issue of errors) io.err(formatIssue(issue))
  const own = prepared.policies.filter(({ file }) => file !== 'preset:base.cedar')
  if (io.json)
    io.out(
      JSON.stringify({
        version: prepared.version,
        policies: own.map(({ id, file, line, text }) => ({ id, file, line, text })),
      }),
    )
  else io.out(own.map(({ text }) => text.trimEnd()).join('\n\n'))
  return errors.length > 0 ? 2 : 0
}
