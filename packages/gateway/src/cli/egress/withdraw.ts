import { isJsonObject } from '@sallyport/core'
import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, args) => {
  const host = argument(args, 0, 'host')
  const answer = await io.gateway.request('POST', '/api/v1/egress/withdraw', { host })
  const ended = isJsonObject(answer) ? Number(answer['ended']) : 0
  io.out(io.json ? JSON.stringify(answer) : `${ended} ${ended === 1 ? 'permission' : 'permissions'} for ${host} ended.`)
  return ended === 0 ? 1 : 0
}
