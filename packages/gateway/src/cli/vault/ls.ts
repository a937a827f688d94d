import { isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { listOf, textOf } from '../agents/answers.ts'
import { formatTable } from '../output.ts'
import { datesOf } from './print.ts'

const COLUMNS = ['name', 'type', 'state', 'version', 'expiresAt', 'usedBy'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/vault')
  const secrets = listOf(answer, 'secrets')
  const refused = isJsonObject(answer) && Array.isArray(answer['refused']) ? answer['refused'] : []
  if (!io.json && refused.length > 0)
    io.err(`Refused, because they are older than they were, or not written by this gateway: ${refused.join(', ')}.`)
  if (io.json) io.out(JSON.stringify(answer))
  else if (secrets.length === 0) io.err('The vault is empty. Put a value in with `sallyport vault set NAME`.')
  else {
    const rows = secrets.map((secret) => COLUMNS.map((key) => textOf({ ...secret, ...datesOf(secret) }, key)))
    io.out(formatTable(['VALUE', 'TYPE', 'STATE', 'VERSION', 'ENDS', 'USED BY'], rows))
  }
  return 0
}
