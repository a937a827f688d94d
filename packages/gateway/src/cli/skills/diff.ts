import { changeLines } from '../../assurance/admission/changes.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { printLines, shortHash } from './print.ts'
import { asJson, reviewOf } from './room.ts'

/** `skills diff NAME`: 0 the same, or nothing to compare with · 1 it differs. */
export const run: CommandRun = async (io, [name = ''], options) => {
  const { version, against } = await reviewOf(io, name, options)
  if (io.json) io.out(safeJson(asJson({ name, hash: version.hash, against: against ?? null })))
  else if (against === undefined) io.err(`There is no other version of ${name} that was in force.`)
  else {
    io.out(`${name}: ${shortHash(version.hash)} (${version.state}) against ${shortHash(against.hash)}`)
    printLines(io, changeLines(against.changes))
  }
  return against === undefined ? 0 : 1
}
