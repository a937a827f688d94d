import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { datesOf } from '../vault/print.ts'

const COLUMNS = ['credential', 'holder', 'instance', 'since', 'expiresAt', 'uses'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/leases')
  const leases = listOf(answer, 'leases')
  const takenBack = listOf(answer, 'takenBack')
  if (!io.json && takenBack.length > 0) {
    const words = takenBack.map((each) => textOf(each, 'credential') || textOf(each, 'holder') || 'all')
    io.err(`Taken back: ${words.join(', ')}. \`sallyport credentials grant\` gives again.`)
  }
  if (io.json) io.out(JSON.stringify(answer))
  else if (leases.length === 0) io.err('No credential is lent now.')
  else {
    const rows = leases.map((lease) => COLUMNS.map((key) => textOf({ ...lease, ...datesOf(lease) }, key)))
    io.out(formatTable(['CREDENTIAL', 'HOLDER', 'INSTANCE', 'SINCE', 'ENDS', 'USES'], rows))
  }
  return 0
}
