import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  type BigIntStats,
} from 'node:fs'
import { LANDING_PLACE, SallyportError, type Entry, type SandboxLimits, type Tree } from '@sallyport/core'
import { at, itself, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from './beneath.ts'
import { createPace, type Pace } from './pace.ts'

/** Without set-id bits, which are never copied and never land. */
export const MODE = 0o1777
export const SET_ID = 0o6000
const CHUNK = 1 << 20
/** Bytes at the beginning of a file in which a zero byte says that it is no text. */
const BEGINNING = 8_000
/** What stands in a name where its bytes are no UTF-8: it could not be opened again. */
const NOT_UTF8 = '\ufffd'
/** Directories within each other: each is held open while what is in it is read. */
const DEEPEST = 128

export type Bounds = Pick<SandboxLimits, 'copySize' | 'copyEntries'>

/** One thing of a directory that is held open. */
export interface Found {
  readonly path: string
  readonly directory: number
  readonly name: string
  readonly stats: BigIntStats
}

export interface Visitor {
  /** What is there; undefined: leave it out. */
  file(found: Found, fd: number): Promise<Entry | undefined>
  link?(found: Found, target: string): void
  /** Before what is in it. */
  enter?(found: Found): void
  /** After what is in it. */
  leave?(found: Found): void
  /** Neither file, directory nor link, or nothing that can be read, or with a name that is not UTF-8; undefined: leave it out. */
  other(): Entry | undefined
}

/**
 * Goes through a directory without following a link, by descriptors, so that nothing outside is ever read (T-140).
 * @throws SallyportError SP_SANDBOX_COPY when there is more of it than the bounds allow
 */
export async function walk(root: number, bounds: Bounds, visitor: Visitor, pace: Pace = createPace()): Promise<Tree> {
  const tree = new Map<string, Entry>()
  let bytes = 0n
  let entries = 0
  const keep = (path: string, entry: Entry | undefined): void => void (entry && tree.set(path, entry))
  const visit = async (found: Found, depth: number): Promise<void> => {
    const { path, directory, name, stats } = found
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(at(directory, name))
      visitor.link?.(found, target)
      return keep(path, { kind: 'link', target })
    }
    const isDirectory = stats.isDirectory()
    const fd = isDirectory || stats.isFile() ? opened(found, isDirectory) : undefined
    if (fd === undefined) return keep(path, visitor.other())
    try {
      if (!isDirectory) {
        bytes += stats.size
        if (bytes > BigInt(bounds.copySize)) throw tooMuch(`its files have more than ${bounds.copySize} bytes`)
        return keep(path, await visitor.file(found, fd))
      }
      if (depth > DEEPEST) throw tooMuch(`its directories are more than ${DEEPEST} deep`)
      keep(path, { kind: 'directory', mode: Number(stats.mode) & MODE })
      visitor.enter?.(found)
      await into(fd, `${path}/`, depth + 1)
      visitor.leave?.(found)
    } finally {
      closeSync(fd)
    }
  }
  const into = async (directory: number, prefix: string, depth: number): Promise<void> => {
    const listing = opendirSync(itself(directory), { bufferSize: 256 })
    try {
      for (let one = listing.readSync(); one !== null; one = listing.readSync()) {
        const { name } = one
        if (prefix === '' && name === LANDING_PLACE) continue
        if (++entries > bounds.copyEntries) throw tooMuch(`it has more than ${bounds.copyEntries} entries`)
        const path = `${prefix}${name}`
        const stats = lstatSync(at(directory, name), { bigint: true, throwIfNoEntry: false })
        if (name.includes(NOT_UTF8)) keep(path, visitor.other())
        else if (stats !== undefined) await visit({ path, directory, name, stats }, depth)
        await pace.rest()
      }
    } finally {
      listing.closeSync()
    }
  }
  await into(root, '', 0)
  return tree
}

/** What is there now, without following links; `unchanged` says of files what is known of them already. */
export const readTree = (
  root: number,
  bounds: Bounds,
  unchanged: (found: Found) => Entry | undefined = () => undefined,
): Promise<Tree> => {
  const pace = createPace()
  const file = async (found: Found, fd: number): Promise<Entry> => {
    const entry = unchanged(found) ?? (await fileEntry(fd, found.stats, pace))
    // a copy has none at first: what has them now is to be seen
    const setId = Number(found.stats.mode) & SET_ID
    return entry.kind === 'file' && setId !== 0 ? { ...entry, mode: entry.mode | setId } : entry
  }
  return walk(root, bounds, { file, other: () => ({ kind: 'other' }) }, pace)
}

/** Undefined when this may not be read, or is not any more what was seen a moment ago. */
function opened({ directory, name, stats }: Found, isDirectory: boolean): number | undefined {
  let fd: number
  try {
    fd = openSync(at(directory, name), O_RDONLY | O_NOFOLLOW | (isDirectory ? O_DIRECTORY : O_NONBLOCK))
  } catch {
    return undefined
  }
  if (fstatSync(fd, { bigint: true }).ino === stats.ino) return fd
  closeSync(fd)
  return undefined
}

/** An open file, read to its end; `take` gets each piece. */
export async function fileEntry(
  fd: number,
  { mode }: BigIntStats,
  pace: Pace,
  take?: (piece: Uint8Array) => void,
): Promise<Entry> {
  const hash: Hash = createHash('sha256')
  let size = 0
  let isBinary = false
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Number(fstatSync(fd).size) + 1))
  for (;;) {
    const length = readSync(fd, buffer, 0, buffer.length, size)
    if (length === 0) break
    const piece = buffer.subarray(0, length)
    if (size < BEGINNING) isBinary ||= piece.subarray(0, BEGINNING - size).includes(0)
    hash.update(piece)
    take?.(piece)
    size += length
    await pace.rest()
  }
  return { kind: 'file', mode: Number(mode) & MODE, size, digest: hash.digest('hex'), isBinary }
}

const tooMuch = (what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_COPY', `Too much for this profile: ${what}.`)
