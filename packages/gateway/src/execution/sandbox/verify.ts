import { lstatSync, readlinkSync } from 'node:fs'
import { SallyportError } from '@sallyport/core'
import { textOf } from './host.ts'
import type { Shown } from './view.ts'

/** Namespaces in which a sandbox must not share the host's. */
const NAMESPACES = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup'] as const

export interface Expected {
  /** Host id of the process that will become the command. */
  readonly pid: number
  readonly shown: readonly Shown[]
  /** Uid of the sandbox as the host sees it; undefined: that of this process. */
  readonly uid: number | undefined
}

/** Namespaces of the sandbox by their inode numbers, for the record. */
export type Namespaces = Readonly<Record<string, string>>

/**
 * What is wrong with a sandbox that has been made and waits, seen from the host, where nothing inside can fake it (AC-6.3.1,
 * AC-6.3.2, E-67); empty when nothing is.
 */
export function faultsOf({ pid, shown, uid }: Expected): readonly string[] {
  const faults: string[] = []
  const status = statusOf(pid)
  for (const name of NAMESPACES) {
    if (namespace(pid, name) === namespace('self', name)) faults.push(`it shares the host's ${name} namespace`)
  }
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
    if (!/^0+$/.test(status.get(set) ?? '')) faults.push(`${set} is not empty`)
  }
  if (status.get('NoNewPrivs') !== '1') faults.push('it could gain privileges')
  if (status.get('Seccomp') !== '2') faults.push('no filter of system calls is in force')
  const outside = Number(status.get('Uid')?.split(/\s+/)[0])
  if (outside === 0) faults.push('it runs as root of the host')
  if (uid !== undefined && outside !== uid) faults.push(`it runs as uid ${outside}`)
  const mounts = mountsOf(pid)
  for (const path of ['/', '/dev', '/proc/sys', ...shown.filter(({ writable }) => !writable).map(({ path }) => path)]) {
    if (mounts.get(path)?.includes('ro') !== true) faults.push(`${path} is not read-only`)
  }
  for (const { path, inode } of shown) {
    if (inodeOf(`/proc/${pid}/root${path}`) !== inode) faults.push(`${path} is not what was meant`)
  }
  const interfaces = textOf(`/proc/${pid}/net/dev`).match(/^ *[^ |:]+(?=:)/gm) ?? []
  if (interfaces.length !== 1 || interfaces[0]?.trim() !== 'lo') faults.push('it has a network interface')
  return faults
}

/** What is said of a sandbox that was ended because a wall was gone. */
export const lostWalls = (faults: readonly string[]): SallyportError =>
  new SallyportError('SP_SANDBOX_LOST', `${faults.slice(0, 3).join('; ')}.`)

/** The same of one that runs; nothing of one that is ending, of which nothing can be said any more. */
export function faultsWhileRunning(expected: Expected): readonly string[] {
  const isThere = (): boolean => /^State:\s+[^ZX]/m.test(textOf(`/proc/${expected.pid}/status`))
  if (!isThere()) return []
  const faults = faultsOf(expected)
  return faults.length > 0 && isThere() ? faults : []
}

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
function mountsOf(pid: number): ReadonlyMap<string, readonly string[]> {
  const rows = textOf(`/proc/${pid}/mountinfo`).split('\n')
  return new Map(rows.map((row) => row.split(' ')).map((row) => [unescaped(row[4] ?? ''), (row[5] ?? '').split(',')]))
}

const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

function statusOf(pid: number): ReadonlyMap<string, string> {
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
