import { closeSync, constants, fstatSync, openSync, readlinkSync, type BigIntStats } from 'node:fs'
import { SallyportError } from '@sallyport/core'

/** O_PATH: a descriptor of the place, not of its content; the same on both architectures. */
const O_PATH = 0o10000000
export const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** A name in a directory that is held open: nothing on the way to it can be swapped. Node has no `openat`; the kernel has this. */
export const at = (directory: number, name: string): string => `/proc/self/fd/${directory}/${name}`
export const itself = (fd: number): string => `/proc/self/fd/${fd}`

export const inodeOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

/** Works with a descriptor and closes it. */
export function using<Result>(fd: number, work: (fd: number) => Result): Result {
  try {
    return work(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Opens a directory by a canonical path: no link is on the way, and it is still the one that was meant (T-140).
 * @throws SallyportError SP_SANDBOX_CONFLICT
 */
export function openRoot(path: string, inode?: string): number {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  const isThat = inode === undefined || inodeOf(fstatSync(fd, { bigint: true })) === inode
  if (isThat && readlinkSync(itself(fd)) === path) return fd
  closeSync(fd)
  throw new SallyportError('SP_SANDBOX_CONFLICT', `${JSON.stringify(path)} is not the directory it was.`)
}

/** Opens the directory that a relative path lies in; no component may be a link. */
export function openParent(root: number, path: string): number {
  let fd = openSync(itself(root), O_PATH | O_DIRECTORY)
  for (const name of path.split('/').slice(0, -1)) {
    if (name === '' || name === '.' || name === '..') {
      closeSync(fd)
      throw new SallyportError('SP_SANDBOX_LANDING', `${JSON.stringify(path)} is no path of a workspace.`)
    }
    fd = using(fd, (parent) => openSync(at(parent, name), O_PATH | O_DIRECTORY | O_NOFOLLOW))
  }
  return fd
}

export const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The place of a name, whatever is there, itself and not where it points. */
export const openPlace = (directory: number, name: string): number => openSync(at(directory, name), O_PATH | O_NOFOLLOW)

export const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException | undefined)?.code
