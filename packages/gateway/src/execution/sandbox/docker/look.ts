import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { GroupKind } from '../control-groups.ts'
import { textOf } from '../host.ts'
import { faultsOf, mountsOf, NAMESPACES, requireNone } from '../verify.ts'
import { boundsOf } from './bounds.ts'
import { mountPointsOf, type DockerCall } from './container.ts'
import { above } from './image.ts'

/** An engine gives no namespace of users of its own. */
const APART = NAMESPACES.filter((name) => name !== 'user')
/** Of what the first process starts with; an image may bring more, which could steer it. */
const VARIABLES = ['PATH', 'HOSTNAME', 'HOME']
/** What an engine puts into every root, with what a link leads to. */
const ENGINES_OWN: readonly (readonly [path: string, target: string])[] = [
  ['/.dockerenv', ''],
  ['/etc/mtab', '/proc/mounts'],
]

/** The first process, which is counted with the command's. */
export const OWN_PROCESSES = 1

/**
 * What is wrong with a container, seen from the host (AC-6.3.1): what is looked at with every backend, and that the engine has added
 * nothing of its own, has covered what it was told to, and holds the bounds.
 */
export function containerFaults(first: number, call: DockerCall): readonly string[] {
  return [
    ...faultsOf({ pid: first, shown: call.view.shown, uid: call.uid, apart: APART }),
    ...mountFaults(first, call),
    ...rootFaults(first, call),
    ...environmentFaults(first),
    ...boundsOf(first, call.profile.limits, OWN_PROCESSES).faults,
  ]
}

/** @returns what bounds it. @throws SallyportError SP_SANDBOX_UNVERIFIED naming the first of them */
export function requireContainer(first: number, call: DockerCall): GroupKind {
  requireNone(containerFaults(first, call))
  return boundsOf(first, call.profile.limits, OWN_PROCESSES).kind
}

function mountFaults(first: number, call: DockerCall): readonly string[] {
  const { made, covers } = mountPointsOf(call)
  const points = [...mountsOf(first).keys()].filter((point) => point !== '')
  const isUnder = (point: string): boolean => covers.some((cover) => point.startsWith(`${cover}/`))
  return [
    ...points
      .filter((point) => !made.includes(point) && !covers.includes(point) && !isUnder(point))
      .map((point) => `${point} was mounted by nobody's order`),
    ...covers.filter((cover) => !points.includes(cover)).map((cover) => `${cover} is not covered`),
    ...(namesIn(`/proc/${first}/root/sys`).length === 0 ? [] : ['/sys shows something of the host']),
  ]
}

/** The root holds mount points, the links of the view, and what every engine puts there. */
function rootFaults(first: number, call: DockerCall): readonly string[] {
  const root = `/proc/${first}/root`
  const { made } = mountPointsOf(call)
  const points = new Set([...made, '/sys'])
  const links = new Map([...ENGINES_OWN, ...call.view.links])
  const directories = new Set([...points, ...links.keys()].flatMap(above))
  const strange = (directory: string): readonly string[] =>
    namesIn(root + directory).flatMap((name) => {
      const path = join(directory, name)
      if (points.has(path)) return []
      if (links.has(path)) return isLinkOrEmpty(root + path, links.get(path) ?? '') ? [] : [path]
      return directories.has(path) && lstatSync(root + path).isDirectory() ? strange(path) : [path]
    })
  return strange('/').map((path) => `${path} is in its root by nobody's order`)
}

/** What is there is a link to the target; without one, an empty file. */
function isLinkOrEmpty(path: string, target: string): boolean {
  const found = lstatSync(path)
  return target === '' ? found.isFile() && found.size === 0 : found.isSymbolicLink() && readlinkSync(path) === target
}

function environmentFaults(first: number): readonly string[] {
  const names = textOf(`/proc/${first}/environ`)
    .split('\0')
    .slice(0, -1)
    .map((row) => row.split('=')[0] ?? '')
  if (names.length === 0) return ['its environment cannot be read']
  return names.filter((name) => !VARIABLES.includes(name)).map((name) => `its environment holds ${name}`)
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return ['what cannot be read']
  }
}
