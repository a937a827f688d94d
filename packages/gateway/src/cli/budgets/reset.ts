import { isJsonObject, SallyportError } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, [name = ''], options) => {
  const { reason } = options
  if (typeof reason !== 'string' || reason === '')
    throw new SallyportError('SP_CLI_USAGE', 'Say why with --reason TEXT; it is kept in the log.')
  const asked = { name, reason }
  const answer = await sendAsOperator(io, 'budgets.reset', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/budgets/reset', { ...asked, ...proof }),
  )
  const reset = isJsonObject(answer) ? Number(answer['reset']) : 0
  io.out(io.json ? JSON.stringify(answer) : `${reset} ${reset === 1 ? 'amount' : 'amounts'} of ${name} given again.`)
  return 0
}
