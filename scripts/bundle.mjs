#!/usr/bin/env node
// Makes packages/gateway/bundle, the program that bin/sallyport.js runs, from the sources: node scripts/bundle.mjs [TARGET]
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const PACKAGE = fileURLToPath(new URL('../packages/gateway/', import.meta.url))
const TARGET = process.argv[2] ?? join(PACKAGE, 'bundle')
/** Where what leads from its lines to the sources is written: wanted by whoever measures coverage, and by nobody else. */
const MAPS = process.env.BUNDLE_MAPS
/** What is started by its path: the program and its threads. */
const ENTRIES = [
  'cli/start',
  'code-scan-worker',
  'control/policy/prepare-worker',
  'control/policy/check-worker',
  'control/policy/simulate/simulate-worker',
  'control/content/extract/page-worker',
  'assurance/admission/scan/worker',
  'assurance/admission/written/worker',
  'assurance/scan/threads/worker',
  'store/sqlite/writer.worker',
  'store/sqlite/search.worker',
]
/** Native or WebAssembly: they load files beside their own; and what the terminal dashboard alone needs. */
const EXTERNAL = [
  /^better-sqlite3/,
  /^@cedar-policy\//,
  /^web-tree-sitter/,
  /^oxc-parser/,
  /^pg$/,
  /^@lydell\//,
  // run in the order in which they are imported
  /^reflect-metadata/,
  /^@peculiar\//,
  /^@simplewebauthn\//,
  /^ink$/,
  /^react(\/|$)/,
]
/** Modules that find files from where they lie. */
const TOP_ONLY = [join(PACKAGE, 'src/places.ts'), join(PACKAGE, 'src/worker.ts')]

const bundle = await rolldown({
  cwd: PACKAGE,
  input: Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
  platform: 'node',
  external: EXTERNAL,
  resolve: { conditionNames: ['source', 'import', 'node', 'default'], mainFields: ['module', 'main'] },
  logLevel: 'warn',
})
const { output } = await bundle.generate({
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'part-[hash].js',
  sourcemap: MAPS === undefined ? false : 'hidden',
})

for (const { fileName, moduleIds = [] } of output) {
  const misplaced = TOP_ONLY.filter((module) => moduleIds.includes(module) && fileName.includes('/'))
  if (misplaced.length > 0) throw new Error(`${misplaced.join(', ')} would look for files from ${fileName}`)
}
// only what has changed is written, so that a program that runs from there is not disturbed
for (const { fileName, code, map } of output) {
  if (code === undefined) continue
  const path = join(TARGET, fileName)
  if (MAPS !== undefined && map) {
    const sources = map.sources.map((source) => resolve(dirname(path), source))
    mkdirSync(dirname(join(MAPS, fileName)), { recursive: true })
    writeFileSync(join(MAPS, `${fileName}.map`), JSON.stringify({ ...map, sources }))
  }
  if (textOf(path) === code) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, code)
}
const made = new Set(output.filter(({ code }) => code !== undefined).map(({ fileName }) => fileName))
for (const entry of readdirSync(TARGET, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (entry.isFile() && !made.has(relative(TARGET, path))) rmSync(path)
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
