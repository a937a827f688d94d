import { parse } from 'yaml'
import type { LockedPackage } from '../component.ts'
import { integrityHashes } from '../integrity.ts'
import { recordOf, type LockedPackages } from './lockfile.ts'

/** `/@s/a/1.0.0_peer` (5) · `/@s/a@1.0.0(peer)` (6) · `@s/a@1.0.0` (9) */
const KEY = /^\/?((?:@[^/@]+\/)?[^/@]+)[/@](\d[^(_]*)/

/** pnpm-lock.yaml, versions 5 to 9. */
export function readPnpmLock(text: string): LockedPackages {
  const lock = recordOf(parse(text, { maxAliasCount: 0 }), 'object')
  if (lock['lockfileVersion'] === undefined) throw new TypeError('It has no lockfileVersion.')
  const packages: LockedPackage[] = []
  const gaps: string[] = []
  for (const [key, value] of Object.entries(recordOf(lock['packages'] ?? {}, 'packages'))) {
    const entry = recordOf(value, 'packages')
    const [, name, version] = KEY.exec(key) ?? []
    if (name === undefined || version === undefined) {
      gaps.push(key)
      continue
    }
    const { integrity } = recordOf(entry['resolution'] ?? {}, 'resolution')
    const development = entry['dev'] === true && { development: true }
    packages.push({ ecosystem: 'npm', name, version, hashes: integrityHashes(integrity), ...development })
  }
  return { packages, gaps }
}
