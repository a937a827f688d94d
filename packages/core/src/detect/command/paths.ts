import { PATH_RULES, type PathUse, type PathRule } from './path-rules.ts'
import type { Effect } from './effects.ts'

/** Where relative paths start: `.` is the workspace; undefined after a `cd` nobody can follow. */
export type Place = string | undefined

export interface PathPolicy {
  /** Absolute roots in which the agent works. Relative paths are below the first. */
  readonly workspaces: readonly string[]
}

export const DEFAULT_PATH_POLICY: PathPolicy = {
  workspaces: ['/workspace', '/workspaces', '/github/workspace', '/repo'],
}

/**
 * One spelling for each place: relative to the workspace (`src/a`, `..`), below home (`~/x`), or absolute. Undoes doubled and
 * dotted segments, `/proc/self/root`, `file:` and the home directories of other names (TM-EXEC-004).
 */
export function normalisePath(text: string, place: Place, policy: PathPolicy): string {
  let path = text.replace(/^file:\/\/(localhost)?(?=\/)/i, '').replace(/^\$\{?HOME\}?(?=\/|$)/, '~')
  if (/^\$\{?PWD\}?(?=\/|$)/.test(path)) path = path.replace(/^\$\{?PWD\}?/, '.')
  const absolute = path.startsWith('/') || /^~[\w.-]*(\/|$)/.test(path)
  if (!absolute && place !== undefined && place !== '.') path = `${place}/${path}`
  path = resolveDots(path)
  for (let turn = 0; turn < 4; turn++) {
    const shorter = path.replace(/^\/proc\/(?:self|thread-self|\d+|\$\$|\$\w+|\*)\/(?:root|cwd)(?=\/|$)/, '')
    if (shorter === path) break
    path = shorter === '' ? '/' : shorter
  }
  if (/^\/private\/(etc|tmp|var)(\/|$)/.test(path)) path = path.slice('/private'.length)
  const root = policy.workspaces.find((workspace) => path === workspace || path.startsWith(`${workspace}/`))
  if (root !== undefined) return path === root ? '.' : path.slice(root.length + 1)
  return path
    .replace(/^~[\w.-]+(?=\/|$)/, '~')
    .replace(/^\/(?:home|Users)\/[^/]+(?=\/|$)/, '~')
    .replace(/^\/(?:root|var\/root)(?=\/|$)/, '~')
}

function resolveDots(path: string): string {
  const absolute = path.startsWith('/')
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    const last = segments.at(-1)
    if (segment === '..' && last !== undefined && last !== '..' && !last.startsWith('~') && !last.includes('$'))
      segments.pop()
    else if (segment === '..' && absolute && segments.length === 0) continue
    else segments.push(segment)
  }
  const joined = segments.join('/')
  return absolute ? `/${joined}` : joined === '' ? '.' : joined
}

export type Region =
  'workspace' | 'root-of-workspace' | 'temporary' | 'home' | 'system' | 'above' | 'device' | 'unknown'

/** Caches and temporary directories may be written and emptied; their roots may not be deleted. */
const TEMPORARY =
  /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user\/\d+|~\/(?:\.cache|\.npm|Library\/Caches)|~\/\.cargo\/(?:registry|git))\/./
const HARMLESS_DEVICE = /^\/dev\/(?:null|stdout|stderr|stdin|tty|fd\/\d+|zero|full|u?random)$/

/** @param path normalised */
export function regionOf(path: string): Region {
  if (path === '.' || path === '*' || path === '.*') return 'root-of-workspace'
  if (HARMLESS_DEVICE.test(path)) return 'device'
  if (TEMPORARY.test(path)) return 'temporary'
  if (path.startsWith('~')) return 'home'
  if (path.startsWith('/')) return 'system'
  if (path.startsWith('..')) return 'above'
  return /^[$`]/.test(path) ? 'unknown' : 'workspace'
}

/** Effect of using a path, the first rule that fits. A pattern fits when it could stand for such a path. */
export function judgePath(path: string, use: PathUse, glob: boolean): Effect | undefined {
  const rule = PATH_RULES.find((candidate) => applies(candidate, path, use, glob))
  if (rule !== undefined) return rule.effects[use]
  // Enough `..` reach the root of any workspace.
  const climbed = /^(?:\.\.\/){2,}(.+)$/.exec(path)?.[1]
  return climbed === undefined ? undefined : judgePath(`/${climbed}`, use, glob)
}

function applies(rule: PathRule, path: string, use: PathUse, glob: boolean): boolean {
  if (rule.effects[use] === undefined) return false
  if (rule.pattern.test(path)) return rule.except === undefined || !rule.except.test(path)
  return glob && rule.samples !== undefined && rule.samples.some((sample) => couldBe(path, sample))
}

/** Does a shell pattern fit a path? Linear; `[…]` fits any one character; never across `/`. */
function couldBe(pattern: string, path: string): boolean {
  if (!path.includes('/') || pattern.length > 300) return false
  const patterns = pattern.split('/')
  const segments = path.split('/')
  // A directory pattern `/etc/*` may also stand for the parent of what is asked for.
  if (patterns.length > segments.length || (patterns.length < segments.length && patterns.at(-1) !== '*')) return false
  return patterns.every((glob, index) => segmentFits(glob, segments[index] ?? ''))
}

function segmentFits(glob: string, text: string): boolean {
  const tokens = glob.match(/\[[^\]]{1,40}\]|[\s\S]/g) ?? []
  let states = new Set([0])
  const close = (set: Set<number>): Set<number> => {
    for (const state of set) if (tokens[state] === '*') set.add(state + 1)
    return set
  }
  states = close(states)
  for (const char of text) {
    const next = new Set<number>()
    for (const state of states) {
      const token = tokens[state]
      if (token === undefined) continue
      if (token === '*') next.add(state)
      else if (token === '?' || token === char || (token.length > 1 && classFits(token, char))) next.add(state + 1)
    }
    states = close(next)
  }
  return states.has(tokens.length)
}

const classFits = (token: string, char: string): boolean =>
  /^\[[!^]/.test(token) || token.includes('-') || token.includes(':') || token.slice(1, -1).includes(char)
