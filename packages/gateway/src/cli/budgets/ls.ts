import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const COLUMNS = ['name', 'who', 'cycle', 'spent', 'reserved', 'limit'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/budgets')
  const budgets = listOf(answer, 'budgets')
  if (io.json) io.out(JSON.stringify(answer))
  else if (budgets.length === 0) io.err('There are no budgets; docs/guides/budgets.md says how to set one.')
  else {
    const rows = budgets.map((one) => [
      ...COLUMNS.map((key) => textOf(one, key)),
      typeof one['resetsAt'] === 'number' ? new Date(one['resetsAt']).toISOString() : 'with the session',
    ])
    io.out(formatTable(['NAME', 'WHO', 'CYCLE', 'SPENT', 'RESERVED', 'LIMIT', 'FULL AGAIN'], rows))
  }
  return budgets.some(({ spent, limit }) => Number(spent) >= Number(limit)) ? 1 : 0
}
