import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'

/** WebAssembly grammars that the product ships; their digests are pinned where they are loaded. */
const GRAMMARS = ['bash', 'go', 'java', 'python', 'ruby'].map(
  (name) => `node_modules/tree-sitter-${name}/tree-sitter-${name}.wasm`,
)
const TARGET = 'packages/gateway/grammars'

/** Copies grammars out of their packages, which are large and stay out of the product. */
export function copyGrammars() {
  mkdirSync(TARGET, { recursive: true })
  for (const source of GRAMMARS) {
    const target = `${TARGET}/${source.slice(source.lastIndexOf('/') + 1)}`
    if (!existsSync(source)) continue
    if (!existsSync(target) || !readFileSync(source).equals(readFileSync(target))) copyFileSync(source, target)
  }
}
