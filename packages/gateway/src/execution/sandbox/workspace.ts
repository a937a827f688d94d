import { lstatSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { realOf } from './host.ts'

/** Directories of the system, which belong to everybody and to nobody's work. */
const SYSTEM = [
  ...[
    '/',
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/lib',
    '/lib64',
    '/media',
    '/mnt',
    '/opt',
    '/proc',
    '/root',
    '/run',
  ],
  ...['/sbin', '/srv', '/sys', '/tmp', '/usr', '/var', '/var/tmp', '/var/lib', '/var/log'],
]
/** What lies in these is never work. */
const CLOSED = ['/boot', '/dev', '/etc', '/proc', '/run', '/sys', '/usr', '/var/run']
/** State of agents, below a home directory. */
const AGENT_STATE = [
  '.claude',
  '.codex',
  '.copilot',
  '.cursor',
  '.gemini',
  '.openclaw',
  '.config',
  '.local',
  '.ssh',
  '.gnupg',
]

/**
 * The canonical path of a directory that may be a workspace.
 * @param stateDir directory of Sallyport's own files
 * @throws SallyportError SP_SANDBOX_WORKSPACE for what is none: a link, a file, a system or home directory, or one that holds state of
 * Sallyport or of an agent (T-140, T-142)
 */
export function requireWorkspace(given: string, cwd: string, stateDir: string, home = homedir()): string {
  const path = canonical(resolve(cwd, given))
  const refuse = (why: string): never => {
    throw new SallyportError('SP_SANDBOX_WORKSPACE', `${JSON.stringify(path)} ${why}.`)
  }
  if (SYSTEM.includes(path)) refuse('is a directory of the system')
  if (CLOSED.some((closed) => path.startsWith(`${closed}/`))) refuse('lies in a directory of the system')
  const own = realOf(home)
  if (contains(path, own)) refuse('is a home directory or holds one')
  for (const state of [realOf(stateDir), ...AGENT_STATE.map((name) => join(own, name))]) {
    if (contains(path, state) || contains(state, path))
      refuse(`holds or lies in ${state}, which is state of a program that guards or acts`)
  }
  return path
}

/** State that is shown to nobody; programs are installed below `.local`. */
const NEVER_SHOWN = AGENT_STATE.filter((name) => name !== '.local')

/** Whether a canonical path may be shown because a command line names it: no home, no system directory, no state, nothing that holds one. */
export function mayShow(path: string, stateDir: string, home = homedir()): boolean {
  const own = realOf(home)
  const state = realOf(stateDir)
  if (SYSTEM.includes(path) || contains(path, own)) return false
  return ![state, ...NEVER_SHOWN.map((name) => join(own, name))].some(
    (each) => contains(path, each) || contains(each, path),
  )
}

/** Links on the way are followed, the directory itself may be none. */
function canonical(path: string): string {
  const fail = (why: string): never => {
    throw new SallyportError('SP_SANDBOX_WORKSPACE', `${JSON.stringify(path)} ${why}.`)
  }
  if (path.includes('\0')) fail('is not a path')
  try {
    const real = join(realpathSync(dirname(path)), basename(path))
    const found = lstatSync(real)
    if (found.isSymbolicLink()) fail('is a symbolic link; give the directory it points to')
    if (!found.isDirectory()) fail('is not a directory')
    return real
  } catch (thrown) {
    if (thrown instanceof SallyportError) throw thrown
    return fail('cannot be opened')
  }
}

const contains = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`)
