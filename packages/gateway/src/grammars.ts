import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SallyportError } from '@sallyport/core'
import { GRAMMARS } from './places.ts'

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

/** Grammars of the languages that are scanned besides the shell and what oxc reads. */
export const CODE_GRAMMARS = {
  python: {
    file: 'tree-sitter-python.wasm',
    module: 'tree-sitter-python/tree-sitter-python.wasm',
    sha256: '16108b50df4ee9a30168794252ab55e7c93bfc5765d7fa0aa3e335752c515f47',
  },
  go: {
    file: 'tree-sitter-go.wasm',
    module: 'tree-sitter-go/tree-sitter-go.wasm',
    sha256: '9504573f352b20be7f2f1911754d710622aedc15afff16d5ed8fb5645681aee7',
  },
  ruby: {
    file: 'tree-sitter-ruby.wasm',
    module: 'tree-sitter-ruby/tree-sitter-ruby.wasm',
    sha256: '09a96427d7c72f0613ed470cd9812223fc4a91d6a9c025c0235cc6bd59ff96f4',
  },
  java: {
    file: 'tree-sitter-java.wasm',
    module: 'tree-sitter-java/tree-sitter-java.wasm',
    sha256: '4fdeac4ca6ca089f06c6f7e562abcac1733cd465728cc7031ebb73c2019122c4',
  },
} as const satisfies Readonly<Record<string, PinnedFile>>

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
