import type { CommandRun } from '../command.ts'
import { safeJson } from './json.ts'

export const run: CommandRun = async (io, [id = ''], options) => {
  const reason = typeof options['reason'] === 'string' ? options['reason'].slice(0, 500) : ''
  const done = await io.gateway.request('POST', `/api/v1/approvals/${encodeURIComponent(id)}/deny`, { reason })
  if (io.json) io.out(safeJson(done))
  else io.err('Denied.')
  return 0
}
