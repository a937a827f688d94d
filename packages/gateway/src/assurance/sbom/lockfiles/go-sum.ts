import type { LockedPackage } from '../component.ts'
import type { LockedPackages } from './lockfile.ts'

/** go.sum. It lists what was ever chosen between, so that it may name more than is built. */
export function readGoSum(text: string): LockedPackages {
  const packages: LockedPackage[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const [name, version, sum, ...rest] = line.trim().split(/\s+/)
    if (name === undefined || version === undefined || sum === undefined || rest.length > 0 || !sum.startsWith('h1:'))
      throw new TypeError(`The line ${line.slice(0, 80)} cannot be read.`)
    if (!version.endsWith('/go.mod')) packages.push({ ecosystem: 'Go', name, version, hashes: [], sum })
  }
  return { packages, gaps: [] }
}
