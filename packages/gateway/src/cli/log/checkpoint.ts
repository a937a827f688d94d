import { isJsonObject, jsonLine } from '@sallyport/core'
import type { CommandRun } from '../command.ts'

/** The note is printed as it is: it is what `log verify --against` and other tools take. */
export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/log/checkpoint')
  if (io.json) io.out(jsonLine(answer).trimEnd())
  else if (isJsonObject(answer) && typeof answer['note'] === 'string') io.out(answer['note'].trimEnd())
  return 0
}
