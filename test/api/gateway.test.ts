import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentsCommands } from '../../packages/gateway/src/cli/agents/commands.ts'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import type { CliIo, CliOptions } from '../../packages/gateway/src/cli/command.ts'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect, DeniedError, guard, type Sallyport } from '../../packages/sdk/src/index.ts'
import { ask, temporaryDirectory, type Answer } from './kit.ts'

let gateway: Gateway
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let stateDir: string
let workspace: string
const server = (name: string): string =>
  new URL(`../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, import.meta.url).pathname

beforeAll(async () => {
  folder = await temporaryDirectory()
  workspace = join(folder.path, 'workspace')
  stateDir = join(folder.path, 'state')
  await mkdir(workspace)
  await writeFile(join(workspace, 'a.txt'), 'plain text')
  const config = [
    'version: 1',
    'policies: [preset:balanced]',
    'servers:',
    `  files: { command: [${process.execPath}, ${server('filesystem')}, ${workspace}] }`,
    `  every: { command: [${process.execPath}, ${server('everything')}], tools: { trigger-long-running-operation: { effect: read } } }`,
  ].join('\n')
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir })
  await gateway.listen()
}, 60_000)
afterAll(async () => {
  await gateway.close()
  await folder.remove()
})

const agentSocket = (): string => join(stateDir, 'run', 'agent.sock')
const operator = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask({ socketPath: join(stateDir, 'run', 'operator.sock') }, { method, path, ...(body === undefined ? {} : { body }) })

async function agent(name: string): Promise<Sallyport> {
  const { body } = await operator('POST', '/api/v1/agents', { name })
  return connect({ socket: agentSocket(), agent: name, key: body.key })
}

/** Processes that this one has started and that have the word in their command line. */
const processesOf = (word: string): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
    } catch {
      return false
    }
  })

/** Runs one leaf as the executable would, against the gateway's operator socket. */
async function cli(path: string, args: readonly string[] = [], options: CliOptions = {}) {
  const spec = agentsCommands.find((command) => command.path === path)
  const { run } = (await spec?.load?.()) ?? { run: () => Promise.reject(new Error(`no ${path}`)) }
  const said: { out: string[]; err: string[] } = { out: [], err: [] }
  const { signal } = new AbortController()
  const io: CliIo = {
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
    json: options['json'] === true,
    quiet: false,
    color: false,
    isTerminal: false,
    cwd: workspace,
    stateDir,
    configPath: undefined,
    commandPaths: [],
    gateway: operatorClient(join(stateDir, 'run', 'operator.sock'), signal),
    signal,
  }
  const code = await run(io, args, options).catch((thrown: unknown) => {
    const { code: errorCode, entry } = toSallyportError(thrown)
    said.err.push(errorCode)
    return entry.exit
  })
  return { code, out: said.out.join('\n'), err: said.err.join('\n') }
}

describe('the SDK on a running gateway', () => {
  it('reads a file through a server behind the gateway, and the log knows who asked and why', async () => {
    const sp = await agent('reader')
    const result = await sp.call('files.read_text_file', { path: join(workspace, 'a.txt') })
    expect(JSON.stringify(result)).toContain('plain text')
    const records = await gateway.store.readLog({ agent: 'reader', kind: 'decision' })
    expect(records.at(-1)?.body).toContain('"toolName":"files.read_text_file"')
    await sp.close()
  })

  it('T-156: however many sockets the calls of a session come in on, one process of the server answers them', async () => {
    const { key } = (await operator('POST', '/api/v1/agents', { name: 'many' })).body
    const issued = gateway.identity.exchange(key)
    const before = new Set(processesOf('server-filesystem'))
    const call = { tool: 'files.read_text_file', arguments: { path: join(workspace, 'a.txt') } }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        ask(
          { socketPath: agentSocket() },
          { method: 'POST', path: '/v1/calls', bearer: issued.ok ? issued.value.credential : '', body: call },
        ),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(processesOf('server-filesystem').filter((pid) => !before.has(pid))).toHaveLength(1)
  })

  it('T-001 HB-145: at level 0 a write is not run without a human, and an unclaimed gateway has none', async () => {
    const sp = await agent('writer')
    const path = join(workspace, 'b.txt')
    await expect(sp.call('files.write_file', { path, content: 'x' })).rejects.toMatchObject({
      code: 'SP_AUTHN_UNCLAIMED',
    })
    await expect(readFile(path)).rejects.toThrow('ENOENT')
    await sp.close()
  })

  it('guard: a tool of the program itself is decided, run and reported; its end is in the log', async () => {
    const sp = await agent('guarded')
    const lookup = guard(
      sp,
      { name: 'lookup', effect: 'read', args: { word: 'param' }, inspect: true },
      ({ word }: { word: string }) => Promise.resolve({ word, key: 'AKIAIOSFODNN7EXAMPLE' }),
    )
    const found = await lookup({ word: 'port' })
    expect(found.word).toBe('port')
    const outcomes = await gateway.store.readLog({ agent: 'guarded', kind: 'outcome' })
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]?.body).toContain('"outcome":"success"')
    expect(outcomes[0]?.body).toContain('"confinement":"host"')
    const unclassified = guard(sp, { name: 'send' }, () => 'sent')
    await expect(unclassified({ to: 'eve@evil.example' })).rejects.toBeInstanceOf(DeniedError)
    await sp.close()
  })

  it('T-099: a tool whose claims change between two runs of the program is drift, and denied', async () => {
    const first = await agent('drifter')
    const { key } = (await operator('POST', '/api/v1/agents/drifter/rotate-key', {})).body
    const again = connect({ socket: agentSocket(), agent: 'drifter', key })
    await guard(again, { name: 'get', effect: 'read' }, () => 1)({})
    const changed = connect({ socket: agentSocket(), agent: 'drifter', key })
    const fn = guard(changed, { name: 'get', effect: 'read', description: 'Now also sends.' }, () => 1)
    await expect(fn({})).rejects.toMatchObject({ code: 'SP_MCP_TOOL_DRIFT' })
    await Promise.all([first.close(), again.close(), changed.close()])
  })

  it('HB-64: a credential that was narrowed to reads is refused by a tool that writes', async () => {
    const { key } = (await operator('POST', '/api/v1/agents', { name: 'narrow' })).body
    const issued = await ask(
      { socketPath: agentSocket() },
      { method: 'POST', path: '/v1/token', bearer: key, body: { effects: ['read'] } },
    )
    const answer = await ask(
      { socketPath: agentSocket() },
      {
        method: 'POST',
        path: '/v1/calls',
        bearer: issued.body.credential,
        body: { tool: 'files.write_file', arguments: { path: join(workspace, 'c.txt'), content: 'x' } },
      },
    )
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_AUTHZ_SCOPE'])
  })

  it('HB-145: kill stops a call that runs in a real server in less than a second', async () => {
    const sp = await agent('wild')
    await sp.tools('every')
    const started = performance.now()
    const running = sp
      .call('every.trigger-long-running-operation', { duration: 20, steps: 20 })
      .catch((thrown: unknown) => thrown)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const before = performance.now()
    const killed = await cli('kill', [], { agent: 'wild', reason: 'enough' })
    expect([killed.code, killed.err]).toEqual([0, expect.stringMatching(/^Agent wild is stopped since 20/) as string])
    expect(await running).toMatchObject({ code: 'SP_AUTHZ_KILLED' })
    expect(performance.now() - before).toBeLessThan(1000)
    expect(before - started).toBeGreaterThan(1400)
    await sp.close()
  })
})

describe('session end', () => {
  it('HB-145: the command ends one session, and the next call with the same credential is refused', async () => {
    const { key } = (await operator('POST', '/api/v1/agents', { name: 'two-tasks' })).body
    const at = { socketPath: agentSocket() }
    const { credential: bearer } = (await ask(at, { method: 'POST', path: '/v1/token', bearer: key, body: {} })).body
    const body = { tool: 'files.read_text_file', arguments: { path: join(workspace, 'a.txt') } }
    const call = (): Promise<Answer> => ask(at, { method: 'POST', path: '/v1/calls', bearer, body })
    expect((await call()).body.code).not.toBe('SP_AUTHZ_SESSION_EXPIRED')
    const { sessions } = (await operator('GET', '/api/v1/sessions?agent=two-tasks')).body
    const id = String(sessions[0].id)
    const ended = await cli('session end', [id], { reason: 'enough' })
    expect([ended.code, ended.err]).toEqual([0, expect.stringContaining(`Session ${id} of two-tasks is over.`)])
    expect((await call()).body.code).toBe('SP_AUTHZ_SESSION_EXPIRED')
    expect((await cli('session show', [id])).out).toMatch(/state +ended/)
    expect(await cli('session end', ['none'])).toMatchObject({ code: 2, err: 'SP_AGENT_SESSION' })
  })
})

describe('commands', () => {
  it('agents add prints the key once, alone on standard output; ls never shows it', async () => {
    const added = await cli('agents add', ['typist'], { effects: 'read,write' })
    expect([added.code, added.out]).toEqual([0, expect.stringMatching(/^spk_[A-Za-z0-9_-]{43}$/) as string])
    expect(added.err).toMatch(/trust level 0.*shown once/s)
    const listed = await cli('agents ls')
    expect(listed.out).toMatch(/AGENT +STATE +SURFACE +TRUST/)
    expect(listed.out).toMatch(/typist +active +local +0 +read,write +unclaimed/)
    expect(listed.out).not.toContain('spk_')
    expect(JSON.parse((await cli('agents ls', [], { json: true })).out)).toHaveProperty('agents')
    const file = await readFile(join(stateDir, 'agents', 'typist', 'credential'), 'utf8')
    expect(file).toMatch(/^authorization: Bearer eyJ/)
  })

  it('agents rotate-key and revoke', async () => {
    const { out: key } = await cli('agents add', ['short'])
    const rotated = await cli('agents rotate-key', ['short'])
    expect(rotated.out).toMatch(/^spk_/)
    expect(rotated.out).not.toBe(key)
    expect((await cli('agents revoke', ['short'])).code).toBe(0)
    expect(await cli('agents revoke', ['short'])).toMatchObject({ code: 2, err: 'SP_AGENT_UNKNOWN' })
    expect(await cli('agents add', ['short'])).toMatchObject({ code: 2, err: 'SP_AGENT_EXISTS' })
    await expect(readFile(join(stateDir, 'agents', 'short', 'credential'))).rejects.toThrow('ENOENT')
  })

  it('T-007 T-051: raising a level and lifting the switch need a terminal that a human owns', async () => {
    await cli('agents add', ['ambitious'])
    expect(await cli('agents trust', ['ambitious', '2'])).toMatchObject({ code: 4, err: 'SP_CLI_NEEDS_TERMINAL' })
    expect(await cli('agents trust', ['ambitious', '0'])).toMatchObject({ code: 0 })
    expect(await cli('kill', [], { agent: 'ambitious' })).toMatchObject({ code: 0 })
    expect(await cli('kill', [], { agent: 'ambitious', resume: true })).toMatchObject({
      code: 4,
      err: 'SP_CLI_NEEDS_TERMINAL',
    })
    expect((await operator('GET', '/api/v1/kill')).body.on.map(({ target }: { target: string }) => target)).toContain(
      'agent:ambitious',
    )
  })

  it('wrong command lines exit 2', async () => {
    expect(await cli('agents add', ['Bad Name'])).toMatchObject({ code: 2, err: 'SP_AGENT_NAME' })
    expect(await cli('agents add', [])).toMatchObject({ code: 2, err: 'SP_CLI_USAGE' })
    expect(await cli('agents add', ['x'], { effects: 'all' })).toMatchObject({ code: 2, err: 'SP_CLI_USAGE' })
    expect(await cli('agents trust', ['typist', '3'])).toMatchObject({ code: 2, err: 'SP_CLI_USAGE' })
    expect(await cli('kill', [])).toMatchObject({ code: 2, err: 'SP_CLI_USAGE' })
    expect(await cli('kill', [], { all: true, agent: 'typist' })).toMatchObject({ code: 2, err: 'SP_CLI_USAGE' })
    expect(await cli('session show', ['none'])).toMatchObject({ code: 2, err: 'SP_AGENT_SESSION' })
  })

  it('session ls and show', async () => {
    const listed = await cli('session ls', [], { agent: 'reader' })
    expect(listed.out).toMatch(/SESSION +AGENT +BY/)
    const id = /^([0-9a-f-]{36}) +reader +api/m.exec(listed.out)?.[1] ?? ''
    const shown = await cli('session show', [id])
    expect(shown.out).toMatch(/instance +[0-9a-f-]{36}/)
    expect((await cli('session ls', [], { agent: 'nobody' })).err).toBe('No sessions.')
  })

  it('T-088: sessions of five names are one instance, and the label of one is that of all', async () => {
    const { key } = (await operator('POST', '/api/v1/agents', { name: 'hopper' })).body
    for (const session of ['one', 'two', 'three', 'four', 'five']) {
      const sp = connect({ socket: agentSocket(), agent: 'hopper', key, session })
      // What the first session reads is untrusted; the others only read a file of the workspace.
      if (session === 'one') await sp.call('every.trigger-long-running-operation', { duration: 0.01, steps: 1 })
      else await sp.call('files.read_text_file', { path: join(workspace, 'a.txt') })
      await sp.close()
    }
    const { sessions } = (await operator('GET', '/api/v1/sessions?agent=hopper')).body
    expect(sessions.map(({ hint }: { hint: string }) => hint).sort()).toEqual(['five', 'four', 'one', 'three', 'two'])
    expect(new Set(sessions.map(({ instance }: { instance: string }) => instance)).size).toBe(1)
    const decisions = (await gateway.store.readLog({ agent: 'hopper', kind: 'decision' })).map(({ body }) =>
      JSON.parse(body),
    )
    expect(decisions[0].trust).toBe('trusted')
    expect(decisions.slice(1).map(({ trust }: { trust: string }) => trust)).toEqual(Array(4).fill('untrusted'))
  })
})
