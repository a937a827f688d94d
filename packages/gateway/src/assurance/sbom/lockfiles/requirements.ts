import type { LockedPackage } from '../component.ts'
import { prefixedHash } from '../integrity.ts'
import type { LockedPackages } from './lockfile.ts'

const PINNED = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,*]+)\s*(?:;.*)?$/

/** requirements.txt (PEP 508, with `--hash` as pip reads it). What has no `==` names no version: it is a gap. */
export function readRequirements(text: string): LockedPackages {
  const packages: LockedPackage[] = []
  const gaps: string[] = []
  for (const raw of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const line = raw.replace(/(?:^|\s)#.*$/, '').trim()
    if (line === '') continue
    if (line.startsWith('-')) {
      // other files and addresses are named, not listed
      if (/^(?:-r|--requirement|-e|--editable)\b/.test(line)) gaps.push(line.slice(0, 120))
      continue
    }
    const [requirement = '', ...options] = line.split(/\s+(?=--)/)
    const [, name, version] = PINNED.exec(requirement.trim()) ?? []
    if (name === undefined || version === undefined) gaps.push(requirement.trim().slice(0, 120))
    else {
      const hashes = options.flatMap((option) => prefixedHash(/^--hash[= ](\S+)/.exec(option)?.[1]))
      packages.push({ ecosystem: 'PyPI', name, version, hashes })
    }
  }
  return { packages, gaps }
}
