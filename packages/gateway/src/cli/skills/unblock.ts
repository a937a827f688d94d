import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { blockTarget } from './block.ts'
import { reasonOf } from './room.ts'

export const run: CommandRun = async (io, [name], options) => {
  const asked = { ...blockTarget(name, options), reason: reasonOf(options) }
  const answer = await sendAsOperator(io, 'skill.unblock', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/skill-rules/unblock', { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else io.out('Unblocked. What it put out of force stays so until somebody reviews it.')
  return 0
}
