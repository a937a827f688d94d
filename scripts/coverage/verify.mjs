// Takes the controls of mutations.mjs out of a copy of the tree, one at a time, and expects their test to go red.
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MUTATIONS } from './mutations.mjs'

const TIME_LIMIT = 300_000
/** Tests of the core start no program, so none is made for them. */
const UNBUNDLED = { SALLYPORT_TESTS_START_NOTHING: '1' }
const startNothing = (words) => words.every((word) => word.startsWith('-') || word.startsWith('packages/core/'))
/** Packages of this workspace: links in node_modules that must lead into the copy. */
const WORKSPACE = {
  '@sallyport/core': 'core',
  '@sallyport/sdk': 'sdk',
  '@sallyport/surface': 'surface',
  sallyport: 'gateway',
}

/**
 * @returns {Promise<number>} 0: every mutant was killed · 1: some survived · 3: a test was red before anything was taken out, so
 * that its mutants say nothing
 */
export async function verify(root, { only, jobs, json }) {
  const started = Date.now()
  const mutants = MUTATIONS.filter(({ id }) => only.split(',').some((part) => id.includes(part)))
  const tests = [...new Set(mutants.map(({ test }) => test))]
  const copies = Array.from({ length: Math.max(1, Math.min(jobs, tests.length)) }, () => copyTree(root))
  try {
    const results = await spread(mutants, tests, copies)
    const seconds = Math.round((Date.now() - started) / 1000)
    if (json) console.log(JSON.stringify(results, null, 1))
    else console.log(`\n${results.filter(isKilled).length} of ${results.length} mutants killed in ${seconds} s`)
    const survived = results.filter(({ how }) => how === 'ALIVE')
    const unknown = results.filter(({ how }) => how === '?')
    for (const { id, test } of survived) console.error(`survived: ${id} (${test})`)
    for (const { id, test } of unknown) console.error(`not verified: ${id}: ${test} is red with nothing taken out`)
    return survived.length > 0 ? 1 : unknown.length > 0 ? 3 : 0
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true })
  }
}

const isKilled = ({ how }) => how === 'red' || how === 'hung'

/** Each copy takes the next test as soon as it is free: whole first, and then without each of its controls. */
async function spread(mutants, tests, copies) {
  const results = []
  const queue = [...tests]
  const work = async (copy) => {
    for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
      const whole = await run(copy, [test])
      if (!whole.ok) console.error(whole.output.slice(-4000))
      for (const mutant of mutants.filter((one) => one.test === test)) {
        const started = Date.now()
        const how = whole.ok ? await tried(copy, mutant) : '?'
        const seconds = (Date.now() - started) / 1000
        results.push({ ...mutant, how, seconds })
        console.error(`${how.padEnd(5)} ${seconds.toFixed(0).padStart(4)} s ${mutant.id.padEnd(36)} ${mutant.proves}`)
      }
    }
  }
  await Promise.all(copies.map(work))
  return results
}

/** How a test takes it that a control is gone. */
async function tried(copy, { file, find, replace, test }) {
  const path = join(copy, file)
  const before = readFileSync(path, 'utf8')
  if (before.split(find).length !== 2)
    throw new Error(`${file}: the text to take out is there ${before.split(find).length - 1} times`)
  writeFileSync(
    path,
    before.replace(find, () => replace),
  )
  try {
    const { ok, hung } = await run(copy, [test, '--bail=1'])
    return ok ? 'ALIVE' : hung ? 'hung' : 'red'
  } finally {
    writeFileSync(path, before)
  }
}

function run(copy, tests) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', ...tests]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: copy,
      env: { ...process.env, NO_COLOR: '1', CI: '1', ...(startNothing(tests) ? UNBUNDLED : {}) },
      detached: true,
    })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    let hung = false
    // A mutant may hang what it breaks; that counts as noticed, and is said: a machine that is too busy looks the same.
    const timer = setTimeout(() => {
      hung = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, TIME_LIMIT)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ ok: code === 0, hung, output: Buffer.concat(chunks).toString() })
    })
  })
}

/** Everything git knows or would take, the built parts, and a node_modules whose own packages are those of the copy. */
function copyTree(root) {
  const copy = mkdtempSync(join(tmpdir(), 'sallyport-verify-'))
  // tests of the sandbox run the program as another user
  chmodSync(copy, 0o755)
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of new Set(files.split('\0'))) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true })
  }
  linkModules(root, copy, '')
  for (const folder of Object.values(WORKSPACE)) linkModules(root, copy, `packages/${folder}`)
  for (const [name, folder] of Object.entries(WORKSPACE)) {
    const link = join(copy, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(copy, 'packages', folder), link)
    const built = join(root, 'packages', folder, 'dist')
    if (existsSync(built)) cpSync(built, join(copy, 'packages', folder, 'dist'), { recursive: true })
  }
  const site = 'packages/gateway/console'
  if (existsSync(join(root, site))) cpSync(join(root, site), join(copy, site), { recursive: true })
  return copy
}

function linkModules(root, copy, folder) {
  const from = join(root, folder, 'node_modules')
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) {
    const names = name.startsWith('@') ? readdirSync(join(from, name)).map((inner) => `${name}/${inner}`) : [name]
    for (const each of names) {
      if (each.startsWith('.') || Object.hasOwn(WORKSPACE, each)) continue
      const link = join(copy, folder, 'node_modules', each)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(from, each), link)
    }
  }
}
