import { existsSync } from 'node:fs'
import { toSallyportError } from '@sallyport/core'
import type { SkillEntry, SkillVersion } from '../../assurance/admission/register.ts'
import { known, NOT_INSTALLED, unseen, type Facts, type SkillFact } from '../../assurance/posture/facts.ts'
import { layout } from '../../config/paths.ts'
import type { CliIo } from '../command.ts'

/** Who let a version out of quarantine: a person, or an entry of the allow list that a person wrote. */
const DECIDED: ReadonlySet<string> = new Set(['person', 'allow-list'])

/** Skills of the register of this state directory (HB-119, HB-136, HB-137). */
export async function skillFacts(io: CliIo): Promise<Facts['skills']> {
  if (!existsSync(layout(io.stateDir).skills)) return NOT_INSTALLED.skills
  try {
    const { storeOf } = await import('../skills/room.ts')
    const { skills } = await storeOf(io, 'look').read()
    return known(Object.entries(skills).flatMap(([name, entry]) => factsOf(name, entry)))
  } catch (thrown) {
    return unseen(`The register of skills cannot be read: ${toSallyportError(thrown).message}`)
  }
}

/** What is in force of a skill, and what waits for a review. */
export function factsOf(name: string, { versions, internal, external }: SkillEntry): readonly SkillFact[] {
  const inForce = new Set([internal.at(-1), external.at(-1)])
  return versions.flatMap((version): SkillFact[] => {
    const { state, hash } = version
    if (state === 'pending_review') return [factOf(name, version, 'quarantine')]
    const serves = (state === 'internal' || state === 'external') && inForce.has(hash)
    return serves ? [factOf(name, version, state)] : []
  })
}

function factOf(name: string, version: SkillVersion, state: SkillFact['state']): SkillFact {
  const { provenance, history, findings, hash } = version
  const decided = history.findLast(({ of }) => DECIDED.has(of))
  return {
    ...{ name: version.version === undefined ? name : `${name} ${version.version}`, state },
    ...(state === 'internal' ? { scope: 'internal' as const } : state === 'external' ? { scope: 'both' as const } : {}),
    isForeign: provenance.source !== 'folder',
    ...(decided === undefined ? {} : { reviewedBy: decided.by }),
    ...{ pinned: hash !== '', drifted: false },
    secrets: findings.filter(({ id }) => id.startsWith('skill.secret.')).length,
  }
}
