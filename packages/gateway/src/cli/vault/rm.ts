import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { printSecret } from './print.ts'

export const run: CommandRun = async (io, args, { reason }) => {
  const path = `/api/v1/vault/${encodeURIComponent(argument(args, 0, 'name'))}/revoke`
  printSecret(io, await io.gateway.request('POST', path, typeof reason === 'string' ? { reason } : {}))
  return 0
}
