import { SallyportError } from '@sallyport/core'
import { blockSkill } from '../../assurance/admission/decide.ts'
import { systemClock } from '../../clock.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliOptions, CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { accountName, reasonOf, storeOf, textOption } from './room.ts'

/** What a rule of the block list is about. @throws SallyportError SP_CLI_USAGE */
export function blockTarget(
  name: string | undefined,
  options: CliOptions,
): { readonly name?: string; readonly hash?: string; readonly publisher?: string } {
  const [hash, publisher] = [textOption(options, 'hash'), textOption(options, 'publisher')]
  if ((name ?? hash ?? publisher) === undefined)
    throw new SallyportError('SP_CLI_USAGE', 'Say which: a name, --hash or --publisher.')
  if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash))
    throw new SallyportError('SP_CLI_USAGE', '--hash: the whole hash, 64 hexadecimal digits; `skills show` has it.')
  return {
    ...(name === undefined ? {} : { name }),
    ...(hash === undefined ? {} : { hash }),
    ...(publisher === undefined ? {} : { publisher }),
  }
}

/** Blocking only narrows, so it needs nobody's agreement, and holds whether or not a gateway runs. */
export const run: CommandRun = async (io, [name], options) => {
  const rule = { ...blockTarget(name, options), by: accountName(), reason: reasonOf(options), at: systemClock.now() }
  const hit = await blockSkill(rule, { store: storeOf(io, 'change') })
  if (io.json) io.out(safeJson({ blocked: { ...rule }, off: [...hit] }))
  else {
    io.out('Blocked.')
    for (const one of hit)
      io.out(`off  ${one.slice(0, one.lastIndexOf('@'))}  ${shortHash(one.slice(one.lastIndexOf('@') + 1))}`)
  }
  return 0
}
