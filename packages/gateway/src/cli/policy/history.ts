import type { PolicyChange } from '../../control/policy/history.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const FILTERS = ['from', 'to', 'action', 'source', 'actor', 'limit'] as const

export const run: CommandRun = async (io, _args, options) => {
  const query = FILTERS.flatMap((name) => {
    const value = options[name]
    return typeof value === 'string' ? [`${name}=${encodeURIComponent(value)}`] : []
  })
  const path = `/api/v1/policy/history${query.length > 0 ? `?${query.join('&')}` : ''}`
  const { changes } = (await io.gateway.request('GET', path)) as unknown as { changes: readonly PolicyChange[] }
  if (io.json) {
    io.out(JSON.stringify({ changes }))
    return 0
  }
  const rows = changes.map(({ number, timestamp, action, source, actor, newVersion, diff, valid, error }) => [
    number === 0 ? '-' : number,
    timestamp,
    action,
    source,
    actor,
    newVersion,
    valid
      ? `+${diff.rulesAdded.length} -${diff.rulesRemoved.length} ~${diff.rulesModified.length}`
      : `refused: ${(error ?? '').slice(0, 80)}`,
  ])
  io.out(formatTable(['LOAD', 'TIME', 'ACTION', 'SOURCE', 'ACTOR', 'VERSION', 'CHANGE'], rows))
  return 0
}
