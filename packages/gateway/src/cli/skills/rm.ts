import { removeSkill } from '../../assurance/admission/decide.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { storeOf } from './room.ts'

export const run: CommandRun = async (io, [name = '']) => {
  const versions = await removeSkill(name, { store: storeOf(io, 'change') })
  if (io.json) io.out(safeJson({ removed: name, versions: versions.map(({ hash }) => hash) }))
  else io.out(`${name} is gone, with ${versions.length} ${versions.length === 1 ? 'version' : 'versions'}.`)
  return 0
}
