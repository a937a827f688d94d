import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { listOf, textOf } from './answers.ts'

const COLUMNS = ['id', 'agent', 'ingress', 'hint', 'state', 'calls', 'lastActivityAt'] as const

export const run: CommandRun = async (io, _args, options) => {
  const { agent } = options
  const filter = typeof agent === 'string' ? `?agent=${encodeURIComponent(agent)}` : ''
  const answer = await io.gateway.request('GET', `/api/v1/sessions${filter}`)
  if (io.json) {
    io.out(JSON.stringify(answer))
    return 0
  }
  const sessions = listOf(answer, 'sessions')
  if (sessions.length === 0) {
    io.err('No sessions.')
    return 0
  }
  const rows = sessions.map((session) => COLUMNS.map((key) => textOf(session, key)))
  io.out(formatTable(['SESSION', 'AGENT', 'BY', 'CALLED', 'STATE', 'CALLS', 'LAST'], rows))
  return 0
}
