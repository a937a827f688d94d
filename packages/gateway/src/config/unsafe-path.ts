import { lstatSync, type Stats } from 'node:fs'
import { dirname, parse } from 'node:path'

const STICKY = 0o1000

/** Why somebody else could put another file at `path`; undefined when nobody can. */
export function whyPathIsUnsafe(path: string): string | undefined {
  const me = process.getuid?.() ?? -1
  for (let at = path, last = ''; at !== last; last = at, at = dirname(at)) {
    const found = stat(at)
    if (found === undefined) return `${at} does not exist; has this gateway been set up?`
    if (found.isSymbolicLink()) return `${at} is a link.`
    if (me < 0) continue
    if (found.uid !== 0 && found.uid !== me) return `${at} belongs to somebody else.`
    const shared = (found.mode & 0o022) !== 0
    const guarded = found.isDirectory() && found.uid === 0 && (found.mode & STICKY) !== 0
    if (shared && !guarded) return `${at} can be written by others: chmod go-w it.`
    if (at === parse(at).root) break
  }
  return undefined
}

function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
