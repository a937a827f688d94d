#!/usr/bin/env node
// What CI asks of the posture: npm run security:audit [-- OPTIONS OF `sallyport security audit`]
// The defaults, every configuration that this repository shows to others, and what opening it would run. The agents of this
// machine are somebody else's business.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sallyport } from './security/program.mjs'

const EXAMPLES = 'examples/credentials'
const state = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
const options = process.argv.slice(2)

const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'))
let worst = 0
try {
  for (const file of [undefined, ...files.map((name) => join(EXAMPLES, name))]) {
    console.error(`audit of ${file ?? 'the defaults'}`)
    const config = file === undefined ? [] : ['--config', file]
    worst = Math.max(worst, sallyport('--state', state, ...config, 'security', 'audit', '--no-hosts', ...options))
  }
  console.error('what opening this repository would run')
  worst = Math.max(worst, sallyport('inspect', '.'))
} finally {
  rmSync(state, { recursive: true, force: true })
}
process.exitCode = worst
