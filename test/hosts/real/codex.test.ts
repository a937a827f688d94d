import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCurl } from '../../../packages/gateway/src/cli/init/site.ts'
import { CODEX } from '../../../packages/gateway/src/hosts/codex.ts'
import { hookCommand, hookScript } from '../../../packages/gateway/src/hosts/script.ts'
import type { Step } from '../model.ts'
import { createStage, type Stage } from '../stage.ts'
import { startRunner, type Outcome, type Runner } from './agent.ts'
import { CODEX_BINARY, findBinary, loopbackOnly } from './binaries.ts'
import { CANARIES, canaryCommand, printTable } from './canaries.ts'

const binary = await findBinary(CODEX_BINARY)
const namespace = await loopbackOnly()
const curl = findCurl()
const why =
  'missing' in binary ? binary.missing : typeof namespace === 'string' ? namespace : curl === undefined ? 'no curl' : ''
if (why !== '') console.warn(`not verified: Codex ${CODEX_BINARY.version} with real hooks (${why})`)

const root = mkdtempSync(join(tmpdir(), 'sallyport-codex-'))
const marker = join(root, 'marker')
let runner: Runner
let stage: Stage
let server: Server

beforeAll(async () => {
  if (why !== '' || typeof namespace === 'string') return
  runner = startRunner(namespace)
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      void stage.hooks.handle(stage.caller('codex'), request.url?.split('/').at(-1) ?? '', body).then((answer) => {
        response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(join(root, 'agent.sock'), resolve))
  writeFileSync(join(root, 'credential'), 'authorization: Bearer codex\n')
})
afterAll(() => {
  runner?.close()
  server?.close()
  rmSync(root, { recursive: true, force: true })
})

const CONFIG = `model = "gpt-scripted"
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[features]
plugins = false # would wait for a sync with the network
[analytics]
enabled = false # would wait for its last upload
[model_providers.scripted]
name = "scripted"
base_url = "{model}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
`

interface Options {
  readonly trusted?: boolean
}

/** Runs Codex once with these hooks; home, workspace and marker are fresh. The model's address comes with the arguments. */
async function codex(hooks: string, steps: readonly Step[], options: Options = {}): Promise<Outcome> {
  rmSync(marker, { force: true })
  const home = mkdtempSync(join(root, 'home-'))
  const cwd = join(home, 'work')
  mkdirSync(join(home, '.codex'))
  mkdirSync(cwd)
  writeFileSync(join(home, '.codex', 'config.toml'), CONFIG.replace('"{model}/v1"', '"http://127.0.0.1:9/v1"'))
  writeFileSync(join(home, '.codex', 'hooks.json'), hooks)
  const trust = options.trusted === false ? [] : ['--dangerously-bypass-hook-trust']
  const provider = ['-c', 'model_providers.scripted.base_url="{model}/v1"']
  return runner.run({
    program: 'path' in binary ? binary.path : '',
    kind: 'codex',
    home,
    cwd,
    args: ['exec', '--skip-git-repo-check', ...trust, ...provider, '-C', cwd, 'go'],
    env: { PATH: '/usr/bin:/bin', HOME: home, CODEX_HOME: join(home, '.codex'), SCRIPTED_KEY: 'x' },
    steps,
    limitMs: 60_000,
  })
}

const exec = (cmd: string, more: object = {}): Step => ({ tools: [{ name: 'exec_command', args: { cmd, ...more } }] })
const touch = exec(`printf ran > ${marker}`)
const pre = (command: string): string =>
  JSON.stringify({ hooks: { PreToolUse: [{ matcher: '.*', hooks: [{ type: 'command', command, timeout: 1 }] }] } })

function installed(socket = join(root, 'agent.sock')): string {
  const script = join(root, 'hook.sh')
  const paths = { script, socket, credential: join(root, 'credential'), curl: curl ?? '', start: ['/bin/true'] }
  writeFileSync(script, hookScript(CODEX, paths), { mode: 0o700 })
  return CODEX.hookFile.install(undefined, hookCommand(CODEX, script))
}

/** What 0.169.0 does. There is no switch that closes the open ones, so Codex is reported as observe-only. */
const EXPECTED: Readonly<Record<string, 'stopped' | 'RAN'>> = {
  'deny JSON, exit 0': 'stopped',
  'deny JSON + stderr + exit 2': 'stopped',
  'deny JSON, exit 2, no stderr': 'RAN',
  'deny JSON, exit 1': 'RAN',
  'stderr + exit 2': 'stopped',
  'silent exit 2': 'RAN',
  'ask, nobody there': 'RAN',
  'exit 1': 'RAN',
  'time-out': 'RAN',
  killed: 'RAN',
  'program missing': 'RAN',
  'not executable': 'RAN',
  'log line, then deny JSON': 'RAN',
  'empty output, exit 0': 'RAN',
  'empty object': 'RAN',
}

describe.runIf(why === '')('Codex 0.169.0', () => {
  test('T-043: each failure branch of a hook stops the tool or is known to be open', async () => {
    const rows: [string, string[]][] = []
    for (const canary of CANARIES) {
      const command = canaryCommand(join(root, 'canaries'), canary)
      await codex(pre(command), [touch])
      rows.push([canary.id, [existsSync(marker) ? 'RAN' : 'stopped']])
    }
    printTable('Codex 0.169.0', ['as it comes'], rows)
    expect(Object.fromEntries(rows.map(([id, [cell]]) => [id, cell]))).toEqual(EXPECTED)
  }, 400_000)

  test('SYS-12: an ordinary task runs through the installed hooks; a hijacked call is stopped', async () => {
    stage = createStage({ decide: ({ argsText }) => (argsText.includes('evil') ? 'deny' : 'allow') })
    const file = join(root, 'file')
    const { results } = await codex(installed(), [exec(`printf ok > ${file}`), exec(`printf evil > ${marker}`)])
    expect(existsSync(file)).toBe(true)
    expect(existsSync(marker)).toBe(false)
    expect(results.join()).toContain('SP_POLICY_DENIED')
    expect(stage.reported).toHaveLength(1)
    expect(stage.records.filter(({ kind }) => kind === 'alert')).toEqual([])
    expect(stage.records.map(({ event }) => event)).toEqual(['hook.session.start', 'hook.prompt'])
  }, 90_000)

  test('AC-1.2.3: a secret in a tool’s output never reaches the model', async () => {
    stage = createStage({ redact: (text) => text.replace('hunter2', '[redacted]') })
    const { results } = await codex(installed(), [exec('echo pw hunter2')])
    expect(results.join()).toContain('[redacted]')
    expect(results.join()).not.toContain('hunter2')
  }, 90_000)

  test('T-043: gateway down: the tool does not run', async () => {
    stage = createStage()
    await codex(installed(join(root, 'none.sock')), [touch])
    expect(existsSync(marker)).toBe(false)
  }, 90_000)

  test('T-042: hooks that nobody trusted are skipped without a word: reported by the matrix, found by doctor', async () => {
    stage = createStage({ decide: () => 'deny' })
    const { output } = await codex(installed(), [touch], { trusted: false })
    expect(existsSync(marker)).toBe(true)
    expect(stage.crossed).toEqual([])
    expect(output).not.toMatch(/hook/i)
    expect(CODEX.profile.facts.map(({ id }) => id)).toContain('untrusted-skipped')
  }, 90_000)

  test('T-042: write_stdin into a running shell fires no hook, and the hook sees neither tty nor workdir', async () => {
    stage = createStage({ decide: ({ argsText }) => (argsText.includes('printf') ? 'deny' : 'allow') })
    const shell = exec('sh', { tty: true, workdir: '/tmp', yield_time_ms: 250 })
    const type: Step = {
      tools: [
        {
          name: 'write_stdin',
          args: { session_id: '{session}', chars: `printf ran > ${marker}\n`, yield_time_ms: 500 },
        },
      ],
    }
    const { results } = await codex(installed(), [shell, type])
    expect(stage.crossed.map(({ argsText }) => argsText)).toEqual(['{"command":"sh"}'])
    expect(results).toHaveLength(2)
    expect(existsSync(marker)).toBe(true)
  }, 90_000)
})
