#!/usr/bin/env node
// Everything a change must pass besides the tests: npm run check [-- STEP …]
import { spawnSync } from 'node:child_process'

const bin = (path) => [process.execPath, `node_modules/${path}`]

const STEPS = {
  format: [...bin('prettier/bin/prettier.cjs'), '--check', '--cache', '--log-level=warn', '.'],
  types: [...bin('typescript/bin/tsc'), '-b'],
  'test-types': [...bin('typescript/bin/tsc'), '-p', 'tsconfig.tests.json'],
  'console-types': [...bin('typescript/bin/tsc'), '-p', 'packages/console'],
  lint: [...bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'],
  imports: [...bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'packages'],
  unused: [...bin('knip/bin/knip.js')],
  house: [process.execPath, 'scripts/check-house.mjs'],
  tests: [process.execPath, 'scripts/check-tests-changed.mjs'],
  docs: [process.execPath, 'scripts/docs.mjs', '--check'],
  lock: [process.execPath, 'scripts/complete-lock.mjs', '--check'],
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(STEPS, name))
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`)
  process.exit(2)
}

const failed = []
for (const [name, [file, ...args]] of Object.entries(STEPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const started = Date.now()
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 600_000, maxBuffer: 64 << 20 })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds.padStart(5)} s`)
  if (status !== 0) failed.push(name)
  const warned = name === 'house' && stderr !== ''
  if (status !== 0 || warned) process.stdout.write(`${stdout}${stderr}`.replace(/^(?=.)/gm, '     '))
}
if (failed.length > 0) console.log(`\n${failed.join(', ')} failed`)
process.exit(failed.length > 0 ? 1 : 0)
