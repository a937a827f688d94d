import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, say, succeeds } from './process.mjs'

// npm removes this file with node_modules, so a fresh install tries again.
const MEMO = 'node_modules/.sallyport-system.json'
const RETRY_AFTER = 24 * 3_600_000
const POSTGRES = '/usr/lib/postgresql'
const COMPILER = ['g++', 'make', 'python3']

const onPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => isExecutable(join(directory, program)))

const present = {
  bubblewrap: () => onPath('bwrap'),
  rsyslog: () => onPath('rsyslogd') || isExecutable('/usr/sbin/rsyslogd'),
  // its driver for TLS, in a directory that is named after the processor
  'rsyslog-openssl': () =>
    readdirSync('/usr/lib').some((name) => existsSync(join('/usr/lib', name, 'rsyslog/lmnsd_ossl.so'))),
  postgresql: () => onPath('initdb') || (existsSync(POSTGRES) && readdirSync(POSTGRES).some(hasInitdb)),
}
const hasInitdb = (version) => isExecutable(join(POSTGRES, version, 'bin/initdb'))
const missingOf = (packages) => packages.filter((name) => !(present[name] ?? (() => onPath(name)))())

/** Installs what a task would like to have; without it the tests that need it are skipped, not failed. */
export async function ensureSystemTools(packages) {
  const missing = missingOf(packages)
  if (missing.length === 0) return
  if (!(await install(missing))) say(`missing: ${missingOf(packages).join(', ')}; what needs it is not verified here`)
}

export async function ensureCompiler() {
  const missing = missingOf(COMPILER)
  if (missing.length === 0 || process.platform === 'win32') return
  if (!(await install(missing))) throw new Error(`better-sqlite3 must be compiled: install ${missing.join(', ')}`)
}

async function install(packages) {
  const asRoot = await rootPrefix()
  if (!asRoot || recentlyFailed(packages)) return false
  const apt = (...args) => [...asRoot, 'apt-get', '-o', 'DPkg::Lock::Timeout=60', ...args]
  const add = () =>
    run(`installing ${packages.join(', ')}`, apt('install', '-y', '--no-install-recommends', ...packages), {
      limit: 300,
    })
  try {
    await add().catch(async (error) => {
      if (error.exitCode) throw error
      await run('updating the package index', apt('update'), { limit: 120 })
      await add()
    })
  } catch (error) {
    if (error.exitCode) throw error
    remember(packages)
  }
  return missingOf(packages).length === 0
}

/** The words that make a command run as root without a question, or undefined. */
async function rootPrefix() {
  if (process.platform !== 'linux' || process.env.SALLYPORT_SYSTEM_PACKAGES === 'no' || !onPath('apt-get'))
    return undefined
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive']
  if (process.getuid() === 0) return quiet
  return (await succeeds(['sudo', '-n', 'true'])) ? ['sudo', '-n', ...quiet] : undefined
}

function recentlyFailed(packages) {
  try {
    const { failed, at } = JSON.parse(readFileSync(MEMO, 'utf8'))
    return Date.now() - at < RETRY_AFTER && packages.every((name) => failed.includes(name))
  } catch {
    return false
  }
}

const remember = (failed) => writeFileSync(MEMO, JSON.stringify({ failed, at: Date.now() }))

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
