import { constants, type Stats } from 'node:fs'
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'

/** What is known of a path. Nothing is ever waited for: no pipe, no device, no loop of links. */
export interface LookedFile {
  readonly path: string
  /** `unread`: it is there, and what it says is not known. */
  readonly state: 'absent' | 'file' | 'folder' | 'unread'
  readonly text?: string
  /** Why it could not be read. */
  readonly why?: string
  readonly mode: number
  readonly uid: number
  /** Where a link leads. */
  readonly target?: string
}

/** How the audit reads the machine. */
export interface HostFiles {
  /** @param read also take the text of a file */
  look(path: string, read: boolean): Promise<LookedFile>
  /** Names in a folder, in order; none where there is no folder that could be listed. */
  list(path: string): Promise<readonly string[]>
}

/** Bytes of one file; the largest that hosts write are some megabytes. */
const LARGEST = 16_000_000
const MOST_NAMES = 1000

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const machineFiles: HostFiles = {
  async look(path, read) {
    const nothing = { path, mode: 0, uid: 0 }
    let stats: Stats
    let target: string | undefined
    try {
      const own = await lstat(path)
      target = own.isSymbolicLink() ? await realpath(path) : undefined
      stats = target === undefined ? own : await stat(path)
    } catch (thrown) {
      const code = codeOf(thrown)
      return code === 'ENOENT' || code === 'ENOTDIR'
        ? (await isLink(path))
          ? { ...nothing, state: 'unread', why: 'It is a link to nothing.' }
          : { ...nothing, state: 'absent' }
        : { ...nothing, state: 'unread', why: REASONS[code] ?? `It cannot be read (${code}).` }
    }
    const known = { path, mode: stats.mode & 0o7777, uid: stats.uid, ...(target === undefined ? {} : { target }) }
    if (stats.isDirectory()) return { ...known, state: 'folder' }
    if (!stats.isFile()) return { ...known, state: 'unread', why: 'It is no plain file but a pipe, socket or device.' }
    if (!read) return { ...known, state: 'file' }
    try {
      return { ...known, state: 'file', text: await textOf(path) }
    } catch (thrown) {
      const code = codeOf(thrown)
      return { ...known, state: 'unread', why: REASONS[code] ?? `It cannot be read (${code}).` }
    }
  },
  async list(path) {
    try {
      return (await readdir(path)).toSorted().slice(0, MOST_NAMES)
    } catch {
      return []
    }
  },
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

async function textOf(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new Unreadable('special')
    if (stats.size > LARGEST) throw new Unreadable('large')
    const bytes = Buffer.alloc(stats.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return strict.decode(bytes.subarray(0, length))
  } finally {
    await handle.close()
  }
}

class Unreadable extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ELOOP: 'Its links lead in a circle.',
  EACCES: 'This account may not read it.',
  EPERM: 'This account may not read it.',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'It is not UTF-8.',
  large: `It is larger than ${LARGEST / 1_000_000} MB.`,
  special: 'It is no plain file but a pipe, socket or device.',
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown).slice(0, 80)
