import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { admitBundle, type AdmissionDeps } from './admit.ts'
import type { Bundle } from './bundle.ts'
import type { SkillGate, SkillNews } from './gate.ts'
import { fingerprintOf } from './parts.ts'
import { readBundle } from './read-bundle.ts'
import type { Register, SkillVersion } from './register.ts'

export interface LookAroundDeps extends AdmissionDeps {
  readonly gate: Pick<SkillGate, 'drifted'>
  readonly tell: (news: SkillNews) => void
}

/** Milliseconds that reading one skill may take. */
const LONGEST = 30_000
const BY = 'gateway'

/**
 * Looks at skills where agents find them (TM-PERSIST-001). One that is in force here is left alone; one that was and is not what
 * was reviewed is switched off; any other is scanned, put into quarantine and told. What cannot be read is told once, by `told`.
 * Nothing there is touched.
 */
export async function lookAround(folders: readonly string[], told: Set<string>, deps: LookAroundDeps): Promise<void> {
  for (const folder of folders)
    for (const name of (await readdir(folder).catch((): string[] => [])).toSorted()) {
      const place = join(folder, name)
      const isFolder = await stat(place).then(
        (stats) => stats.isDirectory(),
        () => false,
      )
      if (!isFolder) continue
      try {
        const now = (): number => performance.now()
        await lookAt(await readBundle(place, { now, deadline: now() + LONGEST }), place, told, deps)
      } catch (thrown) {
        const { code, message } = toSallyportError(thrown)
        const key = `${place}\0${code}\0${message}`
        if (told.has(key)) continue
        told.add(key)
        tellUnread(name, place, message, deps)
      }
    }
}

function tellUnread(name: string, place: string, why: string, { tell }: LookAroundDeps): void {
  const message = `The skill in ${place} cannot be taken as one, so nobody has looked at it: ${why}`
  tell({ event: 'skill.refused', severity: 'high', name, hash: '', message })
}

async function lookAt(bundle: Bundle, place: string, told: Set<string>, deps: LookAroundDeps): Promise<void> {
  const { hash } = fingerprintOf(bundle.files)
  const known = allVersions(await deps.store.read())
  const same = known.find(([, version]) => version.hash === hash)?.[1]
  if (same !== undefined && isAdmitted(same)) return
  const own = known.find(([, version]) => version.provenance.url === place && isAdmitted(version))
  if (own !== undefined) return deps.gate.drifted(own[0], own[1], { files: bundle.files }, place)
  const key = `${place}\0${hash}`
  if (told.has(key)) return
  told.add(key)
  const { name } = bundle
  const { state, reason } =
    same === undefined
      ? await admitBundle(bundle, deps, BY)
      : { state: same.state, reason: same.history.at(-1)?.reason ?? '' }
  if (state === 'internal' || state === 'external') return
  // it was told when it came, and waits
  if (same?.state === 'pending_review') return
  const isNew = state === 'pending_review'
  deps.tell({
    event: isNew ? 'skill.new' : 'skill.refused',
    severity: isNew ? 'medium' : 'critical',
    ...{ name, hash },
    message: isNew
      ? `The skill in ${place} was never reviewed here, and agents may load it from there.`
      : `The skill in ${place} is one that is ${state} here, and agents may load it from there: ${reason}`,
  })
}

const isAdmitted = ({ state }: SkillVersion): boolean => state === 'internal' || state === 'external'

const allVersions = ({ skills }: Register): readonly (readonly [string, SkillVersion])[] =>
  Object.entries(skills).flatMap(([name, { versions }]) => versions.map((version) => [name, version] as const))
