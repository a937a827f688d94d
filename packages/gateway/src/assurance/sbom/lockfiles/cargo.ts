import { parse } from 'smol-toml'
import { hashOf } from '../integrity.ts'
import { recordOf, recordsOf, textOf, type LockedPackages } from './lockfile.ts'

/** Cargo.lock. Packages without a source are the project’s own. */
export function readCargoLock(text: string): LockedPackages {
  const entries = recordsOf(recordOf(parse(text), 'table')['package'], 'package')
  const packages = entries.flatMap((entry) => {
    const [name, version] = [textOf(entry['name']), textOf(entry['version'])]
    if (name === undefined || version === undefined) throw new TypeError('A package has no name or no version.')
    if (entry['source'] === undefined) return []
    return [
      { ecosystem: 'crates.io' as const, name, version, hashes: hashOf('sha256', textOf(entry['checksum']) ?? '') },
    ]
  })
  return { packages, gaps: [] }
}
