import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { listOf, textOf } from './answers.ts'

const COLUMNS = ['name', 'state', 'surface', 'trustLevel', 'effects', 'createdBy', 'keyExpiresAt'] as const

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/agents')
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const agents = listOf(answer, 'agents')
  if (agents.length === 0) {
    io.err('No agents. Add one with `sallyport agents add NAME`.')
    return 0
  }
  const rows = agents.map((agent) => COLUMNS.map((key) => textOf(agent, key)))
  io.out(formatTable(['AGENT', 'STATE', 'SURFACE', 'TRUST', 'EFFECTS', 'ADDED BY', 'KEY ENDS'], rows))
  return 0
}
