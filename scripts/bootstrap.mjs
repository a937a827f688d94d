#!/usr/bin/env node
// From a fresh clone to a running task with nothing but Node and npm:
//   node scripts/bootstrap.mjs TASK [ARGS]
// Brings packages, native module, system tools and build up to date (one run at a time), then runs the task.
import { chdir, exit, argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { copyGrammars } from './bootstrap/grammars.mjs'
import { holdingLock } from './bootstrap/lock.mjs'
import { ensureNative } from './bootstrap/native.mjs'
import { ensurePackages } from './bootstrap/packages.mjs'
import { requireSupportedNode, run, runTask, say } from './bootstrap/process.mjs'
import { ensureSystemTools } from './bootstrap/system.mjs'
import { builds, tasks } from './bootstrap/tasks.mjs'

const [name, ...args] = argv.slice(2)
const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined

async function prepare() {
  await ensurePackages()
  await ensureSystemTools(task.tools)
  // one by one: what a system does not offer would keep the others away
  for (const tool of task.optional ?? []) await ensureSystemTools([tool])
  await ensureNative(task.native)
  if (task.build || task.grammars) copyGrammars()
  if (!task.build) return
  for (const build of builds) await run('building', build, { limit: 300, showOutputOnFailure: true })
}

try {
  requireSupportedNode()
  if (!task) throw new Error(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join('|')} [ARGS]`)
  chdir(fileURLToPath(new URL('..', import.meta.url)))
  await holdingLock(prepare)
  exit(task.command ? await runTask(task.command(args), { limit: task.limit }) : 0)
} catch (error) {
  say(error.message)
  exit(error.exitCode ?? 3)
}
