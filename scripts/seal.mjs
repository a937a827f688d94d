#!/usr/bin/env node
// Writes down what the built program consists of, so that it notices when somebody changes it: node scripts/seal.mjs
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('../packages/gateway/', import.meta.url))
/** What runs, and what decides by being read: relative to the package. */
const SHIPPED = ['bin', 'bundle', 'console', 'grammars', 'inside', 'weights', '../../policies', ...rules()]

const paths = SHIPPED.flatMap((folder) =>
  readdirSync(join(PACKAGE, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(PACKAGE, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
)
const files = Object.fromEntries(
  paths.sort().map((path) => [
    path,
    createHash('sha256')
      .update(readFileSync(join(PACKAGE, path)))
      .digest('hex'),
  ]),
)
const text = `${JSON.stringify({ version: 1, folders: SHIPPED, files }, null, 1)}\n`
const target = join(PACKAGE, 'sealed.json')
if (read(target) !== text) writeFileSync(target, text)

/** All rules but the set that detectors are measured with: nothing that ships reads it. */
function rules() {
  return readdirSync(join(PACKAGE, '../../rules'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'hard-set')
    .map((entry) => `../../rules/${entry.name}`)
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
