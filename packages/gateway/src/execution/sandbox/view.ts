import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CHANGED_LATER, GIT_FILES, SallyportError, type SandboxProfile } from '@sallyport/core'
import { NODE_PROXY } from '../../places.ts'
import { NODE_PROXY_AT } from '../egress/node-proxy.ts'
import { realOf } from './host.ts'
import { placeAt } from './place.ts'
import type { Mount, SandboxOrder } from './sandbox.ts'

/** A path of the host inside the sandbox. */
export interface Shown {
  readonly path: string
  /** The same without links, on the host. */
  readonly source: string
  readonly writable: boolean
  /** Device and inode of what is meant, taken before anything is started: what is found inside must be the same. */
  readonly inode: string
  /** It belongs to somebody: strangers may not get there by its path. */
  readonly private: boolean
  /** Inside, it belongs to whoever runs there. */
  readonly owned: boolean
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
/** Canonical paths of what is shown besides the system. */
export interface ViewPlaces {
  /** Undefined without one. */
  readonly workspace?: string | undefined
  /** What is shown in its place: the workspace itself, or its copy. */
  readonly from?: string | undefined
  readonly mounts?: readonly Mount[] | undefined
}

/**
 * @throws SallyportError SP_SANDBOX_WORKSPACE when it changes meanwhile, or is a repository that cannot be guarded
 */
export function viewOf(profile: SandboxProfile, { workspace, from = workspace, mounts = [] }: ViewPlaces): View {
  const links: (readonly [string, string])[] = []
  const shown: Shown[] = []
  const show = (from: string, isPrivate = false, path = from): void => {
    const source = realOf(from)
    const place = placeAt(source)
    if (place === undefined) return
    shown.push({ path, source, inode: place.inode, writable: false, private: isPrivate, owned: false })
  }
  show('/usr')
  for (const path of USR_LINKS) {
    const target = realOf(path)
    if (target !== path) links.push([path, target.slice(1)])
    else show(path)
  }
  for (const name of SHOWN_OF_ETC) show(`/etc/${name}`)
  const programs = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']
  const node = realOf(process.execPath)
  if (!node.startsWith('/usr/')) {
    // its own files only: what lies beside them may be a home directory
    const modules = join(dirname(dirname(node)), 'lib/node_modules')
    show(node, true)
    show(modules, true)
    if (shown.at(-1)?.path === modules) {
      for (const name of ['npm', 'npx'])
        links.push([join(dirname(node), name), `../lib/node_modules/npm/bin/${name}-cli.js`])
    }
    programs.unshift(dirname(node))
  }
  for (const path of profile.readable) show(path, true)
  if (profile.network === 'allowlist') show(NODE_PROXY, true, NODE_PROXY_AT)
  if (workspace !== undefined && from !== undefined && profile.workspace !== 'none') {
    const writable = profile.workspace !== 'ro'
    const place = placeAt(from)
    if (place?.kind !== 'directory') throw refused(from, 'is not where it was a moment ago')
    shown.push({ path: workspace, source: from, inode: place.inode, writable, private: true, owned: true })
    if (writable) shown.push(...guarded(from).map((one) => ({ ...one, path: workspace + one.path.slice(from.length) })))
  }
  for (const { path, source, writable } of mounts) {
    const place = placeAt(source)
    if (place === undefined) throw refused(source, 'is not where it was a moment ago')
    shown.push({ path, source, inode: place.inode, writable, private: true, owned: true })
  }
  return { shown, links, programs }
}

/** What stands in the place of the workspace. @throws SallyportError SP_SANDBOX_UNAVAILABLE when a copy was ordered and nobody made one */
export function copyOf({ workspace, profile, copy }: SandboxOrder): SandboxOrder['copy'] {
  if (workspace === undefined || profile.workspace !== 'copy') return undefined
  if (copy !== undefined) return copy
  throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'Nobody takes care of the copy of its workspace.')
}

export const orderedView = ({ profile, workspace, mounts }: SandboxOrder, copy: SandboxOrder['copy']): View =>
  viewOf(profile, { workspace, from: copy?.at, mounts })

/** Protected files that are there, in a workspace or its copy. */
function guarded(workspace: string): readonly Shown[] {
  const shown: Shown[] = []
  for (const name of CHANGED_LATER) {
    const path = join(workspace, name).replace(/\/$/, '')
    const isGit = name === '.git/'
    if (isGit && isLink(path)) throw refused(path, 'is a link, so the repository cannot be guarded')
    const one = guard(path, name.endsWith('/'))
    if (one === undefined) continue
    shown.push(one)
    if (isGit && !one.writable) shown.push(...elsewhere(workspace, path))
  }
  return shown
}

/** One protected file or directory; undefined when nothing is there, or a link: bound, it would show what it points to. */
function guard(path: string, staysWritable = false): Shown | undefined {
  const place = placeAt(path)
  if (place === undefined || place.kind === 'other') return undefined
  if (place.isShared) throw refused(path, 'has a second name, under which a command could change it')
  return {
    path,
    source: path,
    inode: place.inode,
    writable: staysWritable && place.kind === 'directory',
    private: true,
    owned: false,
  }
}

/** A `.git` file names the directory that git reads; where that lies in the workspace it is guarded like one. */
function elsewhere(workspace: string, file: string): readonly Shown[] {
  const named = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
  const directory = resolve(dirname(file), named ?? '.git')
  if (!directory.startsWith(`${workspace}/`)) return []
  if (placeAt(directory)?.kind !== 'directory') throw refused(directory, 'is named by .git and cannot be guarded')
  return GIT_FILES.flatMap((name) => guard(join(directory, name)) ?? [])
}

const refused = (path: string, why: string): SallyportError =>
  new SallyportError('SP_SANDBOX_WORKSPACE', `${JSON.stringify(path)} ${why}.`)

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
