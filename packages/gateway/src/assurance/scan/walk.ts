import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
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
const IGNORE_FILES = ['.gitignore', '.sallyportignore'] as const
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
 * @throws what the file system throws for the root itself
 */
export function* walk(root: string, unwalked?: (of: Unwalked) => void): Generator<FoundFile> {
  const stat = lstatSync(root)
  if (!stat.isDirectory()) {
    if (stat.isFile()) yield { path: root, name: basename(root), bytes: stat.size }
    return
  }
  yield* inside(root, '', [], 0, unwalked)
}

function* inside(
  root: string,
  below: string,
  outer: readonly IgnoreRules[],
  depth: number,
  unwalked: ((of: Unwalked) => void) | undefined,
): Generator<FoundFile> {
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
      return text === undefined ? [] : [parseIgnore(text, below)]
    },
  )
  const rules = own.length === 0 ? outer : [...outer, ...own]
  for (const entry of entries) {
    const name = `${below}${entry.name}`
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name) && !isIgnored(rules, name, true))
        yield* inside(root, `${name}/`, rules, depth + 1, unwalked)
    } else if (entry.isFile() && !isIgnored(rules, name, false)) {
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
