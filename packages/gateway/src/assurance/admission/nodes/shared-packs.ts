import type { Store } from '../../../store/ports.ts'
import type { BundleFile } from '../bundle.ts'
import { openPack, packOf } from '../pack.ts'

/** Characters of one row. */
const ROW = 700_000

/** Kept copies of versions in the shared store, in pieces. Their hash says whether they are whole. */
export class SharedPacks {
  readonly #store: Pick<Store, 'get' | 'put'>

  constructor(store: Pick<Store, 'get' | 'put'>) {
    this.#store = store
  }

  /** The last piece is written last: where it is there, the others are. */
  async put(hash: string, files: () => Promise<readonly BundleFile[]>): Promise<void> {
    if ((await this.#store.get('pack', idOf(hash, 0))) !== undefined) return
    const text = Buffer.from(packOf(await files())).toString('base64')
    const count = Math.max(1, Math.ceil(text.length / ROW))
    for (let at = count - 1; at >= 0; at--) {
      const body = { text: text.slice(at * ROW, (at + 1) * ROW), count }
      await this.#store.put({ kind: 'pack', id: idOf(hash, at), state: '', expiresAt: 0, body }, 0)
    }
  }

  /** @throws SallyportError SP_SKILL_TAMPERED when it is not there, or not what has this hash */
  async get(hash: string): Promise<readonly BundleFile[]> {
    const parts: string[] = []
    let count = 1
    for (let at = 0; at < count; at++) {
      const { text, count: of } = (await this.#store.get('pack', idOf(hash, at)))?.body ?? {}
      if (typeof text !== 'string' || typeof of !== 'number') break
      parts.push(text)
      count = of
    }
    return openPack(Buffer.from(parts.join(''), 'base64'), hash)
  }
}

const idOf = (hash: string, at: number): string => `${hash}.${at}`
