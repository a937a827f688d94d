import { readdirSync } from 'node:fs'
import { textOf } from './host.ts'

/** O_ACCMODE and O_CLOEXEC, as `/proc/self/fdinfo` shows them. */
const ACCESS = 3
const CLOEXEC = 0o2000000

interface Descriptor {
  readonly isWritable: boolean
  /** A child of this process would get it: whoever started us gave it, Node closes its own. */
  readonly isInherited: boolean
}

/** What kind of descriptor of this process that is; undefined when it is closed. */
export function descriptor(fd: number): Descriptor | undefined {
  const flags = /^flags:\s+(\d+)/m.exec(textOf(`/proc/self/fdinfo/${fd}`))?.[1]
  if (flags === undefined) return undefined
  const bits = Number.parseInt(flags, 8)
  return { isWritable: (bits & ACCESS) !== 0, isInherited: (bits & CLOEXEC) === 0 }
}

/** Descriptors beyond the first three that a child of this process would inherit. */
export const strayDescriptors = (): readonly number[] =>
  readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= 3 && descriptor(fd)?.isInherited === true)
