import type { BundleFile } from './bundle.ts'
import { changesBetween, type SkillChanges } from './changes.ts'
import { rollbackOf } from './decide.ts'
import { isAdmitted, TERMS, type SkillTerms } from './terms.ts'
import { requireEntry, versionOf, type Register, type SkillEntry, type SkillVersion } from './register.ts'
import type { SkillStore } from './store.ts'

/** One version in a list. */
export interface SkillRow extends Pick<
  SkillVersion,
  'hash' | 'version' | 'state' | 'capabilities' | 'verdict' | 'found'
> {
  readonly name: string
  readonly requiresApproval: boolean
  /** Whom it serves now. */
  readonly serves: SkillTerms['serves']
  readonly source: string
  readonly since: number
}

/** Whom a version serves: only what is on top is in force. */
const servesOf = ({ internal, external }: SkillEntry, { hash, state }: SkillVersion): SkillTerms['serves'] => {
  if (state === 'external' && external.at(-1) === hash) return 'everybody'
  return isAdmitted(state) && internal.at(-1) === hash ? 'internal' : 'nobody'
}

/** All versions of all skills, by name, newest first. */
export const skillRows = ({ skills }: Register): readonly SkillRow[] =>
  Object.entries(skills).flatMap(([name, entry]) =>
    entry.versions.map((version) => {
      const { hash, state, capabilities, verdict, found, requiresApproval, provenance, history } = version
      return {
        ...{ name, hash, state, capabilities, verdict, found, requiresApproval, serves: servesOf(entry, version) },
        ...(version.version === undefined ? {} : { version: version.version }),
        ...{ source: provenance.url ?? provenance.source, since: history.at(-1)?.at ?? 0 },
      }
    }),
  )

/** One version with everything that a review looks at. */
export interface SkillReview {
  readonly name: string
  readonly version: SkillVersion
  readonly serves: SkillTerms['serves']
  readonly terms: SkillTerms
  /** Against what is in force, or was; absent: there is nothing else, or it is the same. */
  readonly against?: { readonly hash: string; readonly changes: SkillChanges }
  /** Where a rollback would go. */
  readonly rollback?: string
  readonly versions: readonly { readonly hash: string; readonly state: SkillVersion['state'] }[]
}

/**
 * @param hash beginning of one; default: what waits for a review, else what is in force, else the newest
 * @throws SallyportError SP_SKILL_UNKNOWN
 */
export async function skillReview(store: SkillStore, name: string, hash?: string): Promise<SkillReview> {
  const register = await store.read()
  const entry = requireEntry(register, name)
  const version = chosen(entry, hash)
  if (version === undefined) requireEntry({ ...register, skills: {} }, `${name} ${hash ?? ''}`)
  const shown = version as SkillVersion
  const before = baseOf(entry, shown)
  const changes =
    before === undefined ? undefined : changesBetween(await withBytes(before, store), await withBytes(shown, store))
  const rollback = attempt(() => rollbackOf(name, entry).hash)
  return {
    ...{ name, version: shown, serves: servesOf(entry, shown), terms: TERMS[shown.state] },
    ...(before === undefined || changes === undefined ? {} : { against: { hash: before.hash, changes } }),
    ...(rollback === undefined ? {} : { rollback }),
    versions: entry.versions.map(({ hash: own, state }) => ({ hash: own, state })),
  }
}

function chosen(entry: SkillEntry, hash: string | undefined): SkillVersion | undefined {
  if (hash !== undefined) {
    const fitting = entry.versions.filter((version) => version.hash.startsWith(hash))
    return fitting.length === 1 ? fitting[0] : undefined
  }
  return (
    entry.versions.find(({ state }) => state === 'pending_review') ??
    versionOf(entry, entry.internal.at(-1)) ??
    entry.versions[0]
  )
}

/** What a version is compared with: what is on top where it is not itself that, else what was before it. */
function baseOf(entry: SkillEntry, { hash }: SkillVersion): SkillVersion | undefined {
  const others = entry.internal.filter((other) => other !== hash)
  return versionOf(entry, others.at(-1))
}

const withBytes = async (
  version: SkillVersion,
  store: SkillStore,
): Promise<SkillVersion & { readonly bytes?: readonly BundleFile[] }> => {
  const bytes = await store.kept(version.hash).catch(() => undefined)
  return bytes === undefined ? version : { ...version, bytes }
}

function attempt<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}
