import type { LockedPackage } from '../component.ts'
import { prefixedHash } from '../integrity.ts'
import type { LockedPackages } from './lockfile.ts'

/** Gemfile.lock: the gems of a registry. Those of GIT and PATH are gaps, since no registry pins them. */
export function readGemfileLock(text: string): LockedPackages {
  const found = new Map<string, LockedPackage>()
  const gaps: string[] = []
  let section = ''
  for (const line of text.split(/\r?\n/)) {
    if (/^[A-Z]/.test(line)) section = line.trim()
    const spec = /^ {4}(\S+) \(([^)]+)\)/.exec(line)
    const sum = /^ {2}(\S+) \(([^)]+)\) (sha256=[0-9a-f]+)/.exec(line)
    if (section === 'CHECKSUMS' && sum !== null) {
      const gem = found.get(`${sum[1]} ${sum[2]}`)
      if (gem !== undefined) found.set(`${sum[1]} ${sum[2]}`, { ...gem, hashes: prefixedHash(sum[3]) })
    } else if (spec !== null && section === 'GEM')
      found.set(`${spec[1]} ${spec[2]}`, {
        ecosystem: 'RubyGems',
        name: spec[1] ?? '',
        version: spec[2] ?? '',
        hashes: [],
      })
    else if (spec !== null && (section === 'GIT' || section === 'PATH')) gaps.push(spec[1] ?? '')
  }
  if (section === '') throw new TypeError('It has no section.')
  return { packages: [...found.values()], gaps }
}
