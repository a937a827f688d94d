import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { toSallyportError, type ErrorCode } from '@sallyport/core'
import { readManifest } from '../scan/skill/manifest.ts'
import { admitBundle, type AdmissionDeps } from './admit.ts'
import type { Bundle } from './bundle.ts'
import type { SkillGate, SkillNews } from './gate.ts'
import { fingerprintOf } from './parts.ts'
import { readBundle } from './read-bundle.ts'
import type { NamedVersion, Register, SkillVersion } from './register.ts'
import type { SkillState } from './states.ts'
import { isAdmitted, TERMS } from './terms.ts'

export interface LookAroundDeps extends AdmissionDeps {
  readonly gate: Pick<SkillGate, 'drifted'>
  readonly tell: (news: SkillNews) => void
}

/** A skill where it lies: which reviewed version exactly these bytes are, or what speaks against using it. */
export type Seen = {
  readonly place: string
} & (
  | { readonly skill: NamedVersion; readonly objection?: undefined }
  | { readonly objection: { readonly code: ErrorCode; readonly reason: string } }
)

/** Milliseconds that reading one skill may take. */
const LONGEST = 30_000
const BY = 'gateway'

/**
 * Looks at skills where agents find them (TM-PERSIST-001). One that is in force here is left alone; one that was and is not what
 * was reviewed is switched off; any other is scanned, put into quarantine and told. What cannot be read is told once, by `told`.
 * Nothing there is touched.
 * @param only those that a host would load by this name: that of the folder, or the one in the manifest
 */
export async function lookAround(
  folders: readonly string[],
  told: Set<string>,
  deps: LookAroundDeps,
  only?: string,
): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  for (const folder of folders)
    for (const name of (await readdir(folder).catch((): string[] => [])).toSorted()) {
      const place = join(folder, name)
      if (only !== undefined && name !== only && (await nameIn(place)) !== only) continue
      if (await isFolder(place)) seen.push(await lookAtPlace(place, told, deps))
    }
  return seen
}

/** Looks at the skill in one folder, as it lies there now. Never throws. */
export async function lookAtPlace(place: string, told: Set<string>, deps: LookAroundDeps): Promise<Seen> {
  try {
    const now = (): number => performance.now()
    const bundle = await readBundle(place, { now, deadline: now() + LONGEST })
    return { place, ...(await lookAt(bundle, place, told, deps)) }
  } catch (thrown) {
    const { code, message } = toSallyportError(thrown)
    const key = `${place}\0${code}\0${message}`
    if (!told.has(key)) tellUnread(basename(place), place, message, deps)
    told.add(key)
    return { place, objection: { code, reason: message } }
  }
}

/** The name in the manifest of a folder, if it has one. */
async function nameIn(place: string): Promise<string | undefined> {
  for (const file of ['SKILL.md', 'skill.md']) {
    const text = await readFile(join(place, file), 'utf8').catch(() => undefined)
    if (text !== undefined) return readManifest(text, file).manifest.name
  }
  return undefined
}

function tellUnread(name: string, place: string, why: string, { tell }: LookAroundDeps): void {
  const message = `The skill in ${place} cannot be taken as one, so nobody has looked at it: ${why}`
  tell({ event: 'skill.refused', severity: 'high', name, hash: '', message })
}

async function lookAt(
  bundle: Bundle,
  place: string,
  told: Set<string>,
  deps: LookAroundDeps,
): Promise<{ readonly skill: NamedVersion } | { readonly objection: NonNullable<Seen['objection']> }> {
  const { hash } = fingerprintOf(bundle.files)
  const known = allVersions(await deps.store.read())
  const same = known.filter(([, version]) => version.hash === hash)
  const admitted = same.find(([, version]) => isAdmitted(version.state))
  if (admitted !== undefined) return { skill: { name: admitted[0], version: admitted[1] } }
  const own = known.find(([, version]) => version.provenance.url === place && isAdmitted(version.state))
  if (own !== undefined) {
    await deps.gate.drifted(own[0], own[1], { files: bundle.files }, place)
    return { objection: { code: 'SP_SKILL_DRIFT', reason: `${place} is not what was reviewed.` } }
  }
  const before = same[0]?.[1]
  const { state, reason, version, name } =
    before === undefined
      ? await admitBundle(bundle, deps, BY)
      : { state: before.state, reason: before.history.at(-1)?.reason ?? '', version: before, name: bundle.name }
  const { refusal } = TERMS[state]
  if (refusal === undefined) return { skill: { name, version } }
  const key = `${place}\0${hash}`
  // one that waits was told when it came
  if (!told.has(key) && before?.state !== 'pending_review') tellNew(bundle.name, hash, place, state, reason, deps)
  told.add(key)
  return { objection: { code: refusal, reason: `${place} is ${state}: ${reason}` } }
}

function tellNew(
  name: string,
  hash: string,
  place: string,
  state: SkillState,
  reason: string,
  { tell }: LookAroundDeps,
): void {
  const isNew = state === 'pending_review'
  tell({
    event: isNew ? 'skill.new' : 'skill.refused',
    severity: isNew ? 'medium' : 'critical',
    ...{ name, hash },
    message: isNew
      ? `The skill in ${place} was never reviewed here, and agents may load it from there.`
      : `The skill in ${place} is one that is ${state} here, and agents may load it from there: ${reason}`,
  })
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

const allVersions = ({ skills }: Register): readonly (readonly [string, SkillVersion])[] =>
  Object.entries(skills).flatMap(([name, { versions }]) => versions.map((version) => [name, version] as const))
