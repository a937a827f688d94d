import { constants, type Stats } from 'node:fs'
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { unpack, type Budget } from './archive.ts'
import { subjectFile } from './decode.ts'
import { isGitData } from './git-data.ts'
import { READ_LIMITS, type ReadingNote, type ReadLimits, type Subject, type SubjectFile } from './file.ts'

export interface ReadOptions {
  readonly limits?: ReadLimits
  /** Monotonic milliseconds, and when reading stops. */
  readonly now: () => number
  readonly deadline?: number
}

/**
 * Reads a folder, a file or an archive whole and in order of names. Links are not followed; what cannot be read, is no plain file or lies
 * beyond the bounds is a note, never left out in silence (T-145).
 * @throws SallyportError SP_CLI_USAGE when there is no such path
 */
export async function readSubject(path: string, options: ReadOptions): Promise<Subject> {
  const limits = options.limits ?? READ_LIMITS
  const budget: Budget = { limits, files: limits.files, bytes: limits.total }
  const root = resolve(path)
  let stats: Stats
  try {
    stats = await lstat(root)
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read.`, { cause })
  }
  const files: SubjectFile[] = []
  const notes: ReadingNote[] = []
  const found = new Map<string, SubjectFile>()
  const top = stats.isSymbolicLink() ? await realpath(root) : root
  if (stats.isSymbolicLink()) stats = await lstat(top)
  if (stats.isDirectory()) await walk(top, '', 0, budget, options, found, notes)
  else await take(top, basename(root), stats, budget, found, notes)
  for (const file of found.values()) {
    files.push(file)
    if (late(options)) {
      notes.push({ name: 'time', path: file.path, detail: 'the time of the scan was up' })
      continue
    }
    const inner = await unpack(file, budget)
    files.push(...inner.files)
    notes.push(...inner.notes)
  }
  return { name: basename(top), files, notes }
}

const late = ({ now, deadline }: ReadOptions): boolean => deadline !== undefined && now() > deadline

async function walk(
  root: string,
  folder: string,
  depth: number,
  budget: Budget,
  options: ReadOptions,
  found: Map<string, SubjectFile>,
  notes: ReadingNote[],
): Promise<void> {
  if (depth > budget.limits.depth)
    return void notes.push({ name: 'too-deep', path: folder, detail: `more than ${budget.limits.depth} folders deep` })
  let names: string[]
  try {
    names = (await readdir(join(root, folder))).toSorted()
  } catch (thrown) {
    return void notes.push({ name: 'unreadable', path: folder, detail: codeOf(thrown) })
  }
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (late(options)) return void notes.push({ name: 'time', path, detail: 'the time of the scan was up' })
    if (budget.files <= 0)
      return void notes.push({ name: 'too-many', path, detail: `more than ${budget.limits.files} files` })
    const full = join(root, path)
    let stats: Stats
    try {
      stats = await lstat(full)
    } catch (thrown) {
      notes.push({ name: 'unreadable', path, detail: codeOf(thrown) })
      continue
    }
    if (stats.isDirectory()) {
      if (/\.git\/[a-z]+$/.test(path) && GIT_STORE.test(path))
        notes.push({ name: 'skipped', path, detail: 'objects of Git, which nothing loads' })
      await walk(root, path, depth + 1, budget, options, found, notes)
    } else if (stats.isSymbolicLink()) await link(root, path, notes)
    else if (GIT_STORE.test(path) && isGitData(path.slice(path.lastIndexOf('.git/')))) continue
    else await take(full, path, stats, budget, found, notes)
  }
}

/** Where Git keeps what is no part of what is loaded; what does not belong there is read all the same. */
const GIT_STORE = /(?:^|\/)\.git\/(?:objects|logs|refs)(?:\/|$)/

async function link(root: string, path: string, notes: ReadingNote[]): Promise<void> {
  try {
    const target = await readlink(join(root, path))
    const inside = relative(root, resolve(join(root, path), '..', target))
    if (isAbsolute(target) || inside.startsWith('..') || isAbsolute(inside))
      notes.push({ name: 'symlink', path, detail: `leads to ${target}` })
  } catch (thrown) {
    notes.push({ name: 'unreadable', path, detail: codeOf(thrown) })
  }
}

async function take(
  full: string,
  path: string,
  stats: Stats,
  budget: Budget,
  found: Map<string, SubjectFile>,
  notes: ReadingNote[],
): Promise<void> {
  budget.files--
  const shown = path.split(sep).join('/')
  if (!stats.isFile()) return void notes.push({ name: 'special', path: shown, detail: 'a device, pipe or socket' })
  if (stats.size > budget.limits.file)
    return void notes.push({
      name: 'too-large',
      path: shown,
      detail: `${stats.size} bytes; ${budget.limits.file} are read`,
    })
  if (stats.size > budget.bytes)
    return void notes.push({ name: 'too-large', path: shown, detail: 'the subject is larger than is read' })
  try {
    // never waits for a pipe, never follows a link that took the place of the file
    const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(stats.size)
      let length = 0
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      budget.bytes -= length
      found.set(shown, subjectFile(shown, bytes.subarray(0, length), (stats.mode & 0o111) !== 0))
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    notes.push({ name: 'unreadable', path: shown, detail: codeOf(thrown) })
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown).slice(0, 80)
