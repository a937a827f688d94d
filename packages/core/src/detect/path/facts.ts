import { LONGEST_PATH, pathFaults, type PathFault } from './forms.ts'
import { placesOf, type PlaceClass } from './places.ts'
import { pathReadings, type ReadingWay } from './readings.ts'
import { lexical, walkPath, type LinkPort, type Walk } from './walk.ts'

export interface PathInput {
  readonly path: string
  /** Absolute directory that the agent works in; relative paths are below it. */
  readonly workspace: string
  /** What `~` and `$HOME` mean; absent: guessed from the workspace when that lies in a home directory. */
  readonly home?: string
  readonly look: LinkPort
  /** Absolute paths of this installation: state directory, configuration. */
  readonly own?: readonly string[]
}

/** One way to read the path, walked. */
export interface PathPlace {
  readonly canonical: string
  readonly where: 'above' | 'inside' | 'outside' | 'workspace'
  readonly places: readonly PlaceClass[]
  readonly walk: Walk
  /** Absent for the plain reading. `lexical`: `..` taken before links are followed, as many programs do. */
  readonly way?: ReadingWay | 'lexical'
}

export interface PathFacts {
  /** The plain reading: what the kernel would open. */
  readonly canonical: string
  readonly workspace: string
  readonly inside: boolean
  /** The plain reading first. */
  readonly readings: readonly [PathPlace, ...(readonly PathPlace[])]
  readonly faults: readonly PathFault[]
}

/** A workspace above these holds everything: being inside of it says nothing. */
const TOO_WIDE = /^\/(?:$|home$|Users$|(?:etc|usr|var|opt|dev|proc|sys|private|mnt|media)$)/

/**
 * Where a path leads, in every reading that some program may have of it, with links resolved through `look`. Facts for
 * policy; they hold for the moment of the look. Whoever opens the path afterwards must hold the directory or confine the
 * process: a link can be swapped in between, and this function cannot tell.
 */
export function pathFacts(input: PathInput): PathFacts {
  const { path, look } = input
  const workspace = walkPath(lexical(input.workspace), look).canonical
  const home = input.home ?? homeOf(workspace)
  const own = (input.own ?? []).flatMap((place) => [place, walkPath(lexical(place), look).canonical])
  const faults = [...pathFaults(path)]
  const { readings, settled } = pathReadings(path.slice(0, LONGEST_PATH))
  const whole = { start: 0, end: path.length }
  if (!settled) faults.push({ rule: 'path.nested-encoding', stop: true, ...whole })
  if (usesProcess(path)) faults.push({ rule: 'path.process', stop: false, ...whole })
  for (const { text, way } of readings) {
    if (way === undefined || text.trim() === '') continue
    for (const fault of pathFaults(text))
      if (!faults.some(({ rule }) => rule === fault.rule)) faults.push({ ...fault, ...whole })
  }
  const walked = new Map<string, PathPlace>()
  for (const { text, way } of readings) {
    const absolute = absoluteOf(text, workspace, home)
    const flat = lexical(absolute)
    const spellings: { spelling: string; as: PathPlace['way'] }[] = [{ spelling: absolute, as: way }]
    if (flat !== absolute) spellings.push({ spelling: flat, as: way ?? 'lexical' })
    for (const { spelling, as } of spellings) {
      const walk = walkPath(spelling, look)
      const key = `${walk.canonical}\0${walk.trouble ?? ''}`
      if (!walked.has(key)) walked.set(key, placeOf(walk, workspace, own, as))
    }
  }
  const [first, ...others] = walked.values()
  const plain = first as PathPlace
  return {
    canonical: plain.canonical,
    workspace,
    inside: isInside(plain),
    readings: [plain, ...others],
    faults,
  }
}

/** In the workspace, or the workspace itself. */
export const isInside = (place: PathPlace): boolean => place.where === 'inside' || place.where === 'workspace'

function placeOf(walk: Walk, workspace: string, own: readonly string[], way: PathPlace['way']): PathPlace {
  const { canonical } = walk
  return {
    canonical,
    where: whereOf(canonical, workspace),
    places: placesOf(canonical, own),
    walk,
    ...(way === undefined ? {} : { way }),
  }
}

function whereOf(path: string, workspace: string): PathPlace['where'] {
  if (TOO_WIDE.test(workspace)) return path === workspace || workspace.startsWith(`${path}/`) ? 'above' : 'outside'
  if (path === workspace) return 'workspace'
  if (path.startsWith(`${workspace}/`)) return 'inside'
  return path === '/' || workspace.startsWith(`${path}/`) ? 'above' : 'outside'
}

/** `/home/ana/work` → `/home/ana`. */
const homeOf = (workspace: string): string | undefined =>
  /^\/(?:(?:home|Users|var\/home)\/[^/]+|root)(?=\/|$)/.exec(workspace)?.[0]

/** An unknown home directory is a place of its own, outside of everything. */
function absoluteOf(text: string, workspace: string, home = '/~'): string {
  const own = /^(?:~|\$HOME|\$\{HOME\}|%HOME%|%USERPROFILE%)(?=$|[/\\])/.exec(text)?.[0]
  if (own !== undefined) return `${home}/${text.slice(own.length)}`
  if (/^~(?:[a-z_][a-z0-9_.-]*|[+-]\d*)(?=$|\/)/i.test(text)) return `/~/../${text}`
  return text.startsWith('/') ? text : `${workspace}/${text}`
}

/** Whose root and working directory `/proc/…/root` and `/cwd` are, only the process knows that opens them. */
const usesProcess = (path: string): boolean => /proc[/\\%][^\s]{0,64}?[/\\%f](?:root|cwd)(?:$|[/\\%])/i.test(path)
