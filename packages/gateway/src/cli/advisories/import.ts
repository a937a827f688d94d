import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { readAdvisories } from '../../assurance/advisories/import.ts'
import { snapshotOf, writeSnapshot } from '../../assurance/advisories/snapshot.ts'
import { systemClock } from '../../clock.ts'
import type { CommandRun } from '../command.ts'

/** `advisories import PATH`. */
export const run: CommandRun = async (io, [path]) => {
  if (path === undefined) throw new SallyportError('SP_CLI_USAGE', 'Give a file or a directory of OSV records.')
  const snapshot = snapshotOf(readAdvisories(resolve(io.cwd, path)), systemClock.now())
  writeSnapshot(io.stateDir, snapshot)
  const { imported, advisories } = snapshot
  io.out(io.json ? JSON.stringify({ imported, records: advisories.length }) : `${advisories.length} records imported.`)
  return 0
}
