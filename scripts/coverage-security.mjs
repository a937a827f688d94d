#!/usr/bin/env node
// Coverage of the security folders: npm run coverage:security [-- --json] [-- --from SUMMARY] [TESTS …]
// Runs the tests (all, unless some are named), and exits 1 when one is red or a folder is not over the bar.
// --json: the verdict alone on standard output. --from: judges a summary that was written before, without running anything.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judge, tableOf } from './coverage/security.mjs'

const PLACE = fileURLToPath(new URL('../coverage/', import.meta.url))
const [RAW, MAPS, SUMMARY] = ['programs', 'maps/', 'security.json'].map((name) => `${PLACE}${name}`)
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, from: { type: 'string' } },
  allowPositionals: true,
})
const testsGreen = values.from === undefined ? await measure(positionals) : undefined
const coverage = judge(read(values.from ?? SUMMARY))
console.log(values.json ? JSON.stringify({ ...coverage, testsGreen }, null, 1) : tableOf(coverage))
process.exitCode = coverage.passed && testsGreen !== false ? 0 : 1

/** Whether all tests were green; what they and the programs that they started ran is in the summary. */
async function measure(tests) {
  rmSync(PLACE, { recursive: true, force: true })
  mkdirSync(RAW, { recursive: true })
  // tests start programs as other users too
  chmodSync(RAW, 0o1777)
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.coverage.config.ts', ...tests],
    {
      // what the tests say is no part of the verdict
      stdio: ['ignore', values.json ? 2 : 1, 2],
      env: { ...process.env, BUNDLE_MAPS: MAPS, COVERAGE_OF_PROGRAMS: RAW },
    },
  )
  const { summaryOf } = await import('./coverage/programs.mjs')
  const bundle = fileURLToPath(new URL('../packages/gateway/bundle/', import.meta.url))
  const summary = await summaryOf(read(`${PLACE}tests/coverage-final.json`), { raw: RAW, bundle, maps: MAPS })
  writeFileSync(SUMMARY, JSON.stringify(summary))
  return status === 0
}
