import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SandboxProfile } from '@sallyport/core'

/** A path of the host inside the sandbox. */
export interface Shown {
  readonly path: string
  /** The same without links, on the host. */
  readonly source: string
  readonly writable: boolean
  /** It belongs to somebody: strangers may not get there by its path. */
  readonly private: boolean
}

/** What of the host a sandbox shows: an allow-list, so that nothing has to be hidden (isolation note 2.1). */
export interface View {
  readonly shown: readonly Shown[]
  /** Links that stand in the sandbox's root, with their targets: `/bin`, `/lib`, … on most systems. */
  readonly links: readonly (readonly [path: string, target: string])[]
  /** Directories with programs, in the order of PATH. */
  readonly programs: readonly string[]
}

const USR_LINKS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']
/** What programs need of `/etc`: nothing of it is a secret or names a person. */
export const SHOWN_OF_ETC: readonly string[] = [
  'alternatives',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'pki/tls/certs',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
]
/**
 * Files of a workspace that somebody runs or obeys later, outside of the sandbox and unasked (T-041, T-141). A directory named
 * with a slash at its end stays writable but cannot be moved away.
 */
export const CHANGED_LATER: readonly string[] = [
  ...['.git/', '.git/hooks', '.git/config', '.git/config.worktree', '.git/modules', '.gitmodules'],
  ...['.husky', '.vscode', '.idea', '.devcontainer', '.envrc', '.github/workflows'],
  ...['.claude', '.codex', '.cursor', '.gemini', '.mcp.json', '.sallyport', 'sallyport.yaml'],
]

/** @param workspace canonical path of the workspace; undefined without one */
export function viewOf(profile: SandboxProfile, workspace: string | undefined): View {
  const links: (readonly [string, string])[] = []
  const shown: Shown[] = []
  const show = (path: string, options: { writable?: boolean; private?: boolean } = {}): void =>
    void shown.push({
      path,
      source: realOf(path),
      writable: options.writable ?? false,
      private: options.private ?? false,
    })
  show('/usr')
  for (const path of USR_LINKS) {
    const kind = kindOf(path)
    if (kind === 'link') links.push([path, realpathSync(path).slice(1)])
    else if (kind === 'directory') show(path)
  }
  for (const name of SHOWN_OF_ETC) if (kindOf(realOf(`/etc/${name}`)) !== undefined) show(`/etc/${name}`)
  const programs = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']
  const node = realOf(process.execPath)
  if (!node.startsWith('/usr/')) {
    // its own files only: what lies beside them may be a home directory
    const modules = join(dirname(dirname(node)), 'lib/node_modules')
    show(node, { private: true })
    if (kindOf(modules) === 'directory') {
      show(modules, { private: true })
      for (const name of ['npm', 'npx'])
        links.push([join(dirname(node), name), `../lib/node_modules/npm/bin/${name}-cli.js`])
    }
    programs.unshift(dirname(node))
  }
  for (const path of profile.readable) show(path, { private: true })
  if (workspace !== undefined && profile.workspace !== 'none') {
    const writable = profile.workspace === 'rw'
    show(workspace, { writable, private: true })
    if (writable) shown.push(...guarded(workspace))
  }
  return { shown, links, programs }
}

/** Protected files that are there. A link is none: bound, it would show what it points to. */
function guarded(workspace: string): readonly Shown[] {
  const shown: Shown[] = []
  for (const name of CHANGED_LATER) {
    const path = join(workspace, name).replace(/\/$/, '')
    const kind = kindOf(path)
    if (realOf(path) !== path || (kind !== 'file' && kind !== 'directory')) continue
    shown.push({ path, source: path, writable: name.endsWith('/') && kind === 'directory', private: true })
  }
  return shown
}

function kindOf(path: string): 'file' | 'directory' | 'link' | undefined {
  try {
    const found = lstatSync(path)
    return found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'directory' : found.isFile() ? 'file' : undefined
  } catch {
    return undefined
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
