import { SallyportError } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { reasonOf, reviewOf } from './room.ts'

export const run: CommandRun = async (io, [name = ''], options) => {
  const reason = reasonOf(options)
  const { rollback: hash } = await reviewOf(io, name, {})
  if (hash === undefined) throw new SallyportError('SP_SKILL_STATE', `${name} has no earlier version to go back to.`)
  const asked = { hash, reason }
  const answer = await sendAsOperator(io, 'skill.rollback', { name, ...asked }, options, (proof) =>
    io.gateway.request('POST', `/api/v1/skills/${encodeURIComponent(name)}/rollback`, { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else io.out(`${name} is ${shortHash(hash)} again.`)
  return 0
}
