import { existsSync } from 'node:fs'
import { toSallyportError } from '@sallyport/core'
import { fingerprintOf } from '../../assurance/admission/parts.ts'
import { entryOf, versionOf, type Register, type SkillVersion } from '../../assurance/admission/register.ts'
import type { SkillStore } from '../../assurance/admission/store.ts'
import { known, NOT_INSTALLED, unseen, type Facts, type SkillFact } from '../../assurance/posture/facts.ts'
import { layout } from '../../config/paths.ts'
import type { CliIo } from '../command.ts'
import { storeOf } from '../skills/room.ts'
import { isAdmitted } from '../../assurance/admission/terms.ts'

/** Skills that were taken in here: who reviewed them, and whether they still are what was reviewed (HB-119, HB-136, HB-137). */
export async function skillFacts(io: Pick<CliIo, 'stateDir'>): Promise<Facts['skills']> {
  if (!existsSync(layout(io.stateDir).skills)) return NOT_INSTALLED.skills
  try {
    const store = storeOf(io, 'look')
    const register = await store.read()
    const names = Object.keys(register.skills)
    if (names.length === 0) return NOT_INSTALLED.skills
    return known((await Promise.all(names.map((name) => factsOf(name, register, store)))).flat())
  } catch (thrown) {
    return unseen(`The skills cannot be read: ${toSallyportError(thrown).message}`)
  }
}

const STATES: Readonly<Partial<Record<SkillVersion['state'], SkillFact['state']>>> = {
  pending_review: 'quarantine',
  internal: 'internal',
  external: 'external',
  disabled: 'disabled',
}

async function factsOf(name: string, register: Register, store: SkillStore): Promise<readonly SkillFact[]> {
  const entry = entryOf(register, name)
  if (entry === undefined) return []
  const top = versionOf(entry, entry.external.at(-1)) ?? versionOf(entry, entry.internal.at(-1)) ?? entry.versions[0]
  const state = top === undefined ? undefined : STATES[top.state]
  if (top === undefined || state === undefined) return []
  const place = store.placeOf(name, entry, top.hash)
  const content = place === undefined ? undefined : await store.lookAt(place)
  const isSame = content?.fault === undefined && content !== undefined && fingerprintOf(content.files).hash === top.hash
  const reviewedBy = top.history.findLast(({ of, to }) => of === 'person' && isAdmitted(to))?.by
  return [
    {
      ...{ name, state, pinned: true, drifted: isAdmitted(top.state) && !isSame },
      scope: state === 'external' ? 'both' : 'internal',
      isForeign: top.provenance.source !== 'folder',
      secrets: top.findings.filter(({ id }) => id === 'skill.secret.embedded').length,
      ...(reviewedBy === undefined ? {} : { reviewedBy }),
    },
  ]
}
