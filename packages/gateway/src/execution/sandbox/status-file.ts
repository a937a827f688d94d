import { closeSync, openSync, readSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a maker says what it has made. */
export interface StatusFile {
  /** Its number in this process, to be handed on. */
  readonly fd: number
  said(): string
  close(): void
}

/** More than a maker ever says, bytes. */
const MOST = 4_096

/**
 * A file that has no name. Not a pipe: a maker whose pipe nobody reads any more is ended by its next word, and what it has begun would
 * wait for it for ever (HB-141).
 * @param id unique among those of this process
 * @throws errors of the file system, when neither shared memory nor the directory for temporary files takes one
 */
export function openStatusFile(id: string, places: readonly string[] = ['/dev/shm', tmpdir()]): StatusFile {
  const [place = tmpdir(), ...others] = places
  const path = join(place, `sallyport-${process.pid}.${id}`)
  let fd: number
  try {
    fd = openSync(path, 'wx+', 0o600)
  } catch (thrown) {
    if (others.length === 0) throw thrown
    return openStatusFile(id, others)
  }
  unlinkSync(path)
  let [isOpen, last] = [true, '']
  return {
    fd,
    said() {
      if (!isOpen) return last
      const bytes = Buffer.alloc(MOST)
      return (last = bytes.toString('latin1', 0, readSync(fd, bytes, 0, MOST, 0)))
    },
    close() {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
