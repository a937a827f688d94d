import { isJsonObject, SallyportError } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, ids, options) => {
  const reason = options['reason']
  if (typeof reason !== 'string') throw new SallyportError('SP_CLI_USAGE', 'Say why with --reason.')
  const asked = { ids: [...ids], reason }
  const answer = await sendAsOperator(io, 'alerts.resolve', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/alerts/resolve', { ...asked, ...proof }),
  )
  const resolved = isJsonObject(answer) && Array.isArray(answer['resolved']) ? answer['resolved'].length : 0
  if (io.json) io.out(safeJson(answer))
  else io.out(`${resolved} ${resolved === 1 ? 'alert' : 'alerts'} resolved.`)
  return 0
}
