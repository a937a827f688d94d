import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { z } from 'zod'
import { ADVISORY, type Advisory } from './osv.ts'

const SNAPSHOT = z.strictObject({
  version: z.literal(1),
  /** ISO 8601. */
  imported: z.iso.datetime(),
  advisories: z.array(ADVISORY),
})
export type Snapshot = z.infer<typeof SNAPSHOT>

const fileOf = (stateDir: string): string => join(stateDir, 'advisories', 'snapshot.json')

/** Of records with the same id the newest stays. `now` in ms since 1970. */
export function snapshotOf(records: readonly Advisory[], now: number): Snapshot {
  const found = new Map<string, Advisory>()
  for (const record of records) {
    const other = found.get(record.id)
    if (other === undefined || Date.parse(record.modified) >= Date.parse(other.modified)) found.set(record.id, record)
  }
  const advisories = [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return { version: 1, imported: new Date(now).toISOString(), advisories }
}

/** Milliseconds since the newest record was changed; of an import, not of a copy of the file. Infinity where no record has a date. */
export function ageOf({ imported, advisories }: Snapshot, now: number): number {
  const at = Date.parse(imported)
  if (at > now) return Number.POSITIVE_INFINITY
  // a date that lies after the import says nothing
  const dates = advisories.map(({ modified }) => Date.parse(modified)).filter((date) => date <= at && date > 0)
  return now - dates.reduce((newest, date) => Math.max(newest, date), Number.NEGATIVE_INFINITY)
}

/** Replaces the snapshot whole, or leaves the one before. */
export function writeSnapshot(stateDir: string, snapshot: Snapshot): void {
  const file = fileOf(stateDir)
  mkdirSync(join(stateDir, 'advisories'), { recursive: true, mode: 0o700 })
  const handle = openSync(`${file}.new`, 'w', 0o600)
  try {
    writeSync(handle, JSON.stringify(snapshot))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(`${file}.new`, file)
}

/**
 * @returns undefined when nothing was imported
 * @throws SallyportError SP_ADVISORY_SNAPSHOT when there is one that cannot be read
 */
export function readSnapshot(stateDir: string): Snapshot | undefined {
  let text: string
  try {
    text = readFileSync(fileOf(stateDir), 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new SallyportError('SP_ADVISORY_SNAPSHOT', '', { cause })
  }
  try {
    return SNAPSHOT.parse(JSON.parse(text))
  } catch (cause) {
    throw new SallyportError('SP_ADVISORY_SNAPSHOT', '', { cause })
  }
}
