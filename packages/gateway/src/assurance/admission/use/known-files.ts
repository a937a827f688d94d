import { open } from 'node:fs/promises'
import { constants } from 'node:fs'
import { sha256 } from '@sallyport/core'
import type { FileMark } from '../parts.ts'
import type { NamedVersion, Register } from '../register.ts'
import { isAdmitted } from '../terms.ts'

/** Smaller files are alike by chance, larger ones are read by nobody as a script. */
const SIZES = { least: 32, most: 4_000_000 }

/** Files that make a skill what it is, wherever a copy of them lies: its code, and the text that it is loaded by. */
export class KnownFiles {
  readonly #sizes = new Set<number>()
  readonly #files = new Map<string, NamedVersion & { readonly mark: FileMark }>()

  constructor({ skills }: Register) {
    for (const [name, { versions }] of Object.entries(skills))
      for (const version of versions)
        for (const mark of version.files) {
          if (mark.size < SIZES.least || mark.size > SIZES.most || !isTelling(mark)) continue
          const known = this.#files.get(mark.hash)
          // the same bytes in one that is admitted are admitted
          if (known !== undefined && isAdmitted(known.version.state)) continue
          this.#sizes.add(mark.size)
          this.#files.set(mark.hash, { name, version, mark })
        }
  }

  /** The version that a file is a copy of; undefined: of none, or it cannot be read. */
  async of(path: string): Promise<(NamedVersion & { readonly mark: FileMark }) | undefined> {
    if (this.#sizes.size === 0) return undefined
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
    if (file === undefined) return undefined
    try {
      const stats = await file.stat()
      if (!stats.isFile() || !this.#sizes.has(stats.size)) return undefined
      return this.#files.get(sha256(await file.readFile()))
    } catch {
      return undefined
    } finally {
      await file.close()
    }
  }
}

export const isManifestFile = (path: string): boolean => /(?:^|\/)SKILL\.md$/i.test(path)

const isTelling = ({ path, part, executable }: FileMark): boolean =>
  part === 'code' || executable || isManifestFile(path)
