import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const RULE = ['name', 'agents', 'hosts', 'requests', 'source'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/egress/rules')
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const [rules, allowed] = [listOf(answer, 'rules'), listOf(answer, 'allowed')]
  if (rules.length === 0) io.err('No rule of egress is in force; profiles of sandboxes may name hosts.')
  else
    io.out(
      formatTable(
        ['RULE', 'FOR', 'HOSTS', 'REQUESTS', 'FROM'],
        rules.map((one) => RULE.map((key) => textOf(one, key))),
      ),
    )
  for (const one of allowed)
    io.err(
      `${textOf(one, 'host')} is allowed until ${new Date(Number(one['until'])).toISOString()} by ${textOf(one, 'by')}.`,
    )
  return 0
}
