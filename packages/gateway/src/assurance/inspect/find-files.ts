import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Bounds of one inspection. What lies beyond them is a row, never left out in silence. */
export interface InspectLimits {
  readonly entries: number
  readonly files: number
  readonly depth: number
  /** Milliseconds. */
  readonly time: number
}

export const INSPECT_LIMITS: InspectLimits = { entries: 300_000, files: 4000, depth: 24, time: 60_000 }

export interface Walked {
  /** Paths in the folder, with `/`. */
  readonly paths: readonly string[]
  /** Why something was not looked at, by path. */
  readonly gaps: readonly { readonly path: string; readonly why: string }[]
}

/** Folders whose files come from elsewhere, or that nothing loads. */
const SKIPPED = new Set([
  'node_modules',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.mypy_cache',
  '.next',
  '.nuxt',
  '.hg',
  '.svn',
  'target',
  'dist',
])
/** Of `.git` only this is read. */
const OF_GIT = new Set(['hooks', 'config', 'config.worktree', 'info', 'attributes', 'commondir', 'modules'])

const isSkipped = (folder: string, name: string): boolean =>
  SKIPPED.has(name) ||
  (/(?:^|\/)\.git$/.test(folder) && !OF_GIT.has(name)) ||
  (/(?:^|\/)\.git\/modules\//.test(folder) && /^(?:objects|logs|refs|lfs)$/.test(name))

/** Names of files that a reader wants, in order. Links are not followed, but for folders within the folder whose names tools look for. */
export async function findFiles(
  root: string,
  wanted: (path: string) => boolean,
  {
    now,
    limits,
    progress,
  }: {
    readonly now: () => number
    readonly limits: InspectLimits
    readonly progress: (entries: number, path: string) => void
  },
): Promise<Walked> {
  const paths: string[] = []
  const top = await realpath(root)
  let followed = 0
  const gaps: { path: string; why: string }[] = []
  const deadline = now() + limits.time
  let entries = 0
  const visit = async (folder: string, depth: number): Promise<boolean> => {
    let list: Dirent[]
    try {
      list = (await readdir(join(root, folder), { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    } catch {
      gaps.push({ path: folder, why: 'The folder cannot be listed.' })
      return true
    }
    for (const entry of list) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (++entries > limits.entries) return stop(path, `More than ${limits.entries} entries.`)
      if (entries % PROGRESS_EVERY === 0) {
        progress(entries, path)
        if (now() > deadline) return stop(path, `The time of ${limits.time / 1000} s was up.`)
      }
      if (entry.isSymbolicLink() && STEERS.test(entry.name)) {
        const target = await folderOf(join(root, path))
        if (target !== undefined) {
          if (relative(top, target).startsWith('..'))
            gaps.push({ path, why: `It is a link to ${target}, out of the folder.` })
          // a link to a folder that this one lies in leads round in a circle
          else if (relative(target, await realpath(join(root, folder))).startsWith('..')) {
            if (++followed > MOST_LINKS) gaps.push({ path, why: `More than ${MOST_LINKS} links to folders.` })
            else if (!(await visit(path, depth + 1))) return false
          }
          continue
        }
      }
      if (entry.isDirectory()) {
        if (isSkipped(folder, entry.name)) continue
        if (depth >= limits.depth) gaps.push({ path, why: `More than ${limits.depth} folders deep.` })
        else if (!(await visit(path, depth + 1))) return false
      } else if (wanted(path)) {
        if (paths.length >= limits.files) return stop(path, `More than ${limits.files} files to read.`)
        paths.push(path)
      }
    }
    return true
  }
  const stop = (path: string, why: string): false => {
    gaps.push({ path, why })
    return false
  }
  await visit('', 0)
  return { paths, gaps }
}

/** Folders that tools look for by name, so that a link of that name is as good as the folder. */
const STEERS =
  /^(?:\.(?:claude|claude-plugin|cursor|vscode|codex|gemini|windsurf|github|agents|openclaw|husky|githooks|devcontainer|cargo|git|clinerules)|skills|hooks|rules|commands|agents|prompts)$/
const MOST_LINKS = 100

async function folderOf(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? await realpath(path) : undefined
  } catch {
    return undefined
  }
}

const PROGRESS_EVERY = 10_000
