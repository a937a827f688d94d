import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs'

/** What is at a path without links, known by device and inode. */
export interface Place {
  readonly inode: string
  readonly kind: 'file' | 'directory' | 'other'
  /** It has a second name somewhere, under which it could be changed. */
  readonly isShared: boolean
}

/** O_PATH: a descriptor of the place, not of its content; the same on both architectures. */
const O_PATH = 0o10000000

/**
 * Looks once and through one descriptor, so that nothing can be put in between: what is there, and that the path leads there without a
 * link anywhere on the way. Undefined when nothing is there or a link is (T-140).
 */
export function placeAt(path: string): Place | undefined {
  let fd: number | undefined
  try {
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW)
    if (readlinkSync(`/proc/self/fd/${fd}`) !== path) return undefined
    const found = fstatSync(fd, { bigint: true })
    if (found.isSymbolicLink()) return undefined
    const kind = found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other'
    return { inode: `${found.dev}:${found.ino}`, kind, isShared: kind === 'file' && found.nlink > 1n }
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
