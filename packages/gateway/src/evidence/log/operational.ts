import { write } from 'node:fs'
import type { Json } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { isoTime } from '../../clock.ts'

type OperationalLevel = 'debug' | 'info' | 'warn' | 'error'

/** The operational log: JSON lines on standard error, apart from the audit log and never evidence (ND-1.2.a). */
export interface OperationalLog {
  write(level: OperationalLevel, message: string, members?: Readonly<Record<string, Json>>): void
  /** Resolves when everything so far has been handed to the operating system. */
  flush(): Promise<void>
}

/** Must not throw; calls back when it can take more. */
export type OperationalSink = (text: string, done: () => void) => void

export interface OperationalDeps {
  readonly clock: Clock
  /** Default: standard error. */
  readonly sink?: OperationalSink
  readonly minimum?: OperationalLevel
}

const ORDER: readonly OperationalLevel[] = ['debug', 'info', 'warn', 'error']
const BUFFER_LIMIT = 1024 * 1024
const STDERR = 2
// JSON leaves U+2028, U+2029 and C1 controls as they are; some readers of lines do not (T-168).
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g

/**
 * Lines are written one after the other, behind the work of the turn they come from and without waiting for the reader; a
 * reader that stops costs lines (their number is said), never a call.
 */
export function createOperationalLog({ clock, sink = toStderr, minimum = 'info' }: OperationalDeps): OperationalLog {
  let buffer = ''
  let busy = false
  let dropped = 0
  let idle: (() => void)[] = []
  const drain = (): void => {
    if (busy) return
    if (buffer === '') {
      for (const done of idle.splice(0)) done()
      return
    }
    const text = buffer
    buffer = ''
    busy = true
    sink(text, () => {
      busy = false
      drain()
    })
  }
  return {
    write(level, message, members = {}) {
      if (ORDER.indexOf(level) < ORDER.indexOf(minimum)) return
      if (buffer.length > BUFFER_LIMIT) {
        dropped++
        return
      }
      const lost = dropped === 0 ? {} : { dropped }
      dropped = 0
      const line = JSON.stringify({ time: isoTime(clock.now()), level, message, ...lost, ...members })
      if (buffer === '' && !busy) setImmediate(drain)
      buffer += `${line.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
    },
    flush: () =>
      new Promise((resolve) => {
        idle = [...idle, resolve]
        drain()
      }),
  }
}

function toStderr(text: string, done: () => void): void {
  write(STDERR, text, () => done())
}
