import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { SallyportError, severityRank } from '@sallyport/core'
import type { Bundle } from '../../assurance/admission/bundle.ts'
import { inspectSkill } from '../../assurance/admission/inspect.ts'
import type { LockedSkill } from '../../assurance/admission/lock-file.ts'
import { fingerprintOf } from '../../assurance/admission/parts.ts'
import { readBundle } from '../../assurance/admission/read-bundle.ts'
import { versionOf } from '../../assurance/admission/register.ts'
import type { PresentSkill } from '../../assurance/admission/verify-lock.ts'
import type { CliIo } from '../command.ts'
import { scanDeps } from '../scan/deps.ts'
import { storeOf } from './room.ts'

/** Where agents look for skills below a project. */
const PLACES = [
  ...['skills', '.claude/skills', '.agents/skills', '.codex/skills', '.openclaw/skills', '.cursor/skills'],
  ...['.claude/plugins', '.openclaw/plugins', '.cursor/plugins'],
]
const MANIFEST = /^(?:SKILL\.md|skill\.md|plugin\.json|manifest\.json|openclaw\.plugin\.json|\.claude-plugin)$/
const LONGEST = 120_000
export const ADMITTED = 'admitted:'

/**
 * Skills below a directory: each path is one, or holds some. The sources are relative to `base`.
 * @throws SallyportError SP_CLI_USAGE, SP_SKILL_BUNDLE when one cannot be read whole
 */
export async function presentSkills(base: string, paths: readonly string[]): Promise<readonly PresentSkill[]> {
  const roots = paths.length === 0 ? PLACES.filter((place) => existsSync(join(base, place))) : paths
  const found: PresentSkill[] = []
  const look = scanner()
  for (const root of roots.flatMap((path) => skillsIn(resolve(base, path)))) {
    const source = relative(base, root).split(sep).join('/')
    if (source === '' || source.startsWith('..'))
      throw new SallyportError('SP_CLI_USAGE', `${root} is not below ${base}, where the lock file lies.`)
    const now = (): number => performance.now()
    found.push(presentOf(await readBundle(root, { now, deadline: now() + LONGEST }), source, look))
  }
  return found
}

/** What this gateway has in force, as it lies there now. */
export async function admittedSkills(io: CliIo): Promise<readonly PresentSkill[]> {
  const store = storeOf(io, 'look')
  const look = scanner()
  const found: PresentSkill[] = []
  for (const [name, entry] of Object.entries((await store.read()).skills)) {
    const hash = entry.internal.at(-1)
    const version = versionOf(entry, hash)
    const place = hash === undefined ? undefined : store.placeOf(name, entry, hash)
    if (version === undefined || place === undefined) continue
    const content = await store.lookAt(place)
    if (content === undefined || content.fault !== undefined)
      throw new SallyportError('SP_SKILL_DRIFT', content?.fault ?? `${place} is gone.`)
    found.push(presentOf({ name, files: content.files, provenance: version.provenance }, `${ADMITTED}${name}`, look))
  }
  return found
}

type Look = (skill: Pick<Bundle, 'name' | 'files'>) => ReturnType<PresentSkill['look']>

function presentOf(bundle: Bundle, source: string, look: Look): PresentSkill {
  const { name, version, files } = bundle
  return {
    ...{ name, source, ...fingerprintOf(files), bytes: files, look: () => look(bundle) },
    ...(version === undefined ? {} : { version }),
  }
}

function scanner(): Look {
  let deps: ReturnType<typeof scanDeps> | undefined
  return async (skill) => {
    const { findings, facts } = await inspectSkill(skill, await (deps ??= scanDeps()))
    const grave = findings.filter(({ severity }) => severityRank(severity) >= severityRank('high'))
    return {
      capabilities: facts.capabilities,
      findings: grave.map(({ id, severity, file, line, evidence }) => ({ id, severity, file, line, evidence })),
    }
  }
}

/** @throws SallyportError SP_CLI_USAGE when there is no such path */
function skillsIn(path: string): readonly string[] {
  if (!existsSync(path)) throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read.`)
  if (!lstatSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { withFileTypes: true })
  if (entries.some(({ name }) => MANIFEST.test(name))) return [path]
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(path, name))
    .toSorted((one, other) => (one < other ? -1 : 1))
}

/** The entry of a lock file. */
export async function lockedFrom(skill: PresentSkill): Promise<LockedSkill> {
  const { name, source, version, hash, parts, files } = skill
  return {
    ...{ name, source, hash, parts, files },
    ...(version === undefined ? {} : { version }),
    ...(await skill.look()),
  }
}
