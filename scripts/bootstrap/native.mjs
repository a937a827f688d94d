// better-sqlite3 takes a minute to compile, so its binary is kept per version, Node ABI and platform.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { npm, run, say, succeeds } from './process.mjs'
import { ensureCompiler } from './system.mjs'

const MODULE = 'node_modules/better-sqlite3'
const BINARY = `${MODULE}/build/Release/better_sqlite3.node`
const PROBE = `new (require('better-sqlite3'))(':memory:').prepare('select 1').get()`

/** `needed`: the task does not run without it; otherwise only what costs nothing is done. */
export async function ensureNative(needed) {
  const kept = join(cacheDirectory(), 'native', `${cacheKey()}.node`)
  if (!needed) {
    if (!existsSync(BINARY) && existsSync(kept)) put(kept, BINARY)
    return
  }
  if (!(await loads()) && !(await restore(kept)) && !((await download()) && (await loads()))) await compile()
  if (existsSync(kept)) return
  try {
    put(BINARY, kept)
  } catch (error) {
    say(`cannot keep the native module for later runs: ${error.message}`)
  }
}

async function restore(kept) {
  if (!existsSync(kept)) return false
  put(kept, BINARY)
  if (await loads()) return true
  rmSync(kept, { force: true })
  return false
}

async function loads() {
  if (!existsSync(BINARY)) return false
  return succeeds([process.execPath, '-e', PROBE])
}

async function download() {
  const installer = resolve('node_modules/prebuild-install/bin.js')
  if (!existsSync(installer)) return false
  return succeeds([process.execPath, installer], { cwd: MODULE })
}

async function compile() {
  await ensureCompiler()
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include/node/node.h'))
  const env = { npm_config_build_from_source: 'true', ...(headers && { npm_config_nodedir: prefix }) }
  await run('compiling better-sqlite3', npm('rebuild', 'better-sqlite3', '--loglevel=error'), { limit: 900, env })
  if (!(await loads())) throw new Error('better-sqlite3 was compiled but does not load')
}

function cacheKey() {
  const { version } = JSON.parse(readFileSync(`${MODULE}/package.json`, 'utf8'))
  const { glibcVersionRuntime } = process.report.getReport().header
  const libc = process.platform === 'linux' ? (glibcVersionRuntime ? 'glibc' : 'musl') : 'system'
  return ['better-sqlite3', version, process.versions.modules, process.platform, process.arch, libc].join('-')
}

function cacheDirectory() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const perPlatform = { darwin: join(homedir(), 'Library/Caches'), win32: LOCALAPPDATA }
  return join(XDG_CACHE_HOME || perPlatform[process.platform] || join(homedir(), '.cache'), 'sallyport')
}

/** Copies beside the target and renames, so that nobody ever loads half a file. */
function put(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  const part = `${to}.${process.pid}`
  copyFileSync(from, part)
  renameSync(part, to)
}
