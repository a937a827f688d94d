import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { leftBehind } from './processes.ts'

const uid = (): number => process.getuid?.() ?? -1
/** Nobody else may make or change it. */
const parentOf = (): string => (uid() === 0 ? '/run/sallyport-oci' : join(tmpdir(), `sallyport-oci-${uid()}`))

/**
 * Makes the directory of one sandbox on the host; those whose makers are gone are removed on the way (HB-141).
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when somebody else has the place
 */
export function makeOwnDirectory(id: string): string {
  const parent = requireOwn(parentOf())
  for (const name of leftBehind(parent)) removeDirectory(join(parent, name))
  const directory = join(parent, `${process.pid}.${id}`)
  mkdirSync(directory, { mode: 0o700 })
  return directory
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE */
export function requireOwn(parent: string): string {
  mkdirSync(parent, { recursive: true, mode: 0o711 })
  const found = lstatSync(parent)
  if (!found.isDirectory() || found.uid !== uid() || (found.mode & 0o022) !== 0)
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', `${parent} belongs to somebody else, or others may write it.`)
  return parent
}

/** A file that is only read, with the directories above it. */
export function putFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, text, { mode: 0o444 })
}

/** What cannot be removed now, or is being removed by another start, stays for the next one. */
export function removeDirectory(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 2 })
  } catch {
    // still in use, or gone
  }
}
