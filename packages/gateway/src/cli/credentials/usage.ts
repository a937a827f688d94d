import { jsonLine } from '@sallyport/core'
import { textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { itemsOf, recordOf } from '../log/record-row.ts'
import { formatTable } from '../output.ts'

const COLUMNS = [
  'timestamp',
  'operation',
  'credential',
  'requestingIdentity',
  'method',
  'host',
  'path',
  'error',
] as const

export const run: CommandRun = async (io, _args, { limit = '50' }) => {
  const answer = await io.gateway.request(
    'GET',
    `/api/v1/log?kind=credential&newest=true&limit=${encodeURIComponent(String(limit))}`,
  )
  if (io.json) {
    io.out(jsonLine(answer).trimEnd())
    return 0
  }
  const done = itemsOf(answer)
    .map(recordOf)
    .filter(({ operation }) => operation !== 'intent')
  const rows = done.map((record) => COLUMNS.map((key) => textOf(record, key)))
  if (rows.length === 0) io.err('Nothing was done with a credential yet.')
  else io.out(formatTable(['TIME', 'WHAT', 'CREDENTIAL', 'WHO', 'METHOD', 'HOST', 'PATH', 'REFUSED'], rows))
  return 0
}
