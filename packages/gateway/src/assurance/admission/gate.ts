import { SallyportError, toSallyportError } from '@sallyport/core'
import { admitBundle, type AdmissionDeps, type Inspected } from './admit.ts'
import type { BundleFile } from './bundle.ts'
import { changeLines, changesBetween } from './changes.ts'
import { blockOf, disableSkill } from './decide.ts'
import type { FolderContent } from './folders.ts'
import { fingerprintOf } from './parts.ts'
import { entryOf, versionOf, type Register, type SkillVersion } from './register.ts'
import type { SkillState, Surface } from './states.ts'
import type { Capability } from './capabilities.ts'
import { TERMS, type SkillTerms } from './terms.ts'

/** A skill as it may be used: exactly the bytes that were hashed. */
interface LoadedSkill {
  readonly name: string
  readonly hash: string
  readonly version?: string
  readonly state: SkillState
  readonly files: readonly BundleFile[]
  readonly capabilities: readonly Capability[]
  /** A person has to agree to what it does (HB-33). */
  readonly requiresApproval: boolean
  readonly terms: SkillTerms
}

/** What an operator is told about skills. `diff`: lines that are not escaped. */
export interface SkillNews {
  readonly event: 'skill.drift' | 'skill.new' | 'skill.refused' | 'skill.rescan' | 'skill.rolled_back' | 'skill.trouble'
  readonly severity: 'critical' | 'high' | 'medium'
  readonly name: string
  readonly hash: string
  readonly message: string
  readonly found?: string
  readonly diff?: readonly string[]
}

export interface SkillGateDeps extends AdmissionDeps {
  readonly tell: (news: SkillNews) => void
}

export interface SkillGate {
  /**
   * Hashes a skill anew and answers with the bytes it hashed (HB-35, SYS-4): what lies in its folder afterwards does not count.
   * @throws SallyportError SP_SKILL_UNKNOWN, SP_SKILL_NOT_ADMITTED, SP_SKILL_BLOCKED, SP_SKILL_DRIFT, SP_SKILL_TAMPERED
   */
  load(name: string, surface: Surface): Promise<LoadedSkill>
  /** Hashes everything that is in force; what is not what was reviewed is switched off and told. Answers with the names. */
  check(): Promise<readonly string[]>
  /** Something that should be an admitted skill is not: switches that off, tells, and takes what was found into quarantine. */
  drifted(name: string, version: SkillVersion, content: FolderContent, place: string): Promise<void>
}

const BY = 'gateway'

interface Looked {
  readonly version: SkillVersion
  readonly place: string
  readonly content: FolderContent
  /** Only when they are exactly what was reviewed. */
  readonly files: readonly BundleFile[] | undefined
}

export function createSkillGate(deps: SkillGateDeps): SkillGate {
  const { store, tell } = deps

  async function drifted(name: string, version: SkillVersion, content: FolderContent, place: string): Promise<void> {
    const reason = `Not what was reviewed: ${place}`
    try {
      await disableSkill({ name, hash: version.hash, by: BY, of: 'gateway', reason }, deps)
    } catch (thrown) {
      // somebody else has seen it first, or it is gone
      if (['SP_SKILL_STATE', 'SP_SKILL_UNKNOWN'].includes(toSallyportError(thrown).code)) return
      throw thrown
    }
    const message = `The skill ${name} is not what was reviewed (${place}), so it is off until somebody reviews it again.`
    const news = { event: 'skill.drift', severity: 'high', name, hash: version.hash, message } as const
    if (content.fault !== undefined) return tell({ ...news, diff: [content.fault] })
    const { files } = content
    const inspected = deps.scan({ name, files })
    const diff = await differenceOf(version, files, inspected, deps)
    tell({ ...news, diff, found: fingerprintOf(files).hash })
    const notes = ['changed in place after it was admitted']
    const bundle = { name, files, provenance: { source: 'folder', url: place, notes } } as const
    // what cannot even be taken into quarantine is off all the same
    await admitBundle(bundle, { ...deps, scan: () => inspected }, BY).catch(() => undefined)
  }

  /** What would be loaded, and what lies there. @throws SallyportError as `load`, without drift */
  async function look(register: Register, name: string, surface: Surface): Promise<Looked> {
    const entry = entryOf(register, name)
    if (entry === undefined) throw new SallyportError('SP_SKILL_UNKNOWN', `Nothing is known of ${name.slice(0, 80)}.`)
    const hash = (surface === 'external' ? entry.external : entry.internal).at(-1)
    const version = versionOf(entry, hash)
    if (version === undefined || hash === undefined)
      throw new SallyportError('SP_SKILL_NOT_ADMITTED', `${name} serves nobody who is ${surface}.`)
    const blocked = blockOf(register, name, version)
    if (blocked !== undefined) throw new SallyportError('SP_SKILL_BLOCKED', blocked.reason)
    const { state } = version
    if (state === 'disabled') throw new SallyportError('SP_SKILL_DRIFT', version.history.at(-1)?.reason ?? '')
    if (state !== 'external' && !(surface === 'internal' && state === 'internal'))
      throw new SallyportError('SP_SKILL_NOT_ADMITTED', `${name} is ${state}.`)
    const place = store.placeOf(name, entry, hash)
    if (place === undefined) throw new SallyportError('SP_SKILL_NOT_ADMITTED', `${name} is not in force.`)
    const content = (await store.lookAt(place)) ?? { fault: 'Its files are gone, and so is the kept copy.' }
    const same = content.fault === undefined && fingerprintOf(content.files).hash === hash
    return { version, place, content, files: same ? content.files : undefined }
  }

  async function load(name: string, surface: Surface): Promise<LoadedSkill> {
    let looked = await look(await store.read(), name, surface)
    if (looked.files === undefined) {
      // it may be that somebody is just changing it, or that a change was cut off: what counts is what lies there when nobody is
      await store.repair()
      looked = await store.change(async ({ register }) => [register, await look(register, name, surface)])
    }
    const { version, files, content, place } = looked
    if (files === undefined) {
      await drifted(name, version, content, place)
      throw new SallyportError('SP_SKILL_DRIFT', content.fault ?? `${name} is another one than was reviewed.`)
    }
    const { hash, state, capabilities, requiresApproval, version: called } = version
    return {
      ...{ name, hash, state, files, capabilities, requiresApproval, terms: TERMS[state] },
      ...(called === undefined ? {} : { version: called }),
    }
  }

  return {
    ...{ load, drifted },
    async check() {
      const off: string[] = []
      for (const [name, entry] of Object.entries((await store.read()).skills))
        for (const surface of ['internal', 'external'] as const) {
          const version = versionOf(entry, entry[surface].at(-1))
          if (version?.state !== 'internal' && version?.state !== 'external') continue
          if (surface === 'external' && version.state !== 'external') continue
          await load(name, surface).catch((thrown: unknown) => {
            if (toSallyportError(thrown).code === 'SP_SKILL_DRIFT') off.push(name)
          })
        }
      return [...new Set(off)]
    },
  }
}

async function differenceOf(
  version: SkillVersion,
  files: readonly BundleFile[],
  inspected: Promise<Inspected>,
  { store }: AdmissionDeps,
): Promise<readonly string[]> {
  const bytes = await store.kept(version.hash).catch(() => undefined)
  const now = await inspected.then(
    ({ findings, facts: { capabilities } }) => ({ findings, capabilities }),
    () => ({}),
  )
  const changes = changesBetween(
    { ...version, ...(bytes === undefined ? {} : { bytes }) },
    { ...fingerprintOf(files), ...now, bytes: files },
  )
  return changes === undefined ? [] : changeLines(changes)
}
