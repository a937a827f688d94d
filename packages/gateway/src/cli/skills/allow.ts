import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { fingerprintOf } from '../../assurance/admission/parts.ts'
import { readBundle } from '../../assurance/admission/read-bundle.ts'
import { sendAsOperator } from '../agents/presence.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { reasonOf, textOption } from './room.ts'

/** Takes the bytes as they are now; one byte more and the rule does not fit. */
export const run: CommandRun = async (io, [path = ''], options) => {
  const reason = reasonOf(options)
  const to = textOption(options, 'to') ?? 'internal'
  if (to !== 'internal' && to !== 'external') throw new SallyportError('SP_CLI_USAGE', '--to: internal or external.')
  const bundle = await readBundle(resolve(io.cwd, path), { now: () => performance.now() }, textOption(options, 'name'))
  const { hash } = fingerprintOf(bundle.files)
  const asked = { name: bundle.name, hash, source: bundle.provenance.url ?? '', to, reason }
  const answer = await sendAsOperator(io, 'skill.allow', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/skill-rules/allow', { ...asked, ...proof }),
  )
  if (io.json) io.out(safeJson(answer))
  else io.out(`${bundle.name} ${shortHash(hash)} may come in from ${asked.source} as ${to}.`)
  return 0
}
