import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { printSecret } from './print.ts'

export const run: CommandRun = async (io, args) => {
  printSecret(io, await io.gateway.request('GET', `/api/v1/vault/${encodeURIComponent(argument(args, 0, 'name'))}`))
  return 0
}
