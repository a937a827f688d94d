#!/usr/bin/env node
// Coverage of the security folders: npm run coverage:security [-- --json] [-- --from SUMMARY] [TESTS …]
// Runs the tests (all, unless some are named), and exits 1 when one is red or a folder is not over the bar.
// --json: the verdict alone on standard output. --from: judges a summary that was written before, without running anything.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge, tableOf } from './coverage/security.mjs'

const SUMMARY = 'coverage/coverage-summary.json'
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, from: { type: 'string' } },
  allowPositionals: true,
})

const status = values.from === undefined ? run(positionals) : 0
const coverage = judge(JSON.parse(readFileSync(values.from ?? SUMMARY, 'utf8')))
console.log(values.json ? JSON.stringify({ ...coverage, testsGreen: status === 0 }, null, 1) : tableOf(coverage))
process.exitCode = coverage.passed && status === 0 ? 0 : 1

function run(tests) {
  rmSync(SUMMARY, { force: true })
  const words = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.coverage.config.ts', ...tests]
  // what the tests say is no part of the verdict
  return spawnSync(process.execPath, words, { stdio: ['ignore', values.json ? 2 : 1, 2] }).status
}
