import { jsonLine } from '@sallyport/core'
import { textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { itemsOf, recordOf } from '../log/record-row.ts'
import { formatTable } from '../output.ts'

const COLUMNS = ['timestamp', 'sandbox', 'verdict', 'target', 'reason', 'rule'] as const

export const run: CommandRun = async (io, _args, { limit = '50', refused }) => {
  const query = new URLSearchParams({ kind: 'egress', newest: 'true', limit: String(limit) })
  const answer = await io.gateway.request('GET', `/api/v1/log?${query.toString()}`)
  const records = itemsOf(answer)
    .map((item) => recordOf(item))
    .filter(({ verdict }) => refused !== true || verdict === 'refused')
  if (io.json) for (const record of records) io.out(jsonLine(record).trimEnd())
  else if (records.length === 0) io.err('Nothing has left a sandbox yet.')
  else {
    const rows = records.map((record) => COLUMNS.map((key) => textOf(record, key)))
    io.out(formatTable(['TIME', 'SANDBOX', 'VERDICT', 'TARGET', 'REASON', 'RULE'], rows))
  }
  return 0
}
