import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { isIgnored, parseIgnore, type IgnoreRules } from './ignore-rules.ts'

/** Directories that hold other people's files or none that are written by hand. */
const SKIPPED = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.mypy_cache',
  '.next',
  '.nuxt',
])
const OURS = '.sallyportignore'
const IGNORE_FILES = ['.gitignore', OURS] as const
const DEEPEST = 64

/** What could not be walked: told of, so that it never counts as looked at. */
export interface Unwalked {
  /** Relative to where the walk began, with `/` behind. */
  readonly name: string
  readonly message: string
}

export interface FoundFile {
  readonly path: string
  /** Relative to where the walk began, with `/`. */
  readonly name: string
  readonly bytes: number
}

/**
 * Files below a directory in the order of their names; a file by itself is itself. Links are not followed: a scan reads what
 * lies there. What git would ignore is left out, and dependencies. `unwalked` hears of directories that cannot be read or lie too
 * deep.
 * @param tracked files that belong to the repository all the same, by their names: those that `.sallyportignore` names alone are left out
 * @throws what the file system throws for the root itself
 */
export function* walk(
  root: string,
  unwalked?: (of: Unwalked) => void,
  tracked: ReadonlySet<string> = new Set(),
): Generator<FoundFile> {
  const stat = lstatSync(root)
  if (!stat.isDirectory()) {
    if (stat.isFile()) yield { path: root, name: basename(root), bytes: stat.size }
    return
  }
  yield* inside({ root, unwalked, tracked, above: foldersOf(tracked) }, '', [], 0, false)
}

type Rules = IgnoreRules & { readonly isOurs: boolean }

interface Walk {
  readonly root: string
  readonly unwalked: ((of: Unwalked) => void) | undefined
  readonly tracked: ReadonlySet<string>
  /** Folders that hold tracked files. */
  readonly above: ReadonlySet<string>
}

function foldersOf(names: ReadonlySet<string>): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const name of names)
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) folders.add(name.slice(0, at))
  return folders
}

/** @param ignored the folder is left out, but for what is tracked */
function* inside(
  of: Walk,
  below: string,
  outer: readonly Rules[],
  depth: number,
  ignored: boolean,
): Generator<FoundFile> {
  const { root, unwalked, tracked, above } = of
  if (depth > DEEPEST) return unwalked?.({ name: below, message: 'It lies too deep.' })
  const directory = join(root, below)
  let entries
  try {
    entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return unwalked?.({ name: below, message: 'The directory cannot be read.' })
  }
  const own = IGNORE_FILES.filter((name) => entries.some((entry) => entry.name === name && entry.isFile())).flatMap(
    (name) => {
      const text = textOf(join(directory, name))
      return text === undefined ? [] : [{ ...parseIgnore(text, below), isOurs: name === OURS }]
    },
  )
  const rules = own.length === 0 ? outer : [...outer, ...own]
  const ours = rules.filter(({ isOurs }) => isOurs)
  for (const entry of entries) {
    const name = `${below}${entry.name}`
    const isDirectory = entry.isDirectory()
    if (!isDirectory && !entry.isFile()) continue
    const isOut = ignored || (isDirectory && SKIPPED.has(entry.name)) || isIgnored(rules, name, isDirectory)
    if (isOut && (!(isDirectory ? above : tracked).has(name) || isIgnored(ours, name, isDirectory))) continue
    if (isDirectory) yield* inside(of, `${name}/`, rules, depth + 1, isOut)
    else {
      const path = join(root, name)
      yield { path, name, bytes: sizeOf(path) }
    }
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function sizeOf(path: string): number {
  try {
    return lstatSync(path).size
  } catch {
    return 0
  }
}

/**
 * What lies there now, if it is still a plain file of no more bytes than that: no link that took its place is followed, and no pipe waited for.
 * @throws Error
 */
export function readPlainFile(path: string, most: number): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new SallyportError('SP_SCAN_UNREADABLE', 'It is no plain file any more.')
    if (stats.size > most) throw new SallyportError('SP_SCAN_TOO_LARGE', `It has ${stats.size} bytes.`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** The beginning of a file, up to 120 bytes. */
export function firstLineOf(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(120)
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, 120, 0)).split('\n', 1)[0] ?? ''
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
