import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { listSkills, reasonOf, reviewOf } from './room.ts'

/** The second decision (E-80): what serves inside serves visitors too. */
export const run: CommandRun = async (io, [name = ''], options) => {
  const reason = reasonOf(options)
  const inside = (await listSkills(io)).skills.find((row) => row.name === name && row.serves === 'internal')
  const hash =
    options['hash'] === undefined && inside !== undefined
      ? inside.hash
      : (await reviewOf(io, name, options)).version.hash
  const asked = { hash, reason }
  const answer = await sendAsOperator(io, 'skill.promote', { name, ...asked }, options, (proof) =>
    io.gateway.request('POST', `/api/v1/skills/${encodeURIComponent(name)}/promote`, { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else io.out(`${name} ${shortHash(hash)} serves everybody.`)
  return 0
}
