#!/usr/bin/env node
// Makes packages/gateway/bundle, the program that bin/sallyport.js runs, from the sources: node scripts/bundle.mjs
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const PACKAGE = fileURLToPath(new URL('../packages/gateway/', import.meta.url))
const TARGET = join(PACKAGE, 'bundle')
/** What is started by its path: the program and its threads. */
const ENTRIES = [
  'cli/start',
  'control/policy/prepare-worker',
  'control/policy/check-worker',
  'store/sqlite/writer.worker',
]
/** Native or WebAssembly: they load files beside their own. */
const EXTERNAL = ['better-sqlite3', '@cedar-policy/cedar-wasm', 'web-tree-sitter', 'pg']
/** Modules that find files from where they lie. */
const TOP_ONLY = ['src/places.ts', 'src/worker.ts']

/** Writes only what has changed, so that a program that runs from there is not disturbed. */
export async function bundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PACKAGE,
    entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
    outbase: 'src',
    outdir: TARGET,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    conditions: ['source'],
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    legalComments: 'linked',
    // packages in CommonJS ask for Node's own modules
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)`,
    },
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  for (const [path, { inputs }] of Object.entries(metafile.outputs)) {
    const misplaced = TOP_ONLY.filter((module) => module in inputs && dirname(path) !== 'bundle')
    if (misplaced.length > 0) throw new Error(`${misplaced.join(', ')} would look for files from ${path}`)
  }
  for (const { path, contents } of outputFiles) {
    if (contentsOf(path)?.equals(contents)) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contents)
  }
  const made = new Set(outputFiles.map(({ path }) => relative(TARGET, path)))
  const present = readdirSync(TARGET, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { parentPath, name } of present) {
    const path = join(parentPath, name)
    if (!made.has(relative(TARGET, path))) rmSync(path)
  }
  return metafile
}

function contentsOf(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
