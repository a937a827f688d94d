import { isInside, pathFacts } from '../detect/path/facts.ts'
import { lexical, type LinkAnswer, type LinkPort } from '../detect/path/walk.ts'
import type { ArgumentFacts } from '../policy/request.ts'

/** The file system on which paths of arguments are walked. */
export interface Disk {
  /** What `~` means. */
  readonly home?: string
  readonly look: LinkPort
}

const PLAIN: LinkAnswer = Object.freeze({ kind: 'plain' })
const MISSING: LinkAnswer = Object.freeze({ kind: 'missing' })
/** For decisions about another machine, or none. */
export const NO_LINKS: Disk = Object.freeze({ look: () => PLAIN })

/** A path as it was written, and its absolute form by text alone. */
export interface WrittenPath {
  readonly text: string
  readonly absolute: string
  /** It may be a path and may be none: it counts when links are found on its way. */
  readonly isGuess: boolean
}

type WalkedPaths = Pick<ArgumentFacts, 'canonical' | 'where' | 'places' | 'pathSigns'>
/** Paths of one call that are walked; more of them are a sign of their own (T-160). */
const MOST = 256
const NOTHING: WalkedPaths = Object.freeze({ canonical: [], where: [], places: [], pathSigns: [] })

/**
 * Where the paths of a call lead with links followed (AC-6.4.3, T-056). Facts for policy: they hold for the moment of the
 * look. `where` is told from `cwd`, and `unknown` without one.
 */
export function walkedPaths(paths: readonly WrittenPath[], cwd: string | undefined, disk: Disk): WalkedPaths {
  if (paths.length === 0) return NOTHING
  const [canonical, where, places, signs] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()]
  const look = remembering(disk.look)
  const home = disk.home === undefined ? {} : { home: disk.home }
  if (paths.length > MOST) signs.add('too-many')
  const base = cwd === undefined ? undefined : lexical(cwd)
  for (const { text, absolute, isGuess } of paths.slice(0, MOST)) {
    const facts = pathFacts({ path: text, workspace: cwd ?? '/', look, ...home })
    const [plain, ...others] = facts.readings
    if (isGuess && plain.walk.links.length === 0) continue
    canonical.add(plain.canonical)
    where.add(cwd === undefined ? 'unknown' : plain.where)
    for (const reading of facts.readings) for (const place of reading.places) places.add(place)
    for (const { rule } of facts.faults) signs.add(rule.slice('path.'.length))
    if (plain.walk.trouble !== undefined) signs.add(plain.walk.trouble)
    if (plain.walk.links.length > 0) {
      signs.add('link')
      if (!facts.inside && base !== undefined && absolute.startsWith(`${base}/`)) signs.add('link-outside')
    }
    if (cwd !== undefined && facts.inside && !others.every(isInside)) signs.add('disguised')
  }
  return { canonical: [...canonical], where: [...where], places: [...places].sort(), pathSigns: [...signs].sort() }
}

/**
 * The facts of a call that is over, with the files below `cwd` that it changed as if its arguments had named them: what policy decides
 * on before they land (E-69).
 * @param written absolute
 */
export function withWritten(facts: ArgumentFacts, written: readonly string[], cwd: string, disk: Disk): ArgumentFacts {
  const walked = walkedPaths(
    written.map((absolute) => ({ text: absolute, absolute, isGuess: false })),
    cwd,
    disk,
  )
  const both = (one: readonly string[], other: readonly string[]): readonly string[] => [...new Set([...one, ...other])]
  return {
    ...facts,
    paths: both(facts.paths, written),
    canonical: both(facts.canonical, walked.canonical),
    where: both(facts.where, walked.where),
    places: both(facts.places, walked.places).toSorted(),
    pathSigns: both(facts.pathSigns, walked.pathSigns).toSorted(),
    count: Math.max(facts.count, written.length),
  }
}

/** Asks once for each path, and never below what is missing. */
function remembering(look: LinkPort): LinkPort {
  const known = new Map<string, LinkAnswer>()
  return (path) => {
    const before = known.get(path)
    if (before !== undefined) return before
    const parent = known.get(path.slice(0, path.lastIndexOf('/')))
    const answer = parent?.kind === 'missing' ? MISSING : look(path)
    known.set(path, answer)
    return answer
  }
}
