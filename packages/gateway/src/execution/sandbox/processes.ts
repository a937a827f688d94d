import { existsSync, readdirSync } from 'node:fs'
import { textOf } from './host.ts'

/** Children of a process, whichever of its threads made them. */
export function childrenOf(pid: number): readonly number[] {
  let threads: readonly string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  return threads.flatMap((thread) =>
    textOf(`/proc/${pid}/task/${thread}/children`).trim().split(' ').filter(Boolean).map(Number),
  )
}

/** Everything that a process has started and that is still below it. */
export const descendantsOf = (pid: number): readonly number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])

/** A process as it was seen: another one may get its id later, but not its start. */
export interface Seen {
  readonly pid: number
  readonly start: string | undefined
}

export const seenAs = (pid: number): Seen => ({ pid, start: startOf(pid) })

/** Clock ticks since the machine started. */
const startOf = (pid: number): string | undefined =>
  textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[STARTTIME - 3]
/** Field of `/proc/PID/stat`, counted from 1; the name of the program before it may hold anything. */
const STARTTIME = 22

/** Whether that very process is still there. */
export const isThere = ({ pid, start }: Seen): boolean => start !== undefined && startOf(pid) === start

/** Ends it, if it is still there. */
export function endSeen(seen: Seen): void {
  if (isThere(seen)) endProcess(seen.pid)
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

/** Ends the first process of a process namespace, if that is still what has this id; the kernel then ends all others in it. */
export function endNamespace(first: number): void {
  if (first > 0 && /^NSpid:\s+\d+\s+1$/m.test(textOf(`/proc/${first}/status`))) endProcess(first)
}

/** Names in a directory, `PID.…`, whose makers are no more; what a crash left (HB-141). */
export const leftBehind = (parent: string): readonly string[] =>
  (existsSync(parent) ? readdirSync(parent) : []).filter((name) => {
    const maker = /^(\d+)\./.exec(name)?.[1]
    return maker !== undefined && !existsSync(`/proc/${maker}`)
  })
