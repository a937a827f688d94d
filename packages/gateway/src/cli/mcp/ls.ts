import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { listOf, safeJson, textOf } from './answers.ts'

export const run: CommandRun = async (io) => {
  const answer = await io.gateway.request('GET', '/api/v1/mcp/servers')
  if (io.json) {
    io.out(safeJson(answer))
    return 0
  }
  const servers = listOf(answer, 'servers')
  if (servers.length === 0) {
    io.err('No servers. Put one behind the gateway with `sallyport mcp wrap -- COMMAND`, or under `servers:`.')
    return 0
  }
  const rows = servers.map((server) =>
    ['alias', 'transport', 'pinned', 'open', 'target'].map((key) => textOf(server, key)),
  )
  io.out(formatTable(['SERVER', 'BY', 'PINNED', 'OPEN', 'TARGET'], rows))
  return 0
}
