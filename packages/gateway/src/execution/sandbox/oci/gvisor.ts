import { textOf } from '../host.ts'
import { descendantsOf } from '../processes.ts'
import {
  apartFaults,
  interfaceFaults,
  mountsOf,
  namespacesOf,
  requireNone,
  rightsFaults,
  shownFaults,
  statusOf,
} from '../verify.ts'
import type { Looked, LookedAt } from './runtimes.ts'

/** Processes of gVisor by what they call themselves: its kernel, and what serves files to it. */
const KERNEL = 'runsc-sandbox'
const FILES = 'runsc-gofer'
/** Of the host its kernel has a root without files and `/proc`. */
const MOUNTS_OF_KERNEL = ['/', '/proc']

/**
 * Looks at the two processes by which a command in gVisor can reach the host (AC-6.3.1): what they may is the most that it may.
 * @throws SallyportError SP_SANDBOX_UNVERIFIED
 */
export function lookAtGvisor({ maker, shown, uid }: LookedAt): Looked {
  const all = descendantsOf(maker)
  const named = (name: string): number | undefined =>
    all.find((pid) => textOf(`/proc/${pid}/cmdline`).startsWith(`${name}\0`))
  const [kernel, files] = [named(KERNEL), named(FILES)]
  if (kernel === undefined || files === undefined) {
    requireNone(['the processes of gVisor are not to be found'])
    return { uid, namespaces: {} }
  }
  requireNone([
    ...apartFaults(kernel, ['mnt', 'net', 'ipc', 'uts', 'user']),
    ...apartFaults(files, ['mnt', 'net', 'ipc', 'uts', 'user', 'pid']),
    ...[kernel, files].flatMap((pid) => rightsFaults(pid, uid)),
    ...[kernel, files].flatMap(interfaceFaults),
    ...[...mountsOf(kernel).keys()].filter((path) => path !== '' && !MOUNTS_OF_KERNEL.includes(path)).map(sees),
    ...(statusOf(files).get('Seccomp') === '2' ? [] : ['no filter of system calls is in force for its files']),
    ...shownFaults(files, shown, ['/']),
  ])
  return { uid, namespaces: namespacesOf(kernel) }
}

const sees = (path: string): string => `its kernel sees ${path} of the host`
