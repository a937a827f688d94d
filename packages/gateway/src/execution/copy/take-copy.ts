import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
  type BigIntStats,
} from 'node:fs'
import { join } from 'node:path'
import { type Entry, type Tree } from '@sallyport/core'
import { codeOf, itself } from './beneath.ts'
import { createPace, type Pace } from './pace.ts'
import { fileEntry, MODE, walk, type Bounds, type Found } from './read-tree.ts'

/** `reflink`: blocks are shared until they are written, where the file system can do that; `plain`: every byte is copied. */
export type CopyKind = 'reflink' | 'plain'

export interface Taken {
  readonly kind: CopyKind
  /** What the copy is of. */
  readonly before: Tree
  /** How each file of the copy looked when it was made: what still looks so has not been written. */
  readonly stamps: ReadonlyMap<string, string>
}

export const stampOf = ({ ino, size, ctimeNs, mode }: BigIntStats): string => `${ino}:${size}:${ctimeNs}:${mode}`

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
const isRoot = process.getuid?.() === 0

/**
 * Copies a directory that is held open to a new directory: files, directories and links, each with its owner (as root), mode and time. What
 * cannot be read, and sockets, devices and pipes, are left out.
 * @throws SallyportError SP_SANDBOX_COPY beyond the bounds; errors of the file system as they are
 */
export async function takeCopy(root: number, target: string, bounds: Bounds): Promise<Taken> {
  const pace = createPace()
  const stamps = new Map<string, string>()
  let kind: CopyKind | undefined
  const rootStats = fstatSync(root, { bigint: true })
  mkdirSync(target, { mode: 0o700 })
  const file = async (found: Found, fd: number): Promise<Entry> => {
    const path = join(target, found.path)
    if (kind !== 'plain' && found.stats.size > 0n) kind = reflinked(fd, path) ? 'reflink' : 'plain'
    const isThere = kind === 'reflink' && found.stats.size > 0n
    const made = openSync(path, isThere ? constants.O_RDONLY : NEW, 0o600)
    try {
      const { stats } = found
      const entry = isThere ? await fileEntry(made, stats, pace) : await copied(fd, made, stats, pace)
      finishFile(made, stats)
      stamps.set(found.path, stampOf(fstatSync(made, { bigint: true })))
      return entry
    } finally {
      closeSync(made)
    }
  }
  const before = await walk(
    root,
    bounds,
    {
      file,
      link({ path, stats }, to) {
        symlinkSync(to, join(target, path))
        if (isRoot) lchownSync(join(target, path), Number(stats.uid), Number(stats.gid))
      },
      enter: ({ path }) => mkdirSync(join(target, path), { mode: 0o700 }),
      leave: ({ path, stats }) => finish(join(target, path), stats),
      other: () => undefined,
    },
    pace,
  )
  finish(target, rootStats)
  return { kind: kind ?? 'plain', before, stamps }
}

function finish(path: string, { uid, gid, mode, atimeMs, mtimeNs }: BigIntStats): void {
  if (isRoot) chownSync(path, Number(uid), Number(gid))
  chmodSync(path, Number(mode) & MODE)
  utimesSync(path, Number(atimeMs) / 1000, Number(mtimeNs) / 1e9)
}

function finishFile(fd: number, { uid, gid, mode, atimeMs, mtimeNs }: BigIntStats): void {
  if (isRoot) fchownSync(fd, Number(uid), Number(gid))
  fchmodSync(fd, Number(mode) & MODE)
  futimesSync(fd, Number(atimeMs) / 1000, Number(mtimeNs) / 1e9)
}

const copied = (from: number, to: number, stats: BigIntStats, pace: Pace): Promise<Entry> =>
  fileEntry(from, stats, pace, (piece) => {
    for (let done = 0; done < piece.length;) done += writeSync(to, piece, done)
  })

/** False where the file system has no such thing. */
function reflinked(from: number, path: string): boolean {
  try {
    copyFileSync(itself(from), path, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST' || codeOf(thrown) === 'ENOSPC') throw thrown
    return false
  }
}
