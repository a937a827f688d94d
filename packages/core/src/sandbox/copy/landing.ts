import type { Change, Entry, Tree } from './changes.ts'
import { CHANGED_LATER, GIT_FILES } from './obeyed.ts'

/** A change that does not land, and why. */
export interface LandingRefusal {
  readonly path: string
  readonly reason: string
}

/** Name of the directory in a workspace that holds a landing; nothing of that name is copied or lands. */
export const LANDING_PLACE = '.sallyport-landing'

/** Links that may follow each other. */
const MOST_LINKS = 40

/**
 * Changes that never land, whatever a policy says: of what something obeys or runs later unasked, wherever in the workspace it lies and
 * also when it was not there before (T-041, T-141), links that lead out of the workspace, set-id files, and what is no file, directory or link (T-140).
 */
export function landingRefusals(changes: readonly Change[], before: Tree, after: Tree): readonly LandingRefusal[] {
  const linked = linkedFrom(before)
  return changes.flatMap((change) => {
    const reason = reasonOf(change, after, linked)
    return reason === undefined ? [] : [{ path: change.path, reason }]
  })
}

function reasonOf(change: Change, after: Tree, linked: readonly string[]): string | undefined {
  const { path, after: now } = change
  if (now?.kind === 'other') return 'is not a file, directory or link that can be read'
  if (now?.kind === 'file' && (now.mode & SET_ID) !== 0) return 'would run with the rights of its owner'
  if (isObeyed(path, now)) return 'is obeyed or run later, unasked'
  if (linked.some((place) => path === place || path.startsWith(`${place}/`))) return 'is obeyed through a link'
  if (inRepository(path, after)) return 'belongs to what git would take for a repository, and is obeyed'
  if (now?.kind === 'link' && resolveLink(path, after) === undefined) return 'is a link that leads out of the workspace'
  return undefined
}

const SET_ID = 0o6000
const PROTECTED = CHANGED_LATER.filter((name) => !name.endsWith('/')).map((name) => name.split('/'))
/** Directories that may be made and filled, but not be anything else. */
const HOLDERS = CHANGED_LATER.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1))

function isObeyed(path: string, now: Entry | undefined): boolean {
  const names = path.split('/').map(folded)
  const last = names.at(-1) ?? ''
  if (names.includes(LANDING_PLACE)) return true
  if (HOLDERS.includes(last) && now !== undefined && now.kind !== 'directory') return true
  return PROTECTED.some((words) => names.some((_, at) => words.every((word, of) => names[at + of] === word)))
}

/** As file systems that ignore case or invisible characters see a name, and Windows' short name of `.git`. */
function folded(name: string): string {
  const plain = name
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replace(/[. ]+$/, '')
  return plain === 'git~1' ? '.git' : plain
}

/** Git takes any directory with these for a repository, whatever it is called. */
const REPOSITORY = ['HEAD', 'objects', 'refs']

function inRepository(path: string, after: Tree): boolean {
  const names = path.split('/')
  return names.some((name, at) => {
    const directory = names.slice(0, at)
    if (!GIT_FILES.includes(name) && !REPOSITORY.includes(name)) return false
    if (directory.at(-1) === '.git' && !GIT_FILES.includes(name)) return false
    return REPOSITORY.every((each) => after.has([...directory, each].join('/')))
  })
}

/** Where links of protected names pointed. */
function linkedFrom(before: Tree): readonly string[] {
  const places: string[] = []
  for (const [path, entry] of before) {
    if (entry.kind !== 'link' || !isObeyed(path, entry)) continue
    const place = resolveLink(path, before)
    if (place !== undefined && place !== '') places.push(place)
  }
  return places
}

/**
 * The path that a link leads to, through other links of the same tree; undefined when that is outside of the workspace or never ends.
 * Absolute targets lead outside: where the workspace lies is not known to its files.
 */
function resolveLink(path: string, tree: Tree): string | undefined {
  const rest = path.split('/').reverse()
  const done: string[] = []
  for (let links = 0; rest.length > 0;) {
    const name = rest.pop() ?? ''
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (done.pop() === undefined) return undefined
      continue
    }
    const entry = tree.get([...done, name].join('/'))
    if (entry?.kind !== 'link') done.push(name)
    else if (entry.target.startsWith('/') || ++links > MOST_LINKS) return undefined
    else rest.push(...entry.target.split('/').reverse())
  }
  return done.join('/')
}

/** Lines of a text that were not in it before, in order: what somebody has to answer for. */
export function addedText(before: string, after: string): string {
  if (before === '') return after
  const known = new Set(before.split('\n'))
  return after
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}
