import { parse } from 'yaml'
import type { LockedPackage } from '../component.ts'
import { integrityHashes } from '../integrity.ts'
import { recordOf, textOf, type LockedPackages } from './lockfile.ts'

/** yarn.lock, of version 1 and later ones. */
export const readYarnLock = (text: string): LockedPackages => (/^__metadata:/m.test(text) ? berry(text) : classic(text))

function berry(text: string): LockedPackages {
  const packages: LockedPackage[] = []
  for (const [key, value] of Object.entries(recordOf(parse(text, { maxAliasCount: 0 }), 'entries'))) {
    if (key === '__metadata') continue
    const entry = recordOf(value, 'entries')
    const [resolution, version] = [textOf(entry['resolution']), textOf(entry['version'])]
    if (resolution === undefined || version === undefined) throw new TypeError(`The entry ${key} has no resolution.`)
    const name = /^(@[^/@]+\/[^@]+|[^@]+)@/.exec(resolution)?.[1]
    if (name === undefined) throw new TypeError(`The entry ${key} has no name.`)
    // workspaces, links and patches are not of the registry
    if (/@npm:/.test(resolution)) packages.push({ ecosystem: 'npm', name, version, hashes: [] })
  }
  return { packages, gaps: [] }
}

function classic(text: string): LockedPackages {
  const packages: LockedPackage[] = []
  for (const block of text.split(/\n(?=\S)/)) {
    const [head = '', ...lines] = block.split('\n')
    if (head.startsWith('#') || head.trim() === '') continue
    const first = head.split(/,\s*/)[0]?.replace(/^"|":?$|:$/g, '') ?? ''
    const alias = /@npm:(@[^/@]+\/[^@]+|[^@]+)@/.exec(first)?.[1]
    const name = alias ?? /^(@[^/@]+\/[^@]+|[^@]+)@/.exec(first)?.[1]
    const field = (key: string): string | undefined =>
      lines.map((line) => new RegExp(`^  "?${key}"? "?([^"]+)"?\\s*$`).exec(line)?.[1]).find((one) => one !== undefined)
    const version = field('version')
    if (name === undefined || version === undefined)
      throw new TypeError(`The entry ${head.slice(0, 80)} cannot be read.`)
    packages.push({ ecosystem: 'npm', name, version, hashes: integrityHashes(field('integrity')) })
  }
  return { packages, gaps: [] }
}
