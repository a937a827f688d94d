import type { Json } from '@sallyport/core'
import type { PolicyChange } from '../../control/policy/history.ts'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { formatDiff } from './diff.ts'

export const run: CommandRun = async (io, _args, options) => {
  const current = (await io.gateway.request('GET', '/api/v1/policy/current')) as unknown as {
    staged: PolicyChange | null
  }
  const { staged } = current
  if (staged === null) {
    if (io.json) io.out(JSON.stringify({ outcome: 'unchanged' }))
    else io.err('No change is waiting.')
    return 0
  }
  io.err(formatDiff(staged.diff, staged.widening))
  const { digest } = staged
  const answer = await withPresence(
    io,
    'policy.accept',
    { digest },
    (proof) => io.gateway.request('POST', '/api/v1/policy/accept', { digest, proof: proof as unknown as Json }),
    options,
  )
  const { outcome } = answer as unknown as { outcome: string }
  io.out(io.json ? JSON.stringify(answer) : `version ${staged.newVersion}: ${outcome}`)
  return 0
}
