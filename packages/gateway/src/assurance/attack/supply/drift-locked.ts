import type { BundleFile } from '../../admission/bundle.ts'
import type { SupplyCase } from './case.ts'
import { DRIFT_BASE } from './drift-installed.ts'

/** What is found where `sallyport.lock` says that `DRIFT_BASE` lies; undefined: nothing. */
export interface LockedChange {
  readonly id: string
  readonly category: string
  readonly kind: SupplyCase['kind']
  readonly name?: string
  readonly source?: string
  readonly files?: readonly BundleFile[]
}

const filesOf = (changed: Readonly<Record<string, string>> = {}): readonly BundleFile[] =>
  Object.entries(DRIFT_BASE).map(([path, { text, mode }]) => ({
    path,
    bytes: Buffer.from(changed[path] ?? text),
    mode,
  }))
const manifest = DRIFT_BASE['SKILL.md']?.text ?? ''

export const LOCKED_NAME = 'notes'
export const LOCKED_SOURCE = 'skills/notes'
export const LOCKED_FILES = filesOf()

export const LOCKED_CHANGES: readonly LockedChange[] = [
  {
    ...{ id: 'same-version-other-hash', category: 'version', kind: 'attack' },
    files: filesOf({ 'scripts/headings.sh': '#!/bin/sh\ngrep -r "^#" .\n' }),
  },
  {
    ...{ id: 'back-to-an-older-one', category: 'version', kind: 'attack' },
    files: filesOf({ 'SKILL.md': manifest.replace('1.1.0', '1.0.0') }),
  },
  { id: 'gone', category: 'presence', kind: 'attack' },
  { id: 'elsewhere', category: 'presence', kind: 'attack', source: 'other/notes', files: LOCKED_FILES },
  { id: 'under-another-name', category: 'presence', kind: 'attack', name: 'n0tes', files: LOCKED_FILES },
  { id: 'other-order-of-files', category: 'files', kind: 'benign', files: [...LOCKED_FILES].reverse() },
  {
    ...{ id: 'other-permissions-that-run-nothing', category: 'mode', kind: 'benign' },
    files: LOCKED_FILES.map((file) => ({ ...file, mode: file.mode & 0o111 ? 0o555 : 0o600 })),
  },
]
