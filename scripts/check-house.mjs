#!/usr/bin/env node
// House rules that the linter cannot express: node scripts/check-house.mjs
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'

const root = process.cwd().replace(/[^\w/-]/g, '\\$&')
const LONG = 350
const TOO_LONG = 600
const PEOPLE = 'agent|alice|ana|bob|example|me|user|you|ana'
const SHIPPED = /^packages\/(core|gateway)\/src\/.*\.ts$/
const TEST = /\.test\.ts$/

const RULES = [
  {
    say: 'name what you export; `export *` hides the public surface',
    in: (file) => /\.m?ts$/.test(file),
    find: /^export \*/,
  },
  {
    say: 'take the injected Clock instead of reading the time',
    in: (file) => SHIPPED.test(file) && !TEST.test(file) && !/(^|\/)(clock|random)\.ts$/.test(file),
    find: /\bnew Date\(\s*\)/,
  },
  {
    say: 'no path of one machine',
    in: () => true,
    find: new RegExp(`(?<![\\w.~$-])(/(home|Users)/(?!(${PEOPLE})/)[a-z][\\w.-]*/|${root}/)`),
  },
  {
    say: 'no registry host: the repository installs from whatever registry npm is set to',
    in: (file) => /(^|\/)(package(-lock)?\.json|\.npmrc|[^/]*\.ya?ml)$|^scripts\/|^\.ci\//.test(file),
    find: /\/\/registry\.|^(@[\w-]+:)?registry\s*=|"resolved": "(https?|git)/,
  },
]

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
let broken = 0

for (const file of new Set(tracked.split('\0'))) {
  if (!file || !existsSync(file)) continue
  const bytes = readFileSync(file)
  if (!isUtf8(bytes)) continue
  const lines = bytes.toString('utf8').split('\n')
  for (const rule of RULES.filter((candidate) => candidate.in(file))) {
    for (const [index, line] of lines.entries()) {
      const at = rule.find.exec(line)
      if (!at || rule.except?.test(line)) continue
      broken += 1
      console.error(`${file}:${index + 1}:${at.index + 1} ${rule.say}`)
    }
  }
  if (SHIPPED.test(file) && !TEST.test(file) && lines.length > LONG) {
    const over = lines.length > TOO_LONG
    broken += Number(over)
    console.error(`${file}: ${over ? '' : 'warning: '}${lines.length} lines; split above ${LONG}`)
  }
}
process.exit(broken > 0 ? 1 : 0)
