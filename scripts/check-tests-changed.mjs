#!/usr/bin/env node
// A change in a security module needs a change in tests (AC-7.3.3): node scripts/check-tests-changed.mjs [BASE]
// A commit message with the line `Tests: not needed, because …` says why there is none.
import { execFileSync } from 'node:child_process'

const SECURITY = /^packages\/gateway\/src\/(boundary|control|execution|custody)\/.*\.ts$/
const TEST = /\.test\.ts$|^test\//
const REASON = /^Tests: not needed, because \S.{9,}$/m

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
const tried = (...args) => {
  try {
    return git(...args)
  } catch {
    return undefined
  }
}

const { GITHUB_BASE_REF: target } = process.env
const names = process.argv[2] ? [process.argv[2]] : target ? [`origin/${target}`] : ['origin/main', 'main']
const base = names.map((name) => tried('merge-base', name, 'HEAD')).find((found) => found)

if (base === undefined) {
  console.log(`not verified: there is no common commit with ${names.join(' or ')}`)
  // who asked for a base, or runs for a pull request, must have one
  process.exit(process.argv[2] || target ? 3 : 0)
}

const listed = (...args) =>
  git(...args)
    .split('\0')
    .filter((name) => name !== '')
const changed = [
  ...listed('diff', '--name-only', '--no-renames', '-z', base),
  ...listed('ls-files', '--others', '--exclude-standard', '-z'),
]
const modules = changed.filter((file) => SECURITY.test(file) && !TEST.test(file))
const excused = REASON.test(git('log', '--format=%B', `${base}..HEAD`))

if (modules.length > 0 && !changed.some((file) => TEST.test(file)) && !excused) {
  console.error('These security modules changed and no test did:')
  for (const file of modules) console.error(`  ${file}`)
  console.error('Change their tests, or say in a commit message: `Tests: not needed, because …`.')
  process.exit(1)
}
