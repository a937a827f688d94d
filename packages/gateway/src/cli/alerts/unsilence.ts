import { argument } from '../agents/answers.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, args) => {
  const id = argument(args, 0, 'id')
  const answer = await io.gateway.request('DELETE', `/api/v1/silences/${encodeURIComponent(id)}`)
  io.out(io.json ? safeJson(answer) : 'These alerts are told again.')
  return 0
}
