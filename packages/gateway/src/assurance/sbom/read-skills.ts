import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readManifest } from '../scan/skill/manifest.ts'
import { walk, type FoundFile } from '../scan/walk.ts'
import { inventoryOf, type Component, type Inventory, type InventoryNote } from './component.ts'

/** Bytes of the largest file of a skill that is hashed. */
const LONGEST = 256 << 20

/** Skills below a directory: folders with a SKILL.md, each with one digest over the paths and bytes of its files (HB-2). */
export function readSkills(root: string): Inventory {
  const components: Component[] = []
  const notes: InventoryNote[] = []
  const files = [...walk(root)]
  const folders = files.flatMap(({ name }) =>
    /(?:^|\/)SKILL\.md$/.test(name) ? [name.slice(0, -'SKILL.md'.length)] : [],
  )
  for (const folder of folders) {
    // a skill in a skill is its own
    const inner = folders.filter((other) => other !== folder && other.startsWith(folder))
    const own = files.filter(({ name }) => name.startsWith(folder) && !inner.some((other) => name.startsWith(other)))
    try {
      const { manifest } = readManifest(readFileSync(pathOf(own, `${folder}SKILL.md`), 'utf8'), 'SKILL.md')
      const version = manifest.fields.get('version')
      components.push({
        kind: 'skill',
        name: manifest.name === '' ? folder.replace(/\/$/, '').replace(/.*\//, '') || '.' : manifest.name,
        ...((typeof version === 'string' || typeof version === 'number') && { version: String(version) }),
        hashes: [{ algorithm: 'SHA-256', hex: digestOf(own, folder) }],
        from: [folder === '' ? '.' : folder.slice(0, -1)],
      })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : ''
      notes.push({ path: folder === '' ? '.' : folder, message: `The skill cannot be read: ${why}` })
    }
  }
  return inventoryOf([{ components, notes }])
}

const pathOf = (files: readonly FoundFile[], name: string): string =>
  files.find((file) => file.name === name)?.path ?? name

function digestOf(files: readonly FoundFile[], folder: string): string {
  const sum = createHash('sha256')
  for (const { path, name, bytes } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (bytes > LONGEST) throw new RangeError(`${name} has ${bytes} bytes.`)
    sum.update(`${name.slice(folder.length)}\0${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`)
  }
  return sum.digest('hex')
}
