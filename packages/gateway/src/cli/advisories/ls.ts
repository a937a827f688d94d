import { SallyportError } from '@sallyport/core'
import { readSnapshot } from '../../assurance/advisories/snapshot.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

/** `advisories ls`. */
export const run: CommandRun = async (io, _args, { package: name }) => {
  const snapshot = readSnapshot(io.stateDir)
  if (snapshot === undefined) throw new SallyportError('SP_ADVISORY_SNAPSHOT', 'None were imported.')
  const records = snapshot.advisories.filter(
    ({ affected }) => name === undefined || affected.some((one) => one.name === name),
  )
  if (io.json) io.out(JSON.stringify({ advisories: records }))
  else
    io.out(
      formatTable(
        ['ID', 'SEVERITY', 'PACKAGES', 'SUMMARY'],
        records.map(({ id, severity, affected, summary }) => [
          ...[id, severity ?? 'unrated'],
          [...new Set(affected.map((one) => `${one.ecosystem} ${one.name}`))].join(', '),
          summary.slice(0, 80),
        ]),
      ),
    )
  return 0
}
