import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'

const ENDING = '.json'
/** A file beyond this is not read: no pack is so large. */
const LARGEST = 4_000_000

/** Installed packs, one file a name. */
export interface PackFiles {
  /** Bytes by file name, in order of names. An unreadable or huge file has none. */
  read(): readonly { readonly file: string; readonly bytes: Uint8Array | undefined }[]
  /** Puts a pack in place of the one of its name; whole or not at all, also when the power fails. */
  write(name: string, bytes: Uint8Array): void
  readonly directory: string
}

export function openPackFiles(directory: string): PackFiles {
  return {
    directory,
    read() {
      if (!existsSync(directory)) return []
      const files = readdirSync(directory).filter((file) => file.endsWith(ENDING) && !file.startsWith('.'))
      return files.sort().map((file) => ({ file, bytes: readSmall(join(directory, file)) }))
    },
    write(name, bytes) {
      const path = join(directory, `${name}${ENDING}`)
      const fresh = join(directory, `.${name}${ENDING}.new`)
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        const file = openSync(fresh, 'w', 0o600)
        try {
          writeSync(file, bytes)
          fsyncSync(file)
        } finally {
          closeSync(file)
        }
        renameSync(fresh, path)
        const folder = openSync(directory, 'r')
        try {
          fsyncSync(folder)
        } finally {
          closeSync(folder)
        }
      } catch (cause) {
        throw new SallyportError('SP_STORE_UNAVAILABLE', `The rule pack cannot be kept in ${directory}.`, { cause })
      }
    },
  }
}

function readSmall(path: string): Uint8Array | undefined {
  try {
    return statSync(path).size > LARGEST ? undefined : readFileSync(path)
  } catch {
    return undefined
  }
}
