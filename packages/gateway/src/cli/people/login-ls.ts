import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const COLUMNS = ['id', 'operator', 'method', 'address', 'createdAt', 'lastActivityAt', 'endsAt'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/logins')
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const logins = listOf(answer, 'items')
  if (logins.length === 0) {
    io.err('Nobody is signed in to the console.')
    return 0
  }
  const rows = logins.map((login) => COLUMNS.map((key) => textOf(login, key)))
  io.out(formatTable(['SESSION', 'PERSON', 'BY', 'FROM', 'SINCE', 'LAST ACTIVITY', 'ENDS'], rows))
  return 0
}
