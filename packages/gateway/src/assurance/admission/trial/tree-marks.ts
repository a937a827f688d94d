import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@sallyport/core'
import type { Trial } from './observation.ts'

/** Files of one tree that are looked at, and bytes of one that are read. */
const MOST = { files: 5_000, bytes: 4_000_000 }

type Marks = ReadonlyMap<string, string>

/** What lies below a folder: every file by its path, with a mark that changes with its bytes. Links are not followed. */
export function marksOf(root: string, prefix: string): Marks {
  const marks = new Map<string, string>()
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
      if (marks.size >= MOST.files) return
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else marks.set(`${prefix}${path}`, entry.isFile() ? markOf(join(root, path)) : 'special')
    }
  }
  walk('')
  return marks
}

function markOf(path: string): string {
  const { size, mtimeMs } = statSync(path)
  return size > MOST.bytes ? `${size} ${mtimeMs}` : sha256(readFileSync(path))
}

/** Texts of files, where they are there and no larger than is read. */
export function* textsOf(placeOf: (path: string) => string, paths: Iterable<string>): Generator<string> {
  for (const path of paths) {
    const stats = lstatSync(placeOf(path), { throwIfNoEntry: false })
    if (stats?.isFile() === true && stats.size <= MOST.bytes) yield readFileSync(placeOf(path), 'latin1')
  }
}

export function changesIn(before: Marks, after: Marks): Trial['files'] {
  const added = [...after.keys()].filter((path) => !before.has(path)).map((path) => ({ path, did: 'added' as const }))
  const rest = [...before].flatMap(([path, mark]) => {
    const now = after.get(path)
    if (now === mark) return []
    return [{ path, did: now === undefined ? ('removed' as const) : ('changed' as const) }]
  })
  return [...added, ...rest].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}
