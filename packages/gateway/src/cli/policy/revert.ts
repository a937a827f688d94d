import { SallyportError, type Json } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'

export const run: CommandRun = async (io, [text = ''], options) => {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new SallyportError('SP_CLI_USAGE', 'Name a number of `policy history`.')
  const number = Number(text)
  const answer = await withPresence(
    io,
    'policy.revert',
    { number },
    (proof) => io.gateway.request('POST', '/api/v1/policy/revert', { number, proof: proof as unknown as Json }),
    options,
  )
  const { outcome } = answer as unknown as { outcome: string }
  io.out(io.json ? JSON.stringify(answer) : `load ${number}: ${outcome}`)
  return 0
}
