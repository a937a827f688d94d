import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLAUDE_CODE } from '../../../packages/gateway/src/hosts/claude-code.ts'
import { hookCommand, hookScript } from '../../../packages/gateway/src/hosts/script.ts'
import { findCurl } from '../../../packages/gateway/src/cli/init/site.ts'
import { createStage, type Stage } from '../stage.ts'
import type { Step } from '../model.ts'
import { startRunner, type Outcome, type Runner } from './agent.ts'
import { CLAUDE_CODE_BINARY, findBinary, loopbackOnly } from './binaries.ts'
import { CANARIES, canaryCommand, printTable } from './canaries.ts'

const binary = await findBinary(CLAUDE_CODE_BINARY)
const namespace = await loopbackOnly()
const curl = findCurl()
const why =
  'missing' in binary ? binary.missing : typeof namespace === 'string' ? namespace : curl === undefined ? 'no curl' : ''
if (why !== '') console.warn(`not verified: Claude Code ${CLAUDE_CODE_BINARY.version} with real hooks (${why})`)

const root = mkdtempSync(join(tmpdir(), 'sallyport-claude-'))
const marker = join(root, 'marker')
let runner: Runner
let stage: Stage
let server: Server
let decide: Parameters<typeof createStage>[0] = {}

beforeAll(async () => {
  if (why !== '' || typeof namespace === 'string') return
  runner = startRunner(namespace)
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const caller = stage.caller(String(request.headers.authorization).replace('Bearer ', ''))
      void stage.hooks.handle(caller, request.url?.split('/').at(-1) ?? '', body).then((answer) => {
        response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(join(root, 'agent.sock'), resolve))
  writeFileSync(join(root, 'credential'), 'authorization: Bearer claude\n')
})
afterAll(() => {
  runner?.close()
  server?.close()
  rmSync(root, { recursive: true, force: true })
})

/** Runs Claude Code once with these settings; the workspace and the marker are fresh. */
async function claude(settings: object, steps: readonly Step[]): Promise<Outcome> {
  rmSync(marker, { force: true })
  const home = mkdtempSync(join(root, 'home-'))
  mkdirSync(join(home, '.claude'))
  const cwd = join(home, 'work')
  mkdirSync(cwd)
  writeFileSync(join(home, '.claude', 'settings.json'), JSON.stringify(settings))
  return runner.run({
    program: 'path' in binary ? binary.path : '',
    kind: 'claude-code',
    home,
    cwd,
    args: ['-p', 'go', '--setting-sources', 'user', '--allowedTools', 'Bash,Read,Write,Edit'],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      ANTHROPIC_BASE_URL: '{model}',
      ANTHROPIC_API_KEY: 'dummy',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    steps,
    limitMs: 45_000,
  })
}

const touch: readonly Step[] = [
  { tools: [{ name: 'Bash', args: { command: `printf ran > ${marker}`, description: 'x' } }] },
]
const pre = (command: string, more: object = {}): object => ({
  hooks: { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command, timeout: 1, ...more }] }] },
})

/** Settings as `init` writes them, against the gateway of this test. */
function installed(overrides: { socket?: string; script?: string; timeout?: number } = {}): object {
  const host = overrides.timeout === undefined ? CLAUDE_CODE : { ...CLAUDE_CODE, timeoutSeconds: overrides.timeout }
  const script = join(root, 'hook.sh')
  const paths = {
    script,
    socket: overrides.socket ?? join(root, 'agent.sock'),
    credential: join(root, 'credential'),
    curl: curl ?? '',
    start: ['/bin/true'],
  }
  writeFileSync(script, hookScript(host, paths), { mode: 0o700 })
  return JSON.parse(CLAUDE_CODE.hookFile.install(undefined, hookCommand(host, overrides.script ?? script))) as object
}

const useStage = (of: Parameters<typeof createStage>[0]): void => {
  decide = of
  stage = createStage(decide)
}

/** What 2.1.329 does: [as it comes, with onFailure "block"]. A change here is a finding, and a new row of facts. */
const EXPECTED: Readonly<Record<string, readonly ['stopped' | 'RAN', 'stopped' | 'RAN']>> = {
  'deny JSON, exit 0': ['stopped', 'stopped'],
  'deny JSON + stderr + exit 2': ['stopped', 'stopped'],
  'deny JSON, exit 2, no stderr': ['stopped', 'stopped'],
  'deny JSON, exit 1': ['stopped', 'stopped'],
  'stderr + exit 2': ['stopped', 'stopped'],
  'silent exit 2': ['stopped', 'stopped'],
  'ask, nobody there': ['stopped', 'stopped'],
  'exit 1': ['RAN', 'stopped'],
  'time-out': ['RAN', 'stopped'],
  killed: ['RAN', 'stopped'],
  'program missing': ['RAN', 'stopped'],
  'not executable': ['RAN', 'stopped'],
  'log line, then deny JSON': ['RAN', 'RAN'],
  'empty output, exit 0': ['RAN', 'RAN'],
  'empty object': ['RAN', 'RAN'],
}

describe.runIf(why === '')('Claude Code 2.1.329', () => {
  test('T-043: each failure branch of a hook stops the tool or is known to be open', async () => {
    const rows: [string, string[]][] = []
    for (const canary of CANARIES) {
      const command = canaryCommand(join(root, 'canaries'), canary)
      const measured: string[] = []
      for (const more of [{}, { onFailure: 'block' }]) {
        const { exit } = await claude(pre(command, more), touch)
        expect(exit, canary.id).toBe(0)
        measured.push(existsSync(marker) ? 'RAN' : 'stopped')
      }
      rows.push([canary.id, measured])
    }
    printTable('Claude Code 2.1.329', ['as it comes', 'onFailure "block"'], rows)
    expect(Object.fromEntries(rows)).toEqual(EXPECTED)
  }, 240_000)

  test('SYS-12: an ordinary task runs through the installed hooks, and every call is decided and reported', async () => {
    useStage({})
    const steps: readonly Step[] = [
      { tools: [{ name: 'Write', args: { file_path: join(root, 'note.txt'), content: 'hello\n' } }] },
      { tools: [{ name: 'Read', args: { file_path: join(root, 'note.txt') } }] },
      {
        tools: [{ name: 'Edit', args: { file_path: join(root, 'note.txt'), old_string: 'hello', new_string: 'bye' } }],
      },
      { tools: [{ name: 'Bash', args: { command: `cat ${join(root, 'note.txt')} > ${marker}`, description: 'x' } }] },
      { tools: [{ name: 'Bash', args: { command: 'exit 3', description: 'x' } }] },
    ]
    const { exit } = await claude(installed(), steps)
    expect(exit).toBe(0)
    expect(readFileSync(marker, 'utf8')).toBe('bye\n')
    expect(stage.crossed.map(({ tool }) => tool)).toEqual(['Write', 'Read', 'Edit', 'Bash', 'Bash'])
    expect(stage.reported.map(({ outcome }) => outcome)).toEqual([
      'success',
      'success',
      'success',
      'success',
      'failure',
    ])
    expect(stage.records.filter(({ kind }) => kind === 'alert')).toEqual([])
    expect(stage.records.map(({ event }) => event)).toEqual(['hook.session.start', 'hook.prompt'])
    expect(stage.hooks.sessions()[0]).toMatchObject({ agent: 'claude', state: 'enforced', decided: 5, reported: 5 })
  }, 60_000)

  test('SYS-12: a hijacked task is stopped: the model reads why, and nothing ran', async () => {
    useStage({ decide: ({ tool, argsText }) => (tool === 'Bash' && argsText.includes('evil') ? 'deny' : 'allow') })
    const secret = join(root, 'secret.txt')
    writeFileSync(secret, 'k')
    const steps: readonly Step[] = [
      { tools: [{ name: 'Read', args: { file_path: secret } }] },
      { tools: [{ name: 'Bash', args: { command: `printf evil > ${marker}`, description: 'x' } }] },
    ]
    const { results } = await claude(installed(), steps)
    expect(existsSync(marker)).toBe(false)
    expect(results.at(-1)).toContain('SP_POLICY_DENIED')
    expect(stage.reported).toHaveLength(1)
    expect(stage.records.filter(({ kind }) => kind === 'alert')).toEqual([])
    expect(stage.hooks.sessions()[0]).toMatchObject({ state: 'enforced' })
  }, 60_000)

  test('E-52: a call that needs a human is stopped, and the model is told how to go on', async () => {
    useStage({ decide: () => 'ask' })
    const { results } = await claude(installed(), touch)
    expect(existsSync(marker)).toBe(false)
    expect(results.at(-1)).toMatch(/sallyport approvals approve/)
  }, 60_000)

  test('AC-1.2.3: a secret in a tool’s output never reaches the model', async () => {
    useStage({ redact: (text) => text.replace('hunter2', '[redacted]') })
    const { results } = await claude(installed(), [{ tools: [{ name: 'Bash', args: { command: 'echo pw hunter2' } }] }])
    expect(results.join()).toContain('pw [redacted]')
    expect(results.join()).not.toContain('hunter2')
  }, 60_000)

  const broken: [string, () => object][] = [
    ['gateway down', () => installed({ socket: join(root, 'none.sock') })],
    ['hook script missing', () => installed({ script: join(root, 'gone.sh') })],
  ]
  test.each(broken)(
    'T-043: %s: the tool does not run',
    async (_name, settings) => {
      useStage({})
      const { exit, results } = await claude(settings(), touch)
      expect(exit).toBe(0)
      expect(existsSync(marker)).toBe(false)
      expect(results.join()).not.toContain('ran')
      expect(stage.crossed).toEqual([])
    },
    60_000,
  )

  test('T-044: a gateway that hangs: the hook answers before the host gives up', async () => {
    useStage({ decide: () => 'hang' })
    const { results } = await claude(installed({ timeout: 4 }), touch)
    expect(existsSync(marker)).toBe(false)
    expect(results.join()).toContain('SP_AUTHZ_UNAVAILABLE')
  }, 60_000)

  test('E-18: every other built-in tool goes through the same hook', async () => {
    useStage({ decide: ({ tool }) => (tool === 'ReportFindings' ? 'deny' : 'allow') })
    const { results } = await claude(installed(), [{ tools: [{ name: 'ReportFindings', args: { findings: [] } }] }])
    expect(stage.crossed.map(({ tool }) => tool)).toEqual(['ReportFindings'])
    expect(results.join()).toContain('SP_POLICY_DENIED')
  }, 60_000)
})
