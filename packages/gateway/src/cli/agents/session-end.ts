import { isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { argument, textOf } from './answers.ts'

export const run: CommandRun = async (io, args, options) => {
  const id = argument(args, 0, 'id')
  const { reason } = options
  const path = `/api/v1/sessions/${encodeURIComponent(id)}/end`
  const answer = await io.gateway.request('POST', path, { reason: typeof reason === 'string' ? reason : '' })
  if (io.json || !isJsonObject(answer)) io.out(JSON.stringify(answer))
  else
    io.err(
      `Session ${id} of ${textOf(answer, 'agent')} is over. Its agent goes on; \`sallyport kill --agent\` stops it.`,
    )
  return 0
}
