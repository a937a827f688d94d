import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const COLUMNS = ['name', 'roles', 'origin', 'sessions', 'lastSeenAt', 'addedBy'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/people')
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const people = listOf(answer, 'items')
  if (people.length === 0) {
    io.err('Nobody yet. A human claims this gateway: `sallyport setup-link`, or a PIN by `sallyport init`.')
    return 0
  }
  const rows = people.map((person) => COLUMNS.map((key) => textOf(person, key)))
  io.out(formatTable(['NAME', 'ROLES', 'FROM', 'SESSIONS', 'LAST SEEN', 'ADDED BY'], rows))
  return 0
}
