import { SallyportError, type Json } from '@sallyport/core'
import { rejectSkill } from '../../assurance/admission/decide.ts'
import { systemClock } from '../../clock.ts'
import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { printReview, shortHash } from './print.ts'
import { accountName, asJson, reasonOf, reviewOf, storeOf } from './room.ts'

/** Shows a skill and, with `--approve` or `--reject`, decides about exactly the hash it showed (HB-31). */
export const run: CommandRun = async (io, [name = ''], options) => {
  const { approve, reject } = options
  if (approve === true && reject === true)
    throw new SallyportError('SP_CLI_USAGE', 'Say --approve or --reject, not both.')
  const decides = approve === true || reject === true
  const reason = decides ? reasonOf(options) : ''
  const review = await reviewOf(io, name, options)
  const { hash } = review.version
  if (!decides) {
    if (io.json) io.out(safeJson(asJson(review)))
    else printReview(io, review)
    if (review.version.state === 'pending_review')
      io.err(`\nDecide with --approve or --reject and --reason TEXT, about --hash ${shortHash(hash)}.`)
    return 0
  }
  if (reject === true) {
    const answer = await refuse(io, { name, hash, reason })
    if (io.json) io.out(safeJson(answer))
    else io.out(`${name} ${shortHash(hash)} is refused.`)
    return 0
  }
  // whoever agrees has seen it
  if (!io.json) printReview(io, review)
  const asked = { hash, reason, requiresApproval: options['requiresApproval'] === true }
  const answer = await sendAsOperator(io, 'skill.approve', { name, ...asked }, options, (proof) =>
    io.gateway.request('POST', `/api/v1/skills/${encodeURIComponent(name)}/approve`, { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else io.out(`${name} ${shortHash(hash)} serves inside.`)
  return 0
}

/** Refusing needs nobody's agreement. */
async function refuse(
  io: CliIo,
  decision: { readonly name: string; readonly hash: string; readonly reason: string },
): Promise<Json> {
  const { name, ...asked } = decision
  if (await io.gateway.alive())
    return io.gateway.request('POST', `/api/v1/skills/${encodeURIComponent(name)}/reject`, asked)
  const deps = { store: storeOf(io, 'change'), clock: systemClock }
  return asJson(await rejectSkill({ ...decision, by: accountName() }, deps))
}
