import type { CommandRun } from '../command.ts'
import { agentPath, argument } from './answers.ts'
import { sendAsOperator } from './presence.ts'
import { printKey } from './print-key.ts'

export const run: CommandRun = async (io, args, options) => {
  const name = argument(args, 0, 'name')
  const answer = await sendAsOperator(io, 'agent.rotate-key', { name }, options, (proof) =>
    io.gateway.request('POST', agentPath(name, 'rotate-key'), proof),
  )
  printKey(io, answer)
  return 0
}
