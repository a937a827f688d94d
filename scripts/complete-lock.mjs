#!/usr/bin/env node
// npm leaves optional platform packages that the registry does not carry out of the lock file, and `npm ci` then
// refuses it. Adds them (with os and cpu, or they would be installed everywhere) and keeps the file host-neutral.
//   node scripts/complete-lock.mjs           install, complete, settle the key order
//   node scripts/complete-lock.mjs --check   exit 1 when the lock file is short, stale or names a host
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const OS = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/
const CPU = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64|wasm32)\b/
const LINKS = ['dependencies', 'devDependencies', 'optionalDependencies']

const root = fileURLToPath(new URL('..', import.meta.url))
const lockFile = `${root}package-lock.json`
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))

function missingPlatformPackages(packages) {
  const have = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
  const missing = new Map()
  for (const entry of Object.values(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!have.has(name)) missing.set(name, { version, dev: entry.dev === true })
    }
  }
  return missing
}

function complete(lock) {
  for (const [name, { version, dev }] of missingPlatformPackages(lock.packages)) {
    const [os, cpu] = [OS.exec(name)?.[1], CPU.exec(name)?.[1]]
    if (!os || !cpu) throw new Error(`cannot tell the platform of ${name}`)
    lock.packages[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, os: [os], cpu: [cpu] }
  }
  return lock
}

function faults(lock) {
  const found = [...missingPlatformPackages(lock.packages).keys()].map((name) => `${name} is missing`)
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved?.includes(':')) found.push(`${path} names a host: ${entry.resolved}`)
    if (entry.link || path.includes('node_modules/')) continue
    const manifest = read(`${root}${path}/package.json`)
    for (const field of LINKS) {
      const [wanted, locked] = [manifest[field] ?? {}, entry[field] ?? {}]
      for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
        if (wanted[name] !== locked[name])
          found.push(`${path || '.'} ${field}.${name}: ${locked[name]} locked, ${wanted[name]} wanted`)
      }
    }
  }
  return found
}

if (process.argv.includes('--check')) {
  const found = faults(read(lockFile))
  for (const fault of found) console.error(`package-lock.json: ${fault}`)
  if (found.length > 0) console.error('Run `npm run lock`.')
  process.exit(found.length > 0 ? 1 : 0)
}

const install = () =>
  execFileSync('npm', ['install', '--ignore-scripts', '--loglevel=error'], { cwd: root, stdio: 'inherit' })
install()
writeFileSync(lockFile, `${JSON.stringify(complete(read(lockFile)), null, 2)}\n`)
install()
