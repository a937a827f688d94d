import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { BundleFile } from './bundle.ts'
import { isExecutable } from './parts.ts'

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const DEEPEST = 64

/** Makes a directory of ours, or checks that what is there is one. @throws SallyportError SP_SKILL_TAMPERED */
export async function ownDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const stats = await lstat(path)
  const foreign = process.getuid !== undefined && stats.uid !== process.getuid()
  if (!stats.isDirectory() || foreign)
    throw new SallyportError('SP_SKILL_TAMPERED', `${path} is not a directory of this account.`)
  if ((stats.mode & 0o077) !== 0) await chmod(path, 0o700)
}

/** Writes a file that was not there, durably. */
export async function writeNew(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  const file = await open(path, NEW, 0o600)
  try {
    await file.writeFile(bytes)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function syncDirectory(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Puts files into `target` at once: they are written to `temporary`, which must be new, and given their name when they are whole. */
export async function layOut(temporary: string, target: string, files: readonly BundleFile[]): Promise<void> {
  await mkdir(temporary, { mode: 0o700 })
  const folders = new Set<string>()
  for (const { path } of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at))
  for (const folder of [...folders].toSorted()) await mkdir(join(temporary, folder), { mode: 0o700 })
  for (const file of files) await writeNew(join(temporary, file.path), file.bytes, isExecutable(file) ? 0o500 : 0o400)
  for (const folder of [...folders].toSorted().toReversed()) {
    await syncDirectory(join(temporary, folder))
    await chmod(join(temporary, folder), 0o500)
  }
  await syncDirectory(temporary)
  await rename(temporary, target)
  await syncDirectory(dirname(target))
}

/** Takes a folder away: first its name, then what is in it. */
export async function takeAway(path: string, temporary: string): Promise<void> {
  await chmod(path, 0o700).catch(() => undefined)
  await rename(path, temporary)
  await erase(temporary)
}

/** Removes everything below, also what may not be written to. Links are removed, never followed. */
export async function erase(path: string, depth = 0): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return
  if (stats.isDirectory() && depth < DEEPEST) {
    await chmod(path, 0o700)
    for (const name of await readdir(path)) await erase(join(path, name), depth + 1)
  }
  await rm(path, { recursive: true, force: true })
}

/** What lies in a folder, or why it cannot be what was laid out there. */
export type FolderContent =
  { readonly files: readonly BundleFile[]; readonly fault?: undefined } | { readonly fault: string }

/**
 * Reads a folder into memory, every file once. A link, a special file or one that cannot be read is a fault: only what is
 * answered here may be loaded, never the folder again.
 * @param most bytes and files that are read
 * @param leave paths that are left out
 */
export async function readFolder(
  root: string,
  most: { readonly bytes: number; readonly files: number },
  leave: (path: string) => boolean = () => false,
): Promise<FolderContent | undefined> {
  const files: BundleFile[] = []
  let left = most.bytes
  const walk = async (below: string, depth: number): Promise<string | undefined> => {
    if (depth > DEEPEST) return `${below} is nested too deep.`
    for (const entry of (await readdir(join(root, below), { withFileTypes: true })).toSorted(byName)) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (leave(path)) continue
      if (files.length >= most.files) return `It has more than ${most.files} files.`
      if (entry.isDirectory()) {
        const fault = await walk(path, depth + 1)
        if (fault !== undefined) return fault
      } else if (!entry.isFile()) return `${path} is no plain file.`
      else {
        const file = await open(join(root, path), READ)
        try {
          const stats = await file.stat()
          if (!stats.isFile() || stats.size > left) return `${path} is larger than is read.`
          const bytes = await file.readFile()
          left -= bytes.length
          files.push({ path, bytes, mode: stats.mode & 0o777 })
        } finally {
          await file.close()
        }
      }
    }
    return undefined
  }
  try {
    const stats = await lstat(root)
    if (!stats.isDirectory()) return { fault: `${root} is no folder.` }
    const fault = await walk('', 0)
    return fault === undefined ? { files } : { fault }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT' && files.length === 0) return undefined
    return { fault: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1
