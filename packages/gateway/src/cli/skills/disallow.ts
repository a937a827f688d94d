import { disallowSkill } from '../../assurance/admission/decide.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { storeOf } from './room.ts'

export const run: CommandRun = async (io, [name = '']) => {
  await disallowSkill(name, { store: storeOf(io, 'change') })
  if (io.json) io.out(safeJson({ disallowed: name }))
  else io.out(`Nothing called ${name} comes in without a review. What is in force stays; \`skills rm\` takes it away.`)
  return 0
}
