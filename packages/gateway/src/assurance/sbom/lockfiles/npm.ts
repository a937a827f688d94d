import type { LockedPackage } from '../component.ts'
import { integrityHashes } from '../integrity.ts'
import { recordOf, textOf, type LockedPackages } from './lockfile.ts'

const DEEPEST = 200

/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3. */
export function readNpmLock(text: string): LockedPackages {
  const lock = recordOf(JSON.parse(text), 'object')
  return lock['packages'] === undefined
    ? older(recordOf(lock['dependencies'] ?? {}, 'dependencies'), 0)
    : newer(recordOf(lock['packages'], 'packages'))
}

function newer(entries: Readonly<Record<string, unknown>>): LockedPackages {
  const packages: LockedPackage[] = []
  const gaps: string[] = []
  for (const [path, value] of Object.entries(entries)) {
    const entry = recordOf(value, 'packages')
    const at = path.lastIndexOf('node_modules/')
    // the project itself, its workspaces, and links to them
    if (at < 0 || entry['link'] === true) continue
    const name = textOf(entry['name']) ?? path.slice(at + 'node_modules/'.length)
    const version = textOf(entry['version'])
    if (version === undefined) gaps.push(name)
    else packages.push(locked(name, version, entry))
  }
  return { packages, gaps }
}

function older(entries: Readonly<Record<string, unknown>>, depth: number): LockedPackages {
  if (depth > DEEPEST) throw new TypeError('It is nested too deeply.')
  const packages: LockedPackage[] = []
  const gaps: string[] = []
  for (const [name, value] of Object.entries(entries)) {
    const entry = recordOf(value, 'dependencies')
    const version = textOf(entry['version'])
    if (version === undefined || !/^\d/.test(version)) gaps.push(name)
    else packages.push(locked(name, version, entry))
    const below = older(recordOf(entry['dependencies'] ?? {}, 'dependencies'), depth + 1)
    packages.push(...below.packages)
    gaps.push(...below.gaps)
  }
  return { packages, gaps }
}

const locked = (name: string, version: string, entry: Readonly<Record<string, unknown>>): LockedPackage => ({
  ...{ ecosystem: 'npm', name, version, hashes: integrityHashes(entry['integrity']) },
  ...((entry['dev'] === true || entry['devOptional'] === true) && { development: true }),
})
