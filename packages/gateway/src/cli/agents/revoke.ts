import type { CommandRun } from '../command.ts'
import { agentPath, argument } from './answers.ts'

export const run: CommandRun = async (io, args) => {
  const name = argument(args, 0, 'name')
  const answer = await io.gateway.request('POST', agentPath(name, 'revoke'), {})
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(`Agent ${name} is revoked; what it was running was aborted.`)
  return 0
}
