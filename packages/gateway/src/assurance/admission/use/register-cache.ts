import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Register } from '../register.ts'
import type { SkillStore } from '../store.ts'
import { KnownFiles } from './known-files.ts'

export interface KnownSkills {
  readonly register: Register
  readonly files: KnownFiles
}

/** The register as the boundary asks for it with every call: read anew when its file is another one. */
export function registerCache(store: Pick<SkillStore, 'read' | 'directory'>): () => Promise<KnownSkills> {
  let last: { readonly mark: string; readonly known: Promise<KnownSkills> } | undefined
  return async () => {
    const mark = await stat(join(store.directory, 'register.json'), { bigint: true }).then(
      // the time of the last change of the inode is set by nobody
      ({ dev, ino, size, ctimeNs }) => [dev, ino, size, ctimeNs].join(),
      () => '',
    )
    if (last?.mark === mark) return last.known
    const known = store.read().then((register) => ({ register, files: new KnownFiles(register) }))
    last = { mark, known }
    known.catch(() => (last = undefined))
    return known
  }
}
