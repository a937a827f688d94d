#!/usr/bin/env node
// One group of tests: npm run test:group -- NAME [--verify]
// With --verify its controls are taken out one by one in a copy of the tree, and its tests must go red.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { GROUPS } from './coverage/groups.mjs'
import { verify } from './coverage/verify.mjs'

const [name = '', ...words] = process.argv.slice(2)
const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined

if (group === undefined) {
  console.error(`There is no group ${name}; say ${Object.keys(GROUPS).join(', ')}.`)
  process.exitCode = 2
} else if (words.includes('--verify')) {
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
  process.exitCode = await verify(root, { only: group.mutants.join(','), jobs: 1, json: false })
} else {
  const command = ['node_modules/vitest/vitest.mjs', 'run', ...group.tests, ...words]
  process.exitCode = spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 3
}
