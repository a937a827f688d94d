import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, type BigIntStats } from 'node:fs'
import type { Entry } from '@sallyport/core'
import { at, codeOf, inodeOf, lastOf, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, openParent } from './beneath.ts'
import type { Pace } from './pace.ts'
import { fileEntry, MODE } from './read-tree.ts'

/** What is at a path now; undefined for nothing, or when the way there is no directory any more. */
export async function liveEntry(root: number, path: string, pace: Pace): Promise<Entry | undefined> {
  let parent: number
  try {
    parent = openParent(root, path)
  } catch (thrown) {
    if (GONE.includes(codeOf(thrown) ?? '')) return undefined
    throw thrown
  }
  try {
    return await entryOf(parent, lastOf(path), pace)
  } finally {
    closeSync(parent)
  }
}

/** Errors that say that a path does not lead anywhere, or not through directories alone. */
export const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP']

/** The same of a name in an open directory. */
export async function entryOf(directory: number, name: string, pace: Pace): Promise<Entry | undefined> {
  const stats = lstatSync(at(directory, name), { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(at(directory, name)) }
  if (stats.isDirectory()) return { kind: 'directory', mode: Number(stats.mode) & MODE }
  if (!stats.isFile()) return { kind: 'other' }
  return readFile(directory, name, stats, pace)
}

async function readFile(directory: number, name: string, stats: BigIntStats, pace: Pace): Promise<Entry> {
  const fd = openSync(at(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const isThat = inodeOf(fstatSync(fd, { bigint: true })) === inodeOf(stats)
    return isThat ? await fileEntry(fd, stats, pace) : { kind: 'other' }
  } finally {
    closeSync(fd)
  }
}
