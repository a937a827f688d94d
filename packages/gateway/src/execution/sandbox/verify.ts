import { lstatSync, readlinkSync } from 'node:fs'
import { SallyportError } from '@sallyport/core'
import { textOf } from './host.ts'
import type { Shown } from './view.ts'

/** Namespaces in which a sandbox must not share the host's. */
export const NAMESPACES: readonly string[] = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup']

export interface Expected {
  /** Host id of the process that will become the command. */
  readonly pid: number
  readonly shown: readonly Shown[]
  /** Uid of the sandbox as the host sees it; undefined: that of this process. */
  readonly uid: number | undefined
  /** Namespaces that it does not share; default: all. */
  readonly apart?: readonly string[]
}

/** Namespaces of the sandbox by their inode numbers, for the record. */
export type Namespaces = Readonly<Record<string, string>>

/**
 * What is wrong with a sandbox that has been made and waits, seen from the host, where nothing inside can fake it (AC-6.3.1,
 * AC-6.3.2, E-67); empty when nothing is.
 */
export function faultsOf({ pid, shown, uid, apart = NAMESPACES }: Expected): readonly string[] {
  const faults: string[] = [...apartFaults(pid, apart)]
  const status = statusOf(pid)
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
    if (!/^0+$/.test(status.get(set) ?? '')) faults.push(`${set} is not empty`)
  }
  faults.push(...rightsFaults(pid, uid))
  if (status.get('Seccomp') !== '2') faults.push('no filter of system calls is in force')
  return [...faults, ...shownFaults(pid, shown, ['/', '/dev', '/proc/sys']), ...interfaceFaults(pid)]
}

/** Namespaces of the host that a process shares. */
export const apartFaults = (pid: number, names: readonly string[]): readonly string[] =>
  names
    .filter((name) => namespace(pid, name) === namespace('self', name))
    .map((name) => `it shares the host's ${name} namespace`)

/** @param uid undefined: any but root's */
export function rightsFaults(pid: number, uid: number | undefined): readonly string[] {
  const faults: string[] = []
  if (statusOf(pid).get('NoNewPrivs') !== '1') faults.push('it could gain privileges')
  const outside = uidOf(pid)
  if (outside === 0) faults.push('it runs as root of the host')
  if (uid !== undefined && outside !== uid) faults.push(`it runs as uid ${outside}`)
  return faults
}

/** What is said of a sandbox that was ended because a wall was gone. */
export const lostWalls = (faults: readonly string[]): SallyportError =>
  new SallyportError('SP_SANDBOX_LOST', `${faults.slice(0, 3).join('; ')}.`)

/** What is wrong with one that runs; nothing of one that is ending, of which nothing can be said any more. */
export function whileThere(pid: number, faults: () => readonly string[]): readonly string[] {
  // one that is ending has left its groups and its memory, and waits for what is below it
  const isThere = (): boolean => /^State:\s+[^ZX][^]*^VmSize:/m.test(textOf(`/proc/${pid}/status`))
  if (!isThere()) return []
  const found = faults()
  return found.length > 0 && isThere() ? found : []
}

/** What is shown where it was not meant, or can be written and must not. */
export function shownFaults(pid: number, shown: readonly Shown[], alsoFixed: readonly string[]): readonly string[] {
  const mounts = mountsOf(pid)
  const fixed = [...alsoFixed, ...shown.filter(({ writable }) => !writable).map(({ path }) => path)]
  return [
    ...fixed.filter((path) => mounts.get(path)?.includes('ro') !== true).map((path) => `${path} is not read-only`),
    ...writableBelow(mounts, shown).map((path) => `${path} is not read-only`),
    ...shown
      .filter(({ path, inode }) => inodeOf(`/proc/${pid}/root${path}`) !== inode)
      .map(({ path }) => `${path} is not what was meant`),
  ]
}

/** File systems that were mounted below what may not be written, and may be. */
function writableBelow(mounts: ReadonlyMap<string, readonly string[]>, shown: readonly Shown[]): readonly string[] {
  const own = new Map(shown.map(({ path, writable }) => [path, writable]))
  const isWritable = (path: string): boolean => {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const writable = own.get(at)
      if (writable !== undefined) return writable
    }
    return true
  }
  return [...mounts]
    .filter(([path, options]) => !own.has(path) && !isWritable(path) && !options.includes('ro'))
    .map(([path]) => path)
}

export function interfaceFaults(pid: number): readonly string[] {
  const interfaces = textOf(`/proc/${pid}/net/dev`).match(/^ *[^ |:]+(?=:)/gm) ?? []
  return interfaces.length === 1 && interfaces[0]?.trim() === 'lo' ? [] : ['it has a network interface']
}

/** @returns the uid outside. @throws SallyportError SP_SANDBOX_UNVERIFIED */
export function requireVerified(expected: Expected): number {
  requireNone(faultsOf(expected))
  return uidOf(expected.pid)
}

/** The same of a look that throws what it finds. */
export function lookFaults(look: () => unknown): readonly string[] {
  try {
    look()
    return []
  } catch (thrown) {
    return [thrown instanceof SallyportError ? thrown.detail : String(thrown)]
  }
}

/** @throws SallyportError SP_SANDBOX_UNVERIFIED naming the first of them */
export function requireNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new SallyportError('SP_SANDBOX_UNVERIFIED', `${faults.slice(0, 3).join('; ')}.`)
}

const uidOf = (pid: number): number => Number(statusOf(pid).get('Uid')?.split(/\s+/)[0])

export const namespacesOf = (pid: number): Namespaces =>
  Object.fromEntries(NAMESPACES.map((name) => [name, namespace(pid, name)]))

/** Device and inode of what is at a path, itself and not where it points; undefined for nothing. */
function inodeOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** Options of each mount point, the last one mounted where there are several. */
export const mountsOf = (pid: number): ReadonlyMap<string, readonly string[]> =>
  new Map(mountRows(pid).map((row) => [unescaped(row[4] ?? ''), (row[5] ?? '').split(',')]))

/** Device of the file system at each mount point. */
export const devicesOf = (pid: number | 'self'): ReadonlyMap<string, string> =>
  new Map(mountRows(pid).map((row) => [unescaped(row[4] ?? ''), row[2] ?? '']))

const mountRows = (pid: number | 'self'): readonly (readonly string[])[] =>
  textOf(`/proc/${pid}/mountinfo`)
    .split('\n')
    .map((row) => row.split(' '))

const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

export function statusOf(pid: number): ReadonlyMap<string, string> {
  const rows = textOf(`/proc/${pid}/status`).split('\n')
  return new Map(rows.map((row) => [row.slice(0, row.indexOf(':')), row.slice(row.indexOf(':') + 1).trim()]))
}

function namespace(pid: number | 'self', name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${name}`)
  } catch {
    // what cannot be seen is not known to be apart
    return readlinkSync(`/proc/self/ns/${name}`)
  }
}
