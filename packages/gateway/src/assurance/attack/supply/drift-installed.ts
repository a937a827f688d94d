import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { SupplyCase } from './case.ts'

/** The skill that is changed: one file of each kind. */
export const DRIFT_BASE: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {
  'SKILL.md': {
    text: '---\nname: notes\nversion: 1.1.0\ndescription: Lists the headings of notes.\nallowed-tools: Read\n---\nRead the notes and list their headings.\n',
    mode: 0o644,
  },
  'scripts/headings.sh': { text: '#!/bin/sh\ngrep "^#" notes.md\n', mode: 0o755 },
  'package-lock.json': { text: '{"name":"notes","lockfileVersion":3,"packages":{}}\n', mode: 0o644 },
  'tools.json': {
    text: '{"tools":[{"name":"headings","description":"Lists headings.","inputSchema":{"type":"object"}}]}\n',
    mode: 0o644,
  },
}

/** A change of what lies in the folder of an installed skill; false: it cannot be made here. */
export interface InstalledChange {
  readonly id: string
  readonly category: string
  readonly kind: SupplyCase['kind']
  readonly change: (place: string) => boolean
}

/** Also where the folder and the file are read-only, as they are laid out; everything else of the file stays as it is. */
function within(place: string, path: string, act: (file: string) => void): boolean {
  const file = join(place, path)
  const folder = dirname(file)
  const mode = lstatSync(folder).mode & 0o777
  chmodSync(folder, 0o700)
  act(file)
  chmodSync(folder, mode)
  return true
}
const edit = (path: string, from: string, to: string) => (place: string) =>
  within(place, path, (file) => {
    const mode = lstatSync(file).mode & 0o777
    const text = readFileSync(file, 'utf8')
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
    chmodSync(file, 0o600)
    writeFileSync(file, text.replace(from, to))
    chmodSync(file, mode)
  })
const attack = (id: string, category: string, change: InstalledChange['change']): InstalledChange => ({
  ...{ id, category, kind: 'attack', change },
})
const benign = (id: string, category: string, change: InstalledChange['change']): InstalledChange => ({
  ...{ id, category, kind: 'benign', change },
})

export const INSTALLED_CHANGES: readonly InstalledChange[] = [
  attack('one-byte', 'instructions', edit('SKILL.md', 'list their', 'lisp their')),
  attack('invisible-character', 'instructions', edit('SKILL.md', 'Read the notes', 'Read\u200b the notes')),
  attack('manifest-capability', 'manifest', edit('SKILL.md', 'allowed-tools: Read', 'allowed-tools: Bash')),
  attack('handler-code', 'code', edit('scripts/headings.sh', 'notes.md', 'notes.md /etc/hosts')),
  attack('dependency-lock', 'dependencies', edit('package-lock.json', '{}', '{"node_modules/x":{"version":"1.0.0"}}')),
  attack('tool-schema', 'schemas', edit('tools.json', '"type":"object"', '"type":"object","required":["path"]')),
  attack('may-be-run', 'mode', (place) => within(place, 'tools.json', (file) => chmodSync(file, 0o500))),
  attack('may-no-longer-be-run', 'mode', (place) =>
    within(place, 'scripts/headings.sh', (file) => chmodSync(file, 0o400)),
  ),
  attack('added-file', 'files', (place) => within(place, 'more.md', (file) => writeFileSync(file, 'More.\n'))),
  attack('added-hidden-file', 'files', (place) => within(place, '.npmrc', (file) => writeFileSync(file, 'a=b\n'))),
  attack('removed-file', 'files', (place) => within(place, 'tools.json', (file) => rmSync(file, { force: true }))),
  attack('renamed-file', 'files', (place) =>
    within(place, 'tools.json', (file) => renameSync(file, join(place, 'tool.json'))),
  ),
  attack('link-to-the-same-bytes', 'links', (place) =>
    within(place, 'tools.json', (file) => {
      renameSync(file, `${place}.other`)
      symlinkSync(`${place}.other`, file)
    }),
  ),
  attack('folder-is-a-link', 'links', (place) => {
    renameSync(place, `${place}.other`)
    symlinkSync(`${place}.other`, place)
    return existsSync(join(place, 'SKILL.md'))
  }),
  benign('other-time', 'time', (place) =>
    within(place, 'SKILL.md', (file) => utimesSync(file, 1_000_000_000, 1_000_000_000)),
  ),
  benign('read-by-a-group', 'mode', (place) => within(place, 'SKILL.md', (file) => chmodSync(file, 0o440))),
  benign('same-bytes-again', 'files', edit('SKILL.md', 'Read the notes', 'Read the notes')),
  benign('other-group', 'owner', (place) => {
    const group = process.getuid?.() === 0 ? 65_534 : process.getgroups?.().find((id) => id !== process.getgid?.())
    if (group === undefined) return false
    return within(place, 'SKILL.md', (file) => chownSync(file, lstatSync(file).uid, group))
  }),
]
