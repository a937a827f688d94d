import { argument } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'
import { personPath } from './person-path.ts'

export const run: CommandRun = async (io, args, options) => {
  const name = argument(args, 0, 'name')
  const send = (proof: object) => io.gateway.request('POST', personPath(name, 'remove'), { ...proof })
  const answer = await sendAsOperator(io, 'people.remove', { name }, options, send)
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(`${name} has no access any more.`)
  return 0
}
