import { parse } from 'smol-toml'
import type { Hash, LockedPackage } from '../component.ts'
import { prefixedHash } from '../integrity.ts'
import { recordOf, recordsOf, textOf, type LockedPackages } from './lockfile.ts'

/** poetry.lock and uv.lock. */
export function readPythonLock(text: string): LockedPackages {
  const lock = recordOf(parse(text), 'table')
  const packages: LockedPackage[] = []
  for (const entry of recordsOf(lock['package'], 'package')) {
    const [name, version] = [textOf(entry['name']), textOf(entry['version'])]
    if (name === undefined) throw new TypeError('A package has no name.')
    // the project itself in uv.lock
    const { editable, virtual } = recordOf(entry['source'] ?? {}, 'source')
    if ((editable ?? virtual) !== undefined) continue
    if (version === undefined) throw new TypeError(`${name} has no version.`)
    const files = [...recordsOf(entry['files'], 'files'), ...recordsOf(entry['wheels'], 'wheels')]
    const sdist = entry['sdist'] === undefined ? [] : [recordOf(entry['sdist'], 'sdist')]
    const hashes = [...files, ...sdist].flatMap(({ hash }) => prefixedHash(hash))
    const development = entry['category'] === 'dev' && { development: true }
    packages.push({ ecosystem: 'PyPI', name, version, hashes: inOrder(hashes), ...development })
  }
  return { packages, gaps: [] }
}

/** Pipfile.lock. */
export function readPipfileLock(text: string): LockedPackages {
  const lock = recordOf(JSON.parse(text), 'object')
  const packages: LockedPackage[] = []
  const gaps: string[] = []
  for (const section of ['default', 'develop'])
    for (const [name, value] of Object.entries(recordOf(lock[section] ?? {}, section))) {
      const entry = recordOf(value, section)
      const version = /^===?(.+)$/.exec(textOf(entry['version']) ?? '')?.[1]
      const hashes = Array.isArray(entry['hashes']) ? entry['hashes'].flatMap(prefixedHash) : []
      const development = section === 'develop' && { development: true }
      if (version === undefined) gaps.push(name)
      else packages.push({ ecosystem: 'PyPI', name, version, hashes: inOrder(hashes), ...development })
    }
  return { packages, gaps }
}

const inOrder = (hashes: readonly Hash[]): readonly Hash[] => hashes.toSorted((a, b) => (a.hex < b.hex ? -1 : 1))
