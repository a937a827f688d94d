import { lstatSync, readlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { judgePath, type Disk, type LinkAnswer, type PathMode, type PathVerdict } from '@sallyport/core'

export interface ResolveOptions {
  readonly home?: string
  /** Absolute paths of this installation: state directory, configuration. */
  readonly own?: readonly string[]
}

/**
 * Judges a path with the links of this machine. It says where the path leads now. A link that is swapped between this
 * look and the open is not seen, whatever is done here: the verdict is a fact for policy, and the sandbox or an executor
 * that opens below a held directory is what enforces it.
 */
export function resolvePath(
  path: string,
  workspace: string,
  mode: PathMode,
  options: ResolveOptions = {},
): PathVerdict {
  return judgePath({ home: homedir(), ...options, path, workspace, look: lookAt }, mode)
}

/** The file system of this machine. */
export const localDisk = (): Disk => ({ home: homedir(), look: lookAt })

/** One look. Links below `/proc` belong to whoever asks, so they are left for the rules to judge by name. */
function lookAt(path: string): LinkAnswer {
  if (path === '/proc' || path.startsWith('/proc/')) return { kind: 'plain' }
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return { kind: 'missing' }
    return found.isSymbolicLink() ? { kind: 'link', target: readlinkSync(path) } : { kind: 'plain' }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'missing' } : { kind: 'unreadable' }
  }
}
