import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { devicesOf } from '../verify.ts'
import { PROC_SYS, mountPointsOf, type DockerCall } from './container.ts'
import { above } from './image.ts'

/** What an engine puts into every root, with what a link leads to. */
const ENGINES_OWN: readonly (readonly [path: string, target: string])[] = [
  ['/.dockerenv', ''],
  ['/etc/mtab', '/proc/mounts'],
]
const DEVICES = [
  ...['core', 'fd', 'full', 'mqueue', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout'],
  ...['tty', 'urandom', 'zero'],
]
/** Device number of /dev/null. */
const NULL = 0x103

/** What the root of a container shows that nobody ordered, and what it should cover and does not. */
export function rootFaults(first: number, call: DockerCall): readonly string[] {
  const root = `/proc/${first}/root`
  const { own, bound, covers } = mountPointsOf(call)
  const devices = devicesOf(first)
  const ofHost = new Set(devicesOf('self').values())
  const isOfHost = (point: string): boolean => devices.has(point) && ofHost.has(devices.get(point) ?? '')
  const made = ['/', ...own, ...bound, ...covers]
  const isUnder = (point: string): boolean => covers.some((cover) => point.startsWith(`${cover}/`))
  return [
    ...[...devices.keys()]
      .filter((point) => point !== '' && !made.includes(point) && !isUnder(point))
      .map((point) => `${point} was mounted by nobody's order`),
    ...own.filter(isOfHost).map((point) => `${point} is that of the host`),
    ...covers
      .filter((cover) => !devices.has(cover) || (cover !== PROC_SYS && !isEmptied(root + cover)))
      .map((cover) => `${cover} is not covered`),
    ...namesIn(`${root}/dev`)
      .filter((name) => !DEVICES.includes(name))
      .map((name) => `/dev/${name} is there by nobody's order`),
    ...strangeIn(root, call, [...own, ...bound, ...covers]).map((path) => `${path} is in its root by nobody's order`),
  ]
}

/** The root itself holds mount points, the links of the view, and what every engine puts there. */
function strangeIn(root: string, { view }: DockerCall, mounted: readonly string[]): readonly string[] {
  const points = new Set(mounted)
  const links = new Map([...ENGINES_OWN, ...view.links])
  const directories = new Set([...points, ...links.keys()].flatMap(above))
  const strange = (directory: string): readonly string[] =>
    namesIn(root + directory).flatMap((name) => {
      const path = join(directory, name)
      if (points.has(path)) return []
      const target = links.get(path)
      if (target !== undefined) return isLinkOrEmpty(root + path, target) ? [] : [path]
      return directories.has(path) && lstatSync(root + path).isDirectory() ? strange(path) : [path]
    })
  return strange('/')
}

/** What is there is a link to the target; without one, an empty file. */
function isLinkOrEmpty(path: string, target: string): boolean {
  const found = lstatSync(path)
  return target === '' ? found.isFile() && found.size === 0 : found.isSymbolicLink() && readlinkSync(path) === target
}

function isEmptied(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() === true ? namesIn(path).length === 0 : found?.rdev === NULL
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return ['what cannot be read']
  }
}
