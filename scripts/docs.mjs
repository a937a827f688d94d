#!/usr/bin/env node
// Writes the generated reference: node scripts/docs.mjs [--check]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FROM_SOURCE = ['--conditions=source', '--import', 'tsx']

if (!process.execArgv.includes(FROM_SOURCE[0])) {
  const args = [...FROM_SOURCE, ...process.argv.slice(1)]
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 3)
}

const { pages } = await import('./docs/pages.mjs')
const { format, resolveConfig } = await import('prettier')
const check = process.argv.includes('--check')
const stale = []

for (const [file, text] of Object.entries(await pages())) {
  const options = { ...(await resolveConfig(file)), parser: file.endsWith('.json') ? 'json' : 'markdown' }
  const wanted = await format(text, options)
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue
  stale.push(file)
  if (!check) writeFileSync(file, wanted)
}

for (const file of stale) console.log(check ? `${file} is stale: run node scripts/docs.mjs` : `wrote ${file}`)
process.exit(check && stale.length > 0 ? 1 : 0)
