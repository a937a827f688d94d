import { argument } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'
import { rolesOf } from './roles.ts'

export const run: CommandRun = async (io, args, options) => {
  const name = argument(args, 0, 'name')
  const wanted = options['role']
  const payload = { name, roles: rolesOf(typeof wanted === 'string' ? wanted : 'viewer') }
  const send = (proof: object) => io.gateway.request('POST', '/api/v1/people', { ...payload, ...proof })
  const answer = await sendAsOperator(io, 'people.add', payload, options, send)
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(`${name} was added. An invitation for their first sign-in: \`sallyport setup-link --for ${name}\`.`)
  return 0
}
