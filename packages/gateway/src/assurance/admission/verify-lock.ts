import { changesBetween, type SkillChanges } from './changes.ts'
import type { BundleFile } from './bundle.ts'
import type { LockedSkill } from './lock-file.ts'

/** A skill as it lies there now. Findings and capabilities are asked for only where something changed. */
export interface PresentSkill extends Omit<LockedSkill, 'capabilities' | 'findings'> {
  readonly bytes: readonly BundleFile[]
  look(): Promise<Pick<LockedSkill, 'capabilities' | 'findings'>>
}

/** What is not as it was locked. */
export type LockDrift =
  | { readonly kind: 'changed'; readonly name: string; readonly source: string; readonly changes: SkillChanges }
  | { readonly kind: 'moved'; readonly name: string; readonly source: string; readonly from: string }
  | { readonly kind: 'missing' | 'unlocked'; readonly name: string; readonly source: string }

/**
 * Holds what is there against what was locked (HB-35, HB-137, E-85).
 * @param kept bytes of a locked version, where somebody has them
 */
export async function verifyLock(
  locked: readonly LockedSkill[],
  present: readonly PresentSkill[],
  kept: (hash: string) => Promise<readonly BundleFile[] | undefined>,
): Promise<readonly LockDrift[]> {
  const drifts: LockDrift[] = []
  const held = new Set<string>()
  for (const before of locked) {
    const { name, source } = before
    // of those that call themselves so, the one that lies where it was locked
    const named = present.filter((skill) => skill.name === name)
    const after = named.find((skill) => skill.source === source) ?? named[0]
    if (after === undefined) {
      drifts.push({ kind: 'missing', name, source })
      continue
    }
    held.add(after.source)
    if (after.source !== source) drifts.push({ kind: 'moved', name, source: after.source, from: source })
    if (after.hash === before.hash) continue
    const bytes = await kept(before.hash)
    const changes = changesBetween(
      { ...before, ...(bytes === undefined ? {} : { bytes }) },
      { ...after, ...(await after.look()) },
    )
    if (changes !== undefined) drifts.push({ kind: 'changed', name, source: after.source, changes })
  }
  for (const { name, source } of present) if (!held.has(source)) drifts.push({ kind: 'unlocked', name, source })
  return drifts
}
