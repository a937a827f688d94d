import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { ErrorCode } from '@sallyport/core'
import { isFolder, type Seen } from '../look-around.ts'
import type { FileMark } from '../parts.ts'
import { entryOf, versionOf, type NamedVersion, type Register } from '../register.ts'
import { FOLDERS, folderName } from '../store.ts'
import { TERMS } from '../terms.ts'
import type { KnownSkills } from './register-cache.ts'

/** What a path has to do with a skill. */
export type Touched =
  /** A file of a version that is admitted; `mark` undefined: its folder, or a file that it does not have. */
  | ({ readonly path: string; readonly mark: FileMark | undefined; readonly objection?: undefined } & NamedVersion)
  /** A copy of a file of a version that is not: running it is what is refused. */
  | { readonly path: string; readonly copy: boolean; readonly objection: Objection }

export interface Objection {
  readonly code: ErrorCode
  readonly reason: string
}

export interface PlacesDeps {
  /** `<state>/skills`, canonical. */
  readonly directory: string
  /** Folders that hosts load skills from, canonical. */
  readonly watched: readonly string[]
  /** Hashes a watched skill as it lies there now. */
  readonly lookAt: (place: string) => Promise<Seen>
}

/** Where skills lie: each folder of the register and of the watched ones that a pattern may fit. */
export async function placesOf(
  { register }: KnownSkills,
  { directory, watched }: PlacesDeps,
): Promise<readonly string[]> {
  const found = await Promise.all(
    watched.map(async (folder) => (await readdir(folder).catch((): string[] => [])).map((name) => join(folder, name))),
  )
  const own = Object.entries(register.skills).flatMap(([name, { versions }]) =>
    versions.flatMap(({ hash }) => FOLDERS.map((folder) => join(directory, folder, folderName(name, hash)))),
  )
  return [...own, ...found.flat()]
}

/** Which skill a canonical path belongs to, by where it lies or by what it is; undefined: none that is known. */
export async function touchedBy(path: string, known: KnownSkills, deps: PlacesDeps): Promise<Touched | undefined> {
  const own = inside(path, deps.directory)
  if (own !== undefined) return touchedInStore(path, own, known.register)
  for (const folder of deps.watched) {
    const below = inside(path, folder)
    if (below === undefined) continue
    const [name = '', ...rest] = below.split(sep)
    const place = join(folder, name)
    if (!(await isFolder(place))) continue
    const seen = await deps.lookAt(place)
    if (seen.objection !== undefined) return { path, copy: false, objection: seen.objection }
    return { path, ...seen.skill, mark: markOf(seen.skill, rest.join('/')) }
  }
  const copy = await known.files.of(path)
  if (copy === undefined) return undefined
  const objection = objectionTo(copy)
  return objection === undefined ? { path, ...copy } : { path, copy: true, objection }
}

function touchedInStore(path: string, below: string, register: Register): Touched | undefined {
  const [kind, folder = '', ...rest] = below.split(sep)
  if (!FOLDERS.some((one) => one === kind)) return undefined
  const at = folder.lastIndexOf('@')
  const [name, hash] = [folder.slice(0, at), folder.slice(at + 1)]
  const version = versionOf(entryOf(register, name), hash)
  if (version === undefined) {
    const reason = `${folder.slice(0, 80)} is none that is known.`
    return { path, copy: false, objection: { code: 'SP_SKILL_NOT_ADMITTED', reason } }
  }
  const objection = objectionTo({ name, version })
  if (objection !== undefined) return { path, copy: false, objection }
  return { path, name, version, mark: markOf({ name, version }, rest.join('/')) }
}

/** What speaks against using a version through the gateway at all. */
function objectionTo({ name, version }: NamedVersion): Objection | undefined {
  const { state, history } = version
  const code = TERMS[state].refusal
  return code === undefined ? undefined : { code, reason: `${name} is ${state}: ${history.at(-1)?.reason ?? ''}` }
}

const markOf = ({ version }: NamedVersion, path: string): FileMark | undefined =>
  version.files.find((mark) => mark.path === path)

/** The path below a folder; undefined where it is not in it. */
function inside(path: string, folder: string): string | undefined {
  return path.startsWith(`${folder}${sep}`) ? path.slice(folder.length + 1) : undefined
}
