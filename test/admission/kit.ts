import { mkdtempSync, readdirSync, rmSync, type Dirent } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AdmissionDeps } from '../../packages/gateway/src/assurance/admission/admit.ts'
import type { Bundle, BundleFile, Provenance } from '../../packages/gateway/src/assurance/admission/bundle.ts'
import { factsOf } from '../../packages/gateway/src/assurance/admission/capabilities.ts'
import { createSkillStore } from '../../packages/gateway/src/assurance/admission/store.ts'
import { subjectFile } from '../../packages/gateway/src/assurance/scan/files/decode.ts'
import type { ScanFinding } from '../../packages/gateway/src/assurance/scan/finding.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'

export const KEY = Buffer.alloc(32, 7)

export const SKILL = `---\nname: notes\ndescription: Turns notes into a list.\n---\n# Notes\n\nWrite the notes as a list.\n`

/** Files by path, as they come in a bundle. */
export const filesOf = (files: Readonly<Record<string, string>>): readonly BundleFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text), mode: 0o644 }))

export const bundleOf = (
  name: string,
  files: Readonly<Record<string, string>> = { 'SKILL.md': SKILL.replace('notes', name) },
  provenance: Partial<Provenance> = {},
): Bundle => ({
  name,
  files: filesOf(files),
  provenance: { source: 'folder', url: `/skills/${name}`, notes: [], ...provenance },
})

export const finding = (id: string, severity: ScanFinding['severity']): ScanFinding => ({
  ...{ id, severity, title: id, file: 'SKILL.md', line: 1, column: 1, evidence: id, why: '', fix: '' },
})

export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-skills-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A store in a directory of its own, with a scan that finds what it is told. */
export function room(
  findings: readonly ScanFinding[] | Error = [],
  parent = directory(),
): AdmissionDeps & { readonly parent: string } {
  let now = 1_700_000_000_000
  return {
    parent,
    store: createSkillStore({ directory: join(parent, 'skills'), key: KEY, random: systemRandom }),
    scan: ({ files }) =>
      findings instanceof Error
        ? Promise.reject(findings)
        : Promise.resolve({ findings, facts: factsOf(files.map(({ path, bytes }) => subjectFile(path, bytes))) }),
    clock: { now: () => (now += 1_000) },
  }
}

/** Every path below, folders with `/`. */
export function tree(path: string): readonly string[] {
  const entries: Dirent[] = readdirSync(path, { withFileTypes: true, recursive: true })
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1) + (entry.isDirectory() ? '/' : ''))
    .toSorted()
}
