import { readlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { judgePath, type LinkAnswer, type PathMode, type PathVerdict } from '@sallyport/core'

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

/** One `readlink`. Links below `/proc` belong to whoever asks, so they are left for the rules to judge by name. */
function lookAt(path: string): LinkAnswer {
  if (path === '/proc' || path.startsWith('/proc/')) return { kind: 'plain' }
  try {
    return { kind: 'link', target: readlinkSync(path) }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'EINVAL') return { kind: 'plain' }
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'missing' } : { kind: 'unreadable' }
  }
}
