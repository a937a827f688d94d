import { isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { agentPath, argument } from './answers.ts'

export const run: CommandRun = async (io, args, options) => {
  const name = argument(args, 0, 'name')
  const level = Number(argument(args, 1, 'level'))
  if (level !== 0 && level !== 1 && level !== 2) throw new SallyportError('SP_CLI_USAGE', '<level> is 0, 1 or 2.')
  const { reason: said } = options
  const reason = typeof said === 'string' ? said : ''
  const agent = await io.gateway.request('GET', agentPath(name))
  const send = (proof: JsonObject) => io.gateway.request('POST', agentPath(name, 'trust'), { level, reason, ...proof })
  const raised = isJsonObject(agent) && level > Number(agent['trustLevel'])
  const answer = raised
    ? await withPresence(io, 'agent.trust', { name, level, reason }, (proof) => send({ proof: { ...proof } }), options)
    : await send({})
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(`Agent ${name} has trust level ${level}.`)
  return 0
}
