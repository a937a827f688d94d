import { closeSync, constants, openSync, readSync } from 'node:fs'
import { syscallNumbers } from '@sallyport/core'
import { HOST_ARCHITECTURE } from './host.ts'

/** A system call that ended a process of a sandbox (AC-6.2.3). */
export interface Violation {
  /** What ran in the sandbox, as its starter names it. */
  readonly sandbox: string
  readonly action: 'ended'
  /** Name of the call; `unknown` where the kernel's log cannot be read. */
  readonly call: string
  /** Program that made it, as the kernel saw it; empty when unknown. */
  readonly program: string
}

export interface ViolationWatch {
  /** A sandbox is about to be made: what is said from now on counts. */
  open(): void
  /** The sandbox with this uid has begun. */
  begun(uid: number, sandbox: string): void
  /** It has ended, with this exit code. */
  ended(uid: number, sandbox: string, code: number): void
  close(): void
}

const KERNEL_LOG = '/dev/kmsg'
const RECORD = 8_192
const LOOK_MS = 1_000
/** How long the kernel's log may lag behind an end, ms. */
const AFTERWARDS = 3_000
/** 128 + SIGSYS: what a shell says of a process that the filter ended. */
const ENDED_BY_FILTER = 159

/**
 * Reads the kernel's log for calls that the filter ended, where root may read it: each sandbox of root has a uid of its own, so a line
 * names its sandbox. Elsewhere only an end of the command itself is seen, without the call.
 */
export function watchViolations(report: (violation: Violation) => void): ViolationWatch {
  const running = new Map<number, string>()
  let log: KernelLog | undefined
  let isOpen = false
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    for (const line of log?.read() ?? []) {
      const uid = Number(/ uid=(\d+)/.exec(line)?.[1] ?? -1)
      const sandbox = running.get(uid)
      if (sandbox === undefined) continue
      const number = Number(/ syscall=(\d+)/.exec(line)?.[1] ?? -1)
      const program = /comm="([^"]{0,64})"/.exec(line)?.[1] ?? ''
      report({ sandbox, action: 'ended', call: nameOf(number), program })
    }
    if (running.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    open() {
      if (!isOpen) log = openLog()
      isOpen = true
    },
    begun(uid, sandbox) {
      if (log === undefined) return
      running.set(uid, sandbox)
      timer ??= setInterval(look, LOOK_MS)
      timer.unref()
    },
    ended(uid, sandbox, code) {
      if (log !== undefined) setTimeout(() => running.delete(uid), AFTERWARDS).unref()
      else if (code === ENDED_BY_FILTER) report({ sandbox, action: 'ended', call: 'unknown', program: '' })
    },
    close() {
      look()
      clearInterval(timer)
      log?.close()
    },
  }
}

interface KernelLog {
  read(): readonly string[]
  close(): void
}

function nameOf(number: number): string {
  const known = HOST_ARCHITECTURE === undefined ? [] : syscallNumbers(HOST_ARCHITECTURE)
  for (const [name, each] of known) if (each === number) return name
  return String(number)
}

/** Lines about ends by seccomp that come from now on; undefined where the log cannot be read. */
function openLog(): KernelLog | undefined {
  if (process.getuid?.() !== 0) return undefined
  let fd: number
  try {
    fd = openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  const buffer = Buffer.alloc(RECORD)
  /** One record; undefined when there is none yet. */
  const next = (): string | undefined => {
    for (;;) {
      try {
        return buffer.toString('latin1', 0, readSync(fd, buffer))
      } catch (thrown) {
        // EPIPE: records were lost before they were read
        if ((thrown as NodeJS.ErrnoException).code !== 'EPIPE') return undefined
      }
    }
  }
  const read = (): readonly string[] => {
    const lines: string[] = []
    for (let line = next(); line !== undefined && line !== ''; line = next()) {
      if (line.includes('type=1326') && line.includes('sig=31')) lines.push(line)
    }
    return lines
  }
  // what was said before is not ours
  read()
  return { read, close: () => closeSync(fd) }
}
