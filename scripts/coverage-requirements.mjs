#!/usr/bin/env node
// Which requirement and threat is proved by which test: npm run coverage:requirements [-- OPTIONS]
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HELP = `usage: npm run coverage:requirements -- [options]

  --issue N        only the IDs that piece of work N answers for
  --missing        only what no test names yet
  --json           machine-readable
  --fail-under P   exit 1 when fewer than P percent are covered
  --verify         take controls out, one by one, in a copy of the tree: their tests must go red
  --only TEXT      with --verify: only mutants whose id contains TEXT (or one of them: a,b)
  --jobs N         with --verify: mutants at a time (default 1)`

const KINDS = {
  SC: 'success criteria',
  O: 'objectives',
  SEC: 'stories (by their criteria)',
  AC: 'acceptance criteria',
  ND: 'normative details',
  INV: 'invariants',
  FV: 'formal claims',
  TM: 'threats of the specification',
  HB: 'handbook requirements',
  SYS: 'named systems',
  E: 'resolved contradictions',
  T: 'attacks of the threat model',
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const asked = readArguments()
if (asked.help) {
  console.log(HELP)
} else if (asked.verify) {
  const { verify } = await load(() => import('./coverage/verify.mjs'))
  process.exitCode = await verify(root, { only: asked.only ?? '', jobs: Number(asked.jobs ?? 1), json: asked.json })
} else {
  const { namedUnder } = await load(() => import('./coverage/named.mjs'))
  const { ISSUES } = await load(() => import('./coverage/issues.mjs'))
  process.exitCode = report(namedUnder(root), ISSUES)
}

function report(places, issues) {
  const known = JSON.parse(readFileSync(`${root}/docs/coverage/ids.json`, 'utf8'))
  const issue = issues[String(asked.issue)]
  if (asked.issue !== undefined && issue === undefined) {
    console.error(`no piece of work ${String(asked.issue)}; there are ${Object.keys(issues).join(', ')}`)
    return 2
  }
  const unknown = [...places.keys()].filter((id) => !known.some((entry) => entry.id === id))
  const rows = known
    .filter(({ id }) => issue === undefined || issue.has(id))
    .map((entry) => ({ ...entry, ...coverage(entry, known, places) }))
  const covered = rows.filter((row) => row.covered).length
  const percent = rows.length === 0 ? 100 : (100 * covered) / rows.length
  if (asked.json) {
    console.log(JSON.stringify({ covered, of: rows.length, percent, unknown, rows }, null, 1))
  } else {
    print(rows, asked.missing)
    for (const id of unknown) console.log(`? ${id} is in no list: ${place(places.get(id)[0])}`)
    console.log(`\n${covered} of ${rows.length} covered (${percent.toFixed(1)} %)`)
  }
  return asked['fail-under'] !== undefined && percent < Number(asked['fail-under']) ? 1 : 0
}

/** A story is covered when each of its criteria is; everything else when a test names it. */
function coverage({ id, kind }, known, places) {
  const tests = places.get(id) ?? []
  if (kind !== 'SEC') return { covered: tests.length > 0, tests }
  const criteria = known.filter((entry) => entry.id.startsWith(`AC-${id.slice(4)}.`))
  const done = criteria.filter((entry) => places.has(entry.id)).length
  return { covered: done === criteria.length, tests, criteria: { done, of: criteria.length } }
}

function print(rows, onlyMissing) {
  for (const [kind, name] of Object.entries(KINDS)) {
    const of = rows.filter((row) => row.kind === kind)
    if (of.length === 0) continue
    console.log(`\n${kind} · ${name}: ${of.filter((row) => row.covered).length} of ${of.length}`)
    for (const row of of) {
      if (onlyMissing && row.covered) continue
      console.log(`  ${row.id.padEnd(14)} ${row.title.padEnd(72)} ${where(row)}`.trimEnd())
    }
  }
}

function where({ covered, tests, criteria }) {
  if (criteria !== undefined) return `${criteria.done} of ${criteria.of} criteria`
  if (!covered) return 'not yet'
  return tests.length === 1 ? place(tests[0]) : `${place(tests[0])} and ${tests.length - 1} more`
}

function place({ file, line }) {
  return `${file}:${line}`
}

async function load(parts) {
  try {
    return await parts()
  } catch (thrown) {
    if (thrown.code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    console.error('dependencies are missing: run `npm test` or `npm ci` once')
    process.exit(3)
  }
}

function readArguments() {
  const string = { type: 'string' }
  const boolean = { type: 'boolean' }
  try {
    return parseArgs({
      options: {
        issue: string,
        'fail-under': string,
        only: string,
        jobs: string,
        json: boolean,
        missing: boolean,
        verify: boolean,
        help: boolean,
      },
    }).values
  } catch (thrown) {
    console.error(`${thrown.message}\n${HELP}`)
    process.exit(2)
  }
}
