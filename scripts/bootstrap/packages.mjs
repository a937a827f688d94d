import { readFileSync } from 'node:fs'
import { npm, run } from './process.mjs'

const INSTALL = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']

export async function ensurePackages() {
  if (installed()) return
  await run('installing packages', npm(...INSTALL, '--loglevel=error'), { limit: 900 })
  if (!installed()) throw new Error('`npm ci` ended, but node_modules does not match package-lock.json')
}

/** npm writes its own account of node_modules last, so a half-finished install has none or an old one. */
function installed() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf('node_modules/.package-lock.json')
  if (!wanted || !present) return false
  const same = (path) => present[path]?.version === wanted[path]?.version
  const mayBeAbsent = (path) => wanted[path].optional || wanted[path].devOptional || !path.includes('node_modules/')
  return (
    Object.keys(present).every((path) => path in wanted && same(path)) &&
    Object.keys(wanted).every((path) => same(path) || (!(path in present) && mayBeAbsent(path)))
  )
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}
