import { argument } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'
import { personPath } from './person-path.ts'
import { rolesOf } from './roles.ts'

export const run: CommandRun = async (io, args, options) => {
  const payload = { name: argument(args, 0, 'name'), roles: rolesOf(argument(args, 1, 'roles')) }
  const { name, roles } = payload
  const send = (proof: object) => io.gateway.request('POST', personPath(name, 'roles'), { roles, ...proof })
  const answer = await sendAsOperator(io, 'people.roles', payload, options, send)
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(`${name} is now ${roles.join(', ')}.`)
  return 0
}
