import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SallyportError } from '@sallyport/core'
import { GRAMMARS } from '../../../places.ts'

/** A WebAssembly file the product ships: only these very bytes are loaded. */
interface PinnedFile {
  readonly file: string
  /** Where it lies while the product is built from its packages. */
  readonly module: string
  readonly sha256: string
}

export const SHELL_GRAMMAR: PinnedFile = {
  file: 'tree-sitter-bash.wasm',
  module: 'tree-sitter-bash/tree-sitter-bash.wasm',
  sha256: '8292919c88a0f7d3fb31d0cd0253ca5a9531bc1ede82b0537f2c63dd8abe6a7a',
}

export const GRAMMAR_RUNTIME: PinnedFile = {
  file: 'web-tree-sitter.wasm',
  module: 'web-tree-sitter/web-tree-sitter.wasm',
  sha256: 'beca80e44cccbf2299ed4d1e3fa6462a9a6fe818aeebf847547a392227ce4acc',
}

const require = createRequire(import.meta.url)

/**
 * Bytes of a pinned file: from the product's `grammars` directory, else from the installed package.
 * @throws SallyportError SP_INTERNAL when it is missing or has other bytes than it was reviewed with
 */
export function readPinned({ file, module, sha256 }: PinnedFile): Uint8Array {
  const bytes = readFirst([() => `${GRAMMARS}${file}`, () => require.resolve(module)])
  if (bytes === undefined) throw new SallyportError('SP_INTERNAL', `${file} is missing.`)
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new SallyportError('SP_INTERNAL', `${file} is not the file that was reviewed.`)
  }
  return bytes
}

function readFirst(places: readonly (() => string)[]): Uint8Array | undefined {
  for (const place of places) {
    try {
      return readFileSync(place())
    } catch {
      // the next place
    }
  }
  return undefined
}
