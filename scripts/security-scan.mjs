#!/usr/bin/env node
// What CI asks of the code: npm run security:scan [-- --offline] [OPTIONS OF `sallyport ci`]
// Secrets, CodeGuard, skills, MCP configurations and known vulnerable packages, with the committed baseline. Without
// imported advisories, and where the registry does not answer `npm audit`, packages are reported as not verified.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm } from './bootstrap/process.mjs'
import { sallyport } from './security/program.mjs'

/** Options with which the report lies elsewhere, or there is none. */
const NO_REPORT = /^--(?:out|write-baseline|help)\b/
/** Milliseconds that the registry has for its answer. */
const PATIENCE = 20_000
const words = process.argv.slice(2)
const place = mkdtempSync(join(tmpdir(), 'sallyport-scan-'))

/** @returns the file with what the registry said, whatever it is */
function audited() {
  const [file, ...args] = npm('audit', '--json')
  const { stdout } = spawnSync(file, args, { encoding: 'utf8', timeout: PATIENCE, maxBuffer: 64 << 20 })
  const answer = join(place, 'npm-audit.json')
  writeFileSync(answer, stdout ?? '')
  return answer
}

try {
  const asked = !words.includes('--offline')
  const rest = words.filter((word) => word !== '--offline')
  const out = join(place, 'report')
  const code = sallyport('ci', '.', '--out', out, ...(asked ? ['--npm-audit', audited()] : []), ...rest)
  // a gate that ended well and wrote nothing has not looked
  const silent = code === 0 && !rest.some((word) => NO_REPORT.test(word)) && !existsSync(join(out, 'report.json'))
  process.exitCode = silent ? 3 : code
} finally {
  rmSync(place, { recursive: true, force: true })
}
