import { toSallyportError } from '@sallyport/core'
import { admitBundle, type AdmissionDeps } from '../../admission/admit.ts'
import { approveSkill } from '../../admission/decide.ts'
import type { LockedSkill } from '../../admission/lock-file.ts'
import { fingerprintOf } from '../../admission/parts.ts'
import type { PresentSkill, verifyLock } from '../../admission/verify-lock.ts'
import type { ScanFinding } from '../../scan/finding.ts'
import { judged, type SupplyCase } from './case.ts'
import { DRIFT_BASE, type InstalledChange } from './drift-installed.ts'
import { LOCKED_FILES, LOCKED_NAME, LOCKED_SOURCE, type LockedChange } from './drift-locked.ts'
import { SERVED_BASE, type ServedChange } from './drift-served.ts'

/** The controls that changes are played against. */
export interface DriftControls {
  readonly admission: AdmissionDeps
  /** @throws SallyportError when the skill may not be used */
  readonly load: (name: string) => Promise<unknown>
  readonly verify: typeof verifyLock
  readonly compare: (before: string, now: string) => readonly ScanFinding[]
}

const BY = 'attack'
type Named = Pick<SupplyCase, 'id' | 'category' | 'kind'>
const caseOf = ({ id, category, kind }: Named, spoke: boolean, by: string): SupplyCase => ({
  ...{ id, category, kind, result: judged(kind, spoke), by },
})

/** Admits a skill, changes it where it is installed, and asks for it (HB-35, HB-147). */
export async function playInstalled(change: InstalledChange, { admission, load }: DriftControls): Promise<SupplyCase> {
  const name = change.id
  const files = Object.entries(DRIFT_BASE).map(([path, { text, mode }]) => ({ path, bytes: Buffer.from(text), mode }))
  const bundle = { name, files, provenance: { source: 'folder', url: `attack/${name}`, notes: [] } } as const
  const { hash } = await admitBundle(bundle, admission, BY)
  await approveSkill({ name, hash, by: BY, reason: 'the base of a case' }, true, admission)
  const entry = (await admission.store.read()).skills[name]
  const place = entry === undefined ? undefined : admission.store.placeOf(name, entry, hash)
  const { id, category, kind } = change
  // the case says something only when the skill could be used before
  await load(name)
  if (place === undefined || !change.change(place)) return { id, category, kind, result: 'unverified', by: '' }
  const code = await load(name).then(
    () => undefined,
    (thrown: unknown) => toSallyportError(thrown).code,
  )
  return caseOf(change, code === 'SP_SKILL_DRIFT', code ?? 'load')
}

/** Holds what is there against a lock over `DRIFT_BASE` (E-85). */
export async function playLocked(change: LockedChange, { verify }: DriftControls): Promise<SupplyCase> {
  const nothing = { capabilities: [], findings: [] }
  const locked: LockedSkill = { name: LOCKED_NAME, source: LOCKED_SOURCE, ...nothing, ...fingerprintOf(LOCKED_FILES) }
  const { files, name = LOCKED_NAME, source = LOCKED_SOURCE } = change
  const present: readonly PresentSkill[] =
    files === undefined
      ? []
      : [{ name, source, ...fingerprintOf(files), bytes: files, look: async () => Promise.resolve(nothing) }]
  const [drift] = await verify([locked], present, async () => Promise.resolve(LOCKED_FILES))
  return caseOf(change, drift !== undefined, drift?.kind ?? 'lock')
}

/** Holds what a server lists now against what was reviewed (HB-35). */
export function playServed(change: ServedChange, { compare }: DriftControls): SupplyCase {
  const drift = compare(SERVED_BASE, change.text).find(({ id }) => id.startsWith('mcp.drift.'))
  return caseOf(change, drift !== undefined, drift?.id ?? 'comparison')
}
