import type { JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { argument } from './answers.ts'
import { sendAsOperator } from './presence.ts'

export const run: CommandRun = async (io, args, options) => {
  const session = argument(args, 0, 'id')
  const value = argument(args, 1, 'value')
  const path = `/api/v1/sessions/${encodeURIComponent(session)}/endorse`
  const send = (proof: JsonObject) => io.gateway.request('POST', path, { value, ...proof })
  const answer = await sendAsOperator(io, 'flow.endorse', { session, value }, options, send)
  io.out(io.json ? JSON.stringify(answer) : `Calls of this agent may now go to ${JSON.stringify(value)}.`)
  return 0
}
