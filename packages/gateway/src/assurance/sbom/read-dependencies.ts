import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { walk } from '../scan/walk.ts'
import { inventoryOf, type Component, type Inventory, type InventoryNote } from './component.ts'
import { readCargoLock } from './lockfiles/cargo.ts'
import { readGemfileLock } from './lockfiles/gemfile.ts'
import { readGoSum } from './lockfiles/go-sum.ts'
import type { ReadLockfile } from './lockfiles/lockfile.ts'
import { readNpmLock } from './lockfiles/npm.ts'
import { readPnpmLock } from './lockfiles/pnpm.ts'
import { readPipfileLock, readPythonLock } from './lockfiles/python.ts'
import { readRequirements } from './lockfiles/requirements.ts'
import { readYarnLock } from './lockfiles/yarn.ts'

/** Lock files by name, and the manifests that they pin. */
const FORMS: readonly (readonly [name: RegExp, read: ReadLockfile])[] = [
  [/^(?:package-lock|npm-shrinkwrap)\.json$/, readNpmLock],
  [/^yarn\.lock$/, readYarnLock],
  [/^pnpm-lock\.yaml$/, readPnpmLock],
  [/^(?:requirements[\w.-]*\.txt|constraints\.txt)$/, readRequirements],
  [/^(?:poetry|uv)\.lock$/, readPythonLock],
  [/^Pipfile\.lock$/, readPipfileLock],
  [/^go\.sum$/, readGoSum],
  [/^Cargo\.lock$/, readCargoLock],
  [/^Gemfile\.lock$/, readGemfileLock],
]
const MANIFESTS: readonly (readonly [manifest: RegExp, lock: RegExp])[] = [
  [/^package\.json$/, /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/],
  [/^pyproject\.toml$/, /^(?:poetry\.lock|uv\.lock|requirements[\w.-]*\.txt)$/],
  [/^Pipfile$/, /^Pipfile\.lock$/],
  [/^Cargo\.toml$/, /^Cargo\.lock$/],
  [/^Gemfile$/, /^Gemfile\.lock$/],
]
/** Bytes of the longest lock file that is read. */
const LONGEST = 64 << 20

/** Dependencies of a directory, from the lock files in it. What could not be read or is not pinned is a note (HB-2). */
export function readDependencies(root: string): Inventory {
  const components: Component[] = []
  const notes: InventoryNote[] = []
  const files = [...walk(root, ({ name, message }) => notes.push({ path: name, message }))]
  const names = new Set(files.map(({ name }) => name))
  for (const { path, name, bytes } of files) {
    const base = name.slice(name.lastIndexOf('/') + 1)
    const read = FORMS.find(([form]) => form.test(base))?.[1]
    if (read !== undefined) {
      const listed = listOf(read, path, bytes)
      if (typeof listed === 'string') notes.push({ path: name, message: listed })
      else {
        components.push(...listed.packages.map((one) => ({ kind: 'package' as const, ...one, from: [name] })))
        notes.push(...listed.gaps.map((gap) => ({ path: name, message: `${gap} has no exact version.` })))
      }
    }
    const lock = MANIFESTS.find(([manifest]) => manifest.test(base))?.[1]
    if (lock !== undefined && !isLocked(name, lock, names) && needsLock(base, path))
      notes.push({ path: name, message: 'No lock file pins what it needs.' })
  }
  return inventoryOf([{ components, notes }])
}

function listOf(read: ReadLockfile, path: string, bytes: number): ReturnType<ReadLockfile> | string {
  if (bytes > LONGEST) return `It has ${bytes} bytes, more than are read.`
  try {
    const content = readFileSync(path)
    if (!isUtf8(content)) return 'It is not UTF-8.'
    return read(content.toString('utf8').replace(/^\ufeff/, ''))
  } catch (cause) {
    return `It cannot be read: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''}`
  }
}

/** A lock file in the same directory or one above it. */
function isLocked(manifest: string, lock: RegExp, names: ReadonlySet<string>): boolean {
  for (let at = manifest.lastIndexOf('/'); ; at = manifest.lastIndexOf('/', at - 1)) {
    const folder = at < 0 ? '' : manifest.slice(0, at + 1)
    for (const name of names)
      if (name.startsWith(folder) && !name.slice(folder.length).includes('/') && lock.test(name.slice(folder.length)))
        return true
    if (at <= 0) return false
  }
}

/** A package.json without dependencies pins nothing because there is nothing. */
function needsLock(base: string, path: string): boolean {
  if (base !== 'package.json') return true
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>
    return ['dependencies', 'devDependencies', 'optionalDependencies'].some(
      (field) => typeof value[field] === 'object' && Object.keys(value[field] ?? {}).length > 0,
    )
  } catch {
    return true
  }
}
