import { argument, textOf } from '../agents/answers.ts'
import { safeJson } from '../approvals/json.ts'
import { isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, args) => {
  const id = argument(args, 0, 'id')
  const answer = await io.gateway.request('POST', `/api/v1/alerts/${encodeURIComponent(id)}/take`, {})
  if (io.json) io.out(safeJson(answer))
  else io.out(`Taken by ${isJsonObject(answer) ? textOf(answer, 'holder') : ''}.`)
  return 0
}
