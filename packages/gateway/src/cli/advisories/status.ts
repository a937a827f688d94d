import { advisoryFindings } from '../../assurance/advisories/advisory-findings.ts'
import { readSnapshot } from '../../assurance/advisories/snapshot.ts'
import { systemClock } from '../../clock.ts'
import type { CommandRun } from '../command.ts'

/** `advisories status`: 0 fresh · 1 old · 3 none. */
export const run: CommandRun = async (io) => {
  const snapshot = readSnapshot(io.stateDir)
  const [finding] = advisoryFindings({ components: [], notes: [] }, snapshot, systemClock.now())
  const records = snapshot?.advisories.length ?? 0
  const state = snapshot === undefined ? 'missing' : finding === undefined ? 'fresh' : 'old'
  if (io.json) io.out(JSON.stringify({ state, records, imported: snapshot?.imported ?? null }))
  else {
    io.out(`${records} records${snapshot === undefined ? '' : `, imported ${snapshot.imported}`}: ${state}.`)
    if (finding !== undefined) io.err(`${finding.detail} ${finding.remediation}`)
  }
  return state === 'missing' ? 3 : state === 'old' ? 1 : 0
}
