import { accessSync, constants, readFileSync, realpathSync } from 'node:fs'
import type { Architecture } from '@sallyport/core'

const ARCHITECTURES: Readonly<Record<string, Architecture>> = { x64: 'x86_64', arm64: 'aarch64' }

/** Architecture of this machine; undefined where there is no table of system calls for it. */
export const HOST_ARCHITECTURE: Architecture | undefined = ARCHITECTURES[process.arch]

/** What a file of `/proc` or `/sys` says; nothing when it cannot be read or has gone. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The path without links; as it is when nothing is there. */
export function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Whether this process may execute what is at a path. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
