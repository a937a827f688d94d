import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError, type SandboxLimits } from '@sallyport/core'
import { textOf } from './host.ts'
import { leftBehind } from './processes.ts'

/** Which kernel interface bounds processes and memory of one sandbox; `none` where only rlimits do. */
export type GroupKind = 'v2' | 'v1' | 'none'

export interface ControlGroup {
  readonly kind: GroupKind
  /** Files that take the id of a process which joins. */
  readonly join: readonly string[]
  /** Removes the groups; true when they are gone. Whoever is still in them keeps them. */
  remove(): boolean
}

const ROOT = '/sys/fs/cgroup'
const PARENT = 'sallyport'
const PERIOD = 100_000

/**
 * Controllers of version 1 and what is written into a new group of each. To join one takes the kernel about a millisecond, and the
 * number of processes is bounded already: whoever may make groups gives every sandbox a uid of its own.
 */
const V1: Readonly<Record<string, (limits: SandboxLimits) => Readonly<Record<string, string>>>> = {
  memory: ({ memory }) => ({ 'memory.limit_in_bytes': String(memory), 'memory.swappiness': '0' }),
  cpu: ({ cpus }) => ({ 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(Math.round(cpus * PERIOD)) }),
}
const V2 = ({ processes, memory, cpus }: SandboxLimits): Readonly<Record<string, string>> => ({
  'pids.max': String(processes + OWN_PROCESSES),
  'memory.max': String(memory),
  'memory.swap.max': '0',
  'cpu.max': `${Math.round(cpus * PERIOD)} ${PERIOD}`,
})
/** What bubblewrap itself takes. */
const OWN_PROCESSES = 3

/** Limits that a machine may lack without weakening the bound on memory and processes. */
const OPTIONAL = new Set(['memory.swappiness', 'memory.swap.max'])

/**
 * A group of its own for one sandbox, where this process may make one; else none, which is for the caller to report. Groups whose
 * makers are gone are removed on the way (HB-141).
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE where groups exist and none can be made
 */
export function createControlGroup(id: string, limits: SandboxLimits, root = ROOT): ControlGroup {
  if (process.getuid?.() !== 0) return NONE
  const name = `${process.pid}.${id}`
  const group = inV2(name, limits, root) ?? inV1(name, limits, root)
  if (group !== undefined || !hasControllers(root)) return group ?? NONE
  throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'The control groups of this machine take no group for a sandbox.')
}

const NONE: ControlGroup = { kind: 'none', join: [], remove: () => true }

function inV2(name: string, limits: SandboxLimits, root: string): ControlGroup | undefined {
  const controllers = textOf(join(root, 'cgroup.controllers')).split(/\s+/)
  if (!['pids', 'memory', 'cpu'].every((controller) => controllers.includes(controller))) return undefined
  const parent = join(root, PARENT)
  const enable = '+pids +memory +cpu'
  return made([join(parent, name)], 'v2', () => {
    mkdirSync(parent, { recursive: true })
    sweep(parent)
    writeFileSync(join(root, 'cgroup.subtree_control'), enable)
    writeFileSync(join(parent, 'cgroup.subtree_control'), enable)
    mkdirSync(join(parent, name))
    setAll(join(parent, name), V2(limits))
  })
}

function inV1(name: string, limits: SandboxLimits, root: string): ControlGroup | undefined {
  const groups = Object.keys(V1).map((controller) => join(root, controller, PARENT, name))
  return made(groups, 'v1', () => {
    for (const [controller, values] of Object.entries(V1)) {
      sweep(join(root, controller, PARENT))
      const group = join(root, controller, PARENT, name)
      mkdirSync(group, { recursive: true })
      setAll(group, values(limits))
    }
  })
}

/** True where groups exist: then a sandbox without one is not what was ordered. */
const hasControllers = (root: string): boolean =>
  existsSync(join(root, 'memory/cgroup.procs')) || textOf(join(root, 'cgroup.controllers')).includes('memory')

/** Removes the groups of processes that are no more. */
function sweep(parent: string): void {
  for (const name of leftBehind(parent)) removed(join(parent, name))
}

/** All of it or nothing: half a bound would be reported as a whole one. */
function made(groups: readonly string[], kind: GroupKind, make: () => void): ControlGroup | undefined {
  const remove = (): boolean => groups.map(removed).every(Boolean)
  try {
    make()
    return { kind, join: groups.map((group) => join(group, 'cgroup.procs')), remove }
  } catch {
    remove()
    return undefined
  }
}

function setAll(group: string, values: Readonly<Record<string, string>>): void {
  for (const [file, value] of Object.entries(values)) {
    if (OPTIONAL.has(file) && !existsSync(join(group, file))) continue
    writeFileSync(join(group, file), value)
  }
}

function removed(group: string): boolean {
  try {
    rmdirSync(group)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT'
  }
  return true
}
