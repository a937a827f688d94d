import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const built = existsSync(fileURLToPath(new URL('../../packages/gateway/bundle/cli/start.js', import.meta.url)))
if (!built) console.warn('not verified: init and doctor as a program (not built)')

let root = ''
let home = ''
const original = '{\n  "mcpServers": { "x": { "command": "x" } }\n}\n'

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
  home = join(root, 'home')
  mkdirSync(join(home, '.claude'), { recursive: true })
  mkdirSync(join(home, '.cursor'))
  writeFileSync(join(home, '.cursor', 'mcp.json'), original)
  mkdirSync(join(root, 'work'))
})
afterAll(async () => {
  await run(['down'])
  rmSync(root, { recursive: true, force: true })
}, 60_000)

interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

function run(
  args: readonly string[],
  more: { wrapper?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Ran> {
  const [command = '', ...rest] = [...(more.wrapper ?? []), process.execPath, program, ...args]
  const env = { PATH: '/usr/bin:/bin', HOME: home, ...more.env }
  return new Promise((resolve) => {
    const child = execFile(command, rest, { env, cwd: join(root, 'work'), timeout: 90_000 }, (error, out, err) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    )
    child.stdin?.end()
  })
}

describe.runIf(built)('init and doctor as a program', () => {
  test('T-038 T-039: a hostile working directory and hostile variables change nothing in the plan', async () => {
    const clean = await run(['init', '--dry-run', '--json'])
    expect(clean.exit).toBe(0)
    const work = join(root, 'work')
    for (const name of ['.bin/sallyport', 'node_modules/.bin/sallyport', '.bin/curl', '.bin/node']) {
      mkdirSync(join(work, name, '..'), { recursive: true })
      writeFileSync(join(work, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    }
    writeFileSync(join(work, '.npmrc'), 'script-shell=/bin/false\n')
    writeFileSync(join(work, 'sallyport.yaml'), 'version: 1\npolicies: [preset:open]\n')
    const env = {
      PATH: `${work}/.bin:/usr/bin:/bin`,
      SALLYPORT_CONFIG: join(work, 'sallyport.yaml'),
      SALLYPORT_STATE: work,
      npm_config_script_shell: '/bin/false',
      XDG_DATA_HOME: 'relative',
      XDG_CONFIG_HOME: 'relative',
    }
    expect((await run(['init', '--dry-run', '--json'], { env })).out).toBe(clean.out)
    for (const name of ['NODE_OPTIONS', 'NODE_PATH']) {
      const { exit } = await run(['init', '--dry-run'], {
        env: { [name]: name === 'NODE_OPTIONS' ? '--no-warnings' : '/tmp' },
      })
      expect(exit, name).toBe(2)
    }
    expect(readFileSync(join(home, '.cursor', 'mcp.json'), 'utf8')).toBe(original)
  }, 90_000)

  test('T-007: an agent may wire, through script and setsid too, and nobody is made an operator by it', async () => {
    const first = await run(['init', '--json'])
    expect(first.exit).toBe(0)
    const printed = [first.out, first.err]
    const script = existsSync('/usr/bin/script')
    const again = ['/usr/bin/script', '-qec', `${process.execPath} ${program} init --claim`, '/dev/null']
    for (const wrapper of [['setsid', '-w'], ...(script ? [again] : [])]) {
      const ran =
        wrapper[0] === '/usr/bin/script' ? await runLine(wrapper) : await run(['init', '--claim'], { wrapper })
      expect(ran.exit, wrapper[0]).not.toBe(0)
      printed.push(ran.out, ran.err)
    }
    expect((await run(['init', '--claim'])).exit).toBe(4)
    const status = JSON.parse((await run(['status', '--json'])).out) as { claimed: boolean; agents: string[] }
    expect(status.claimed).toBe(false)
    expect(status.agents.join()).toContain('trust 0')
    expect(printed.join()).not.toMatch(/Bearer|"key"|recovery|eyJ/)
  }, 120_000)

  test('doctor reports, and --json exits 1 only for failures', async () => {
    const { out, exit } = await run(['doctor', '--json'])
    const report = JSON.parse(out) as { ok: boolean; checks: { id: string; status: string; detail: string }[] }
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([])
    expect(exit).toBe(0)
    expect(report.checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['canary:claude-code', 'level', 'log']))
  }, 90_000)

  test('agents matrix says of each host what it is worth', async () => {
    const { out } = await run(['agents', 'matrix', '--json'])
    const { hosts } = JSON.parse(out) as { hosts: { id: string; mode: string; facts: { test: string }[] }[] }
    expect(Object.fromEntries(hosts.map(({ id, mode }) => [id, mode]))).toMatchObject({
      'claude-code': 'enforcing',
      codex: 'observe-only',
      cursor: 'not wired yet',
      windsurf: 'not wired yet',
    })
    const proofs = hosts
      .flatMap(({ facts }) => facts.map(({ test: file }) => file))
      .filter((file) => file !== 'not verified')
    for (const file of new Set(proofs))
      expect(existsSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)))).toBe(true)
  }, 60_000)

  test('E-58: init --undo puts every byte back', async () => {
    const { exit } = await run(['init', '--undo', '--json'])
    expect(exit).toBe(0)
    expect(readFileSync(join(home, '.cursor', 'mcp.json'), 'utf8')).toBe(original)
    expect(existsSync(join(home, '.claude', 'settings.json'))).toBe(false)
  }, 60_000)
})

/** A whole command line, as `script` takes it. */
function runLine(words: readonly string[]): Promise<Ran> {
  const [command = '', ...rest] = words
  return new Promise((resolve) => {
    const env = { PATH: '/usr/bin:/bin', HOME: home }
    const child = execFile(command, rest, { env, cwd: join(root, 'work'), timeout: 90_000 }, (error, out, err) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    )
    child.stdin?.end()
  })
}
