import { agentName, isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { listOf, textOf } from './answers.ts'

export const run: CommandRun = async (io, _args, options) => {
  const { agent, all, resume, reason: said } = options
  if ((typeof agent === 'string') === (all === true)) {
    throw new SallyportError('SP_CLI_USAGE', 'Say which: --agent NAME or --all.')
  }
  const target: JsonObject = typeof agent === 'string' ? { agent: agentName(agent) } : { all: true }
  const reason = typeof said === 'string' ? said : ''
  const payload = { ...target, reason }
  const send = (path: string, proof: JsonObject) => io.gateway.request('POST', path, { ...payload, ...proof })
  const answer =
    resume === true
      ? await withPresence(
          io,
          'kill.resume',
          payload,
          (proof) => send('/api/v1/kill/resume', { proof: { ...proof } }),
          options,
        )
      : await send('/api/v1/kill', {})
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const whom = typeof agent === 'string' ? `Agent ${agent}` : 'Every agent'
  if (resume !== true) {
    const at = isJsonObject(answer) ? textOf(answer, 'at') : ''
    io.err(`${whom} is stopped since ${at}. Lift it with \`sallyport kill --resume\`.`)
    return 0
  }
  const still = listOf(answer, 'on').map((state) => textOf(state, 'target'))
  io.err(`${whom} may go on.${still.length === 0 ? '' : ` Still stopped: ${still.join(', ')}.`}`)
  return 0
}
