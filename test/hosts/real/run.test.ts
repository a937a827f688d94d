import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../../packages/gateway/src/index.ts'
import { confinedGround, openConfinedGateway, type Ground } from '../../sandbox/confined.ts'
import { hasSandbox } from '../../sandbox/machine.ts'
import { typing, type Keys } from '../../sandbox/typing.ts'
import { resultTexts, startModel, toolResults, type ScriptedModel, type Step } from '../model.ts'
import { CLAUDE_CODE_BINARY, findBinary } from './binaries.ts'

const PROGRAM = fileURLToPath(new URL('../../../packages/gateway/bin/sallyport.js', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../../sandbox/fixtures/curious-server.mjs', import.meta.url))
const binary = await findBinary(CLAUDE_CODE_BINARY)
const why = 'missing' in binary ? binary.missing : hasSandbox ? '' : 'no sandbox'
if (why !== '')
  console.warn(`not verified: Claude Code ${CLAUDE_CODE_BINARY.version} inside \`sallyport run\` (${why})`)

/** Letter by letter, a moment after it was asked for, and then the enter key. */
const enters =
  (text: string): Keys =>
  (pty) =>
    [...text, '\r'].forEach((key, at) => setTimeout(() => pty.write(key), 1_000 + (key === '\r' ? 1_500 : 30 * at)))
const use = (name: string, args: object): Step => ({ tools: [{ name, args }] })

describe.runIf(why === '')('Claude Code 2.1.329 inside `sallyport run`, with preset:balanced', () => {
  let ground: Ground
  let gateway: Gateway
  let model: ScriptedModel
  let steps: readonly Step[] = []
  beforeAll(async () => {
    ground = await confinedGround()
    const server = JSON.stringify([process.execPath, FIXTURE])
    const tools = '{ environment: { effect: read, groups: [group:fs], args: { of: param } } }'
    gateway = await openConfinedGateway(
      ground,
      `policies: [preset:balanced]\nservers:\n  curious: { command: ${server}, cwd: ${ground.work}, trust: trusted, tools: ${tools} }\n`,
    )
    await gateway.identity.agents.add({ name: 'claude-code', by: 'test' })
    await gateway.identity.agents.setTrust('claude-code', 2, 'test', 'policy alone')
    model = await startModel((request) => {
      // side requests of the agent (titles, summaries) bring no tools and get plain words
      const withTools = Array.isArray(request.body['tools']) && request.body['tools'].length > 0
      return (withTools ? steps[toolResults(request)] : undefined) ?? { text: 'all-done' }
    })
  }, 60_000)
  afterAll(async () => {
    model.close()
    await gateway.close()
    await ground.remove()
  })

  const line = (args: readonly string[]): readonly string[] => [
    process.execPath,
    PROGRAM,
    'run',
    ...['--state', join(ground.path, 'state'), '--workspace', ground.work, '--allow', new URL(model.url).host],
    ...['--env', 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY,CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC,IS_SANDBOX'],
    '--',
    'path' in binary ? binary.path : '',
    ...args,
  ]
  const env = (): Record<string, string> => ({
    ...{ PATH: process.env['PATH'] ?? '', HOME: ground.path, TERM: 'xterm-256color', ANTHROPIC_BASE_URL: model.url },
    ...{ ANTHROPIC_API_KEY: 'dummy', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', IS_SANDBOX: '1' },
  })
  async function claude(script: readonly Step[]) {
    steps = script
    const before = model.seen.length
    const [program = '', ...args] = line(['-p', 'go', '--dangerously-skip-permissions'])
    const child = spawn(program, args, { env: env(), stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err, results: resultTexts(model.seen.slice(before)) }
  }

  test('T-053: the gateway’s servers are there, reached through the gateway, and no others', async () => {
    writeFileSync(join(ground.work, '.mcp.json'), JSON.stringify({ mcpServers: { own: { command: '/bin/true' } } }))
    const { results } = await claude([use('mcp__curious__environment', { of: '' })])
    expect(results.join('\n')).toContain('/home/sandbox')
    const calls = (await gateway.store.readLog({ limit: 10_000 })).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )
    expect(calls).toContainEqual(
      expect.objectContaining({
        kind: 'decision',
        toolName: 'curious.environment',
        agentId: 'claude-code',
        enforcement: 'gateway',
      }),
    )
    const tools = model.seen.flatMap(({ body }) =>
      Array.isArray(body['tools']) ? (body['tools'] as { name: string }[]) : [],
    )
    expect(tools.some(({ name }) => name.startsWith('mcp__own'))).toBe(false)
    rmSync(join(ground.work, '.mcp.json'), { force: true })
  }, 60_000)

  test('SC6: an ordinary task runs', async () => {
    const file = join(ground.work, 'note.txt')
    const { code, out, err, results } = await claude([
      use('Write', { file_path: file, content: 'hello\n' }),
      use('Read', { file_path: file }),
      use('Edit', { file_path: file, old_string: 'hello', new_string: 'bye' }),
    ])
    expect({ code, out, err }).toEqual({ code: 0, out: 'all-done\n', err: '' })
    expect(results).toHaveLength(3)
    expect(readFileSync(file, 'utf8')).toBe('bye\n')
  }, 60_000)

  test('T-042, T-056: its hooks are the administrator’s: what it writes into its own settings takes none of them out', async () => {
    const home = join(ground.path, 'state/homes/claude-code')
    writeFileSync(join(home, '.claude/settings.json'), '{"disableAllHooks":true,"hooks":{}}')
    const marker = join(ground.work, 'ran')
    const { results } = await claude([
      use('Bash', { command: `printf x >${marker}; cat ${ground.outside}`, description: 'x' }),
    ])
    expect(results[0]).toMatch(/Sallyport denied this call/)
    expect(existsSync(marker)).toBe(false)
  }, 60_000)

  test('INV-4, T-053: what gets past its hooks is confined all the same', async () => {
    const { results } = await claude([use('Read', { file_path: ground.outside })])
    expect(results.join('\n')).not.toContain('canary-of-the-host')
  }, 60_000)

  test('T-143: it works on a terminal: it starts, takes words, answers, and ends', async () => {
    steps = []
    const home = join(ground.path, 'state/homes/claude-code')
    const settled = {
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: ['dummy'], rejected: [] },
    }
    const projects = { [ground.work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } }
    mkdirSync(join(home, '.claude'), { recursive: true })
    writeFileSync(join(home, '.claude.json'), JSON.stringify({ ...settled, projects }))
    const ran = await typing(line([]), { env: env(), limit: 50_000 }, [
      ['❯', enters('say it')],
      ['all-done', enters('/exit')],
    ])
    expect({ code: ran.code, left: ran.left, screen: ran.left.length > 0 ? ran.screen : '' }).toEqual({
      code: 0,
      left: [],
      screen: '',
    })
    expect(ran.screen).toContain('claude-code, confined')
    const heard = (await gateway.store.readLog({ limit: 10_000 })).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )
    expect(heard).toContainEqual(
      expect.objectContaining({ event: 'flow.words', channel: 'typed', length: 'say it'.length }),
    )
  }, 60_000)
})
