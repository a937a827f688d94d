import { checkUpdates, type Update } from '../../assurance/registry/check-updates.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { asJson } from './room.ts'
import { registriesOf } from './source.ts'

/** `skills updates REFERENCES…`: 0 nothing else is offered · 1 something is · 3 one could not be asked for. */
export const run: CommandRun = async (io, references) => {
  const updates = await checkUpdates(references, registriesOf(io), io.signal)
  if (io.json) io.out(safeJson(asJson({ updates })))
  else
    io.out(
      formatTable(
        ['REFERENCE', 'STATE', 'OFFERED'],
        updates.map((one) => [one.reference, wordOf(one), one.state === 'other' ? one.offered : '']),
      ),
    )
  for (const one of updates) if (one.state === 'unknown') io.err(`${one.reference}: ${one.why}`)
  if (updates.some(({ state }) => state === 'unknown')) return 3
  return updates.some(({ state }) => state === 'other') ? 1 : 0
}

const WORDS = { same: 'newest', none: 'has no versions', unknown: 'not known' } as const
const wordOf = (update: Update): string =>
  update.state === 'other' ? (update.isOlder ? 'older is offered' : 'other is offered') : WORDS[update.state]
