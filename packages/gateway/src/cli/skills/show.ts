import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { printHistory, printReview } from './print.ts'
import { asJson, reviewOf } from './room.ts'

export const run: CommandRun = async (io, [name = ''], options) => {
  const review = await reviewOf(io, name, options)
  if (io.json) {
    io.out(safeJson(asJson(review)))
    return 0
  }
  const { against: _, ...own } = review
  printReview(io, own, 200)
  printHistory(io, review)
  return 0
}
