import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, expect, it, vi } from 'vitest'
import type { CliIo } from '../../packages/gateway/src/cli/command.ts'
import { wrap } from '../../packages/gateway/src/cli/mcp/wrap.ts'
import { FIXTURES, fixture, stdio, testGateway, type TestGateway } from './kit.ts'
import { callTool, initialize } from './lines.ts'

const ensureGateway = vi.hoisted(() => vi.fn<() => Promise<void>>())
vi.mock('../../packages/gateway/src/cli/daemon/ensure.ts', () => ({ ensureGateway }))

let gateway: TestGateway | undefined
let child: ChildProcess | undefined
const cleanup: (() => void)[] = []
afterEach(async () => {
  child?.kill()
  await gateway?.close()
  gateway = undefined
  for (const undo of cleanup.splice(0)) undo()
  ensureGateway.mockReset()
})

function start(stateDir: string, command: readonly string[], options: { server?: string; env?: string[] } = {}) {
  const input = new PassThrough()
  const output = new PassThrough()
  const said: string[] = []
  output
    .setEncoding('utf8')
    .on('data', (chunk: string) => said.push(...chunk.split('\n').filter((line) => line !== '')))
  const abort = new AbortController()
  const io = {
    err: () => undefined,
    cwd: '/',
    stateDir,
    configPath: undefined,
    signal: abort.signal,
  } as unknown as CliIo
  const done = wrap(io, command, options, input, output)
  const send = (text: string) => void input.write(`${text}\n`)
  const answer = async (id: number) => {
    await expect.poll(() => said.find((line) => line.includes(`"id":${id},`)), { timeout: 10_000 }).toBeDefined()
    return said.find((line) => line.includes(`"id":${id},`)) ?? ''
  }
  return { input, done, send, answer, abort, said }
}

it('SYS-14: nothing happens before the first line', async () => {
  gateway = await testGateway()
  const wrapped = start(gateway.stateDir, fixture('hostile-server.mjs'), { server: 'later' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(gateway.catalogue.servers()).toEqual([])
  wrapped.input.end()
  expect(await wrapped.done).toBe(0)
  expect(gateway.catalogue.servers()).toEqual([])
})

it('SYS-14: a probe alone pins nothing', async () => {
  gateway = await testGateway()
  const wrapped = start(gateway.stateDir, fixture('sdk2-server.mjs'), { server: 'probed' })
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  wrapped.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta } }))
  expect(await wrapped.answer(1)).toContain('supportedVersions')
  expect(gateway.catalogue.observed).toEqual([])
  wrapped.input.end()
  expect(await wrapped.done).toBe(0)
})

it('E-50: without a gateway every request is denied, none hangs, and nothing is run', async () => {
  ensureGateway.mockRejectedValue(new Error('no configuration'))
  const stateDir = mkdtempSync(join(tmpdir(), 'sp-none-'))
  cleanup.push(() => rmSync(stateDir, { recursive: true }))
  const marker = join(stateDir, 'ran')
  const wrapped = start(stateDir, ['touch', marker])
  wrapped.send(initialize(0))
  wrapped.send(callTool(1, 'act'))
  for (const id of [0, 1]) expect(await wrapped.answer(id)).toContain('SP_AUTHZ_UNAVAILABLE')
  wrapped.send(callTool(2, 'act'))
  expect(await wrapped.answer(2)).toContain('SP_AUTHZ_UNAVAILABLE')
  wrapped.input.end()
  await wrapped.done
  expect(() => rmSync(marker)).toThrow('ENOENT')
})

it('E-50: it asks for a gateway to be started, once', async () => {
  gateway = await testGateway({ servers: [stdio('mirror', fixture('echo-server.mjs'))] })
  const stateDir = mkdtempSync(join(tmpdir(), 'sp-late-'))
  cleanup.push(() => rmSync(stateDir, { recursive: true, force: true }))
  const late = gateway
  ensureGateway.mockImplementation(async () => {
    const { cpSync, symlinkSync, mkdirSync } = await import('node:fs')
    cpSync(join(late.stateDir, 'agents'), join(stateDir, 'agents'), { recursive: true })
    mkdirSync(join(stateDir, 'run'))
    symlinkSync(late.socketPath, join(stateDir, 'run', 'agent.sock'))
  })
  const wrapped = start(stateDir, [], { server: 'mirror' })
  wrapped.send(initialize(0))
  wrapped.send(callTool(1, 'mirror', { a: 1 }))
  expect(await wrapped.answer(1)).toContain('"line"')
  expect(ensureGateway).toHaveBeenCalledTimes(1)
  wrapped.input.end()
  expect(await wrapped.done).toBe(0)
})

it('T-003: what the gateway refuses at the door answers every request with the reason', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sp-refuse-'))
  cleanup.push(() => rmSync(stateDir, { recursive: true, force: true }))
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(stateDir, 'run'))
  const server: Server = createServer((_request, response) => {
    response
      .writeHead(403)
      .end(JSON.stringify({ code: 'SP_MCP_TOOL_DRIFT', title: 'Changed.', detail: '', next: 'Compare.' }))
  })
  await new Promise<void>((resolve) => server.listen(join(stateDir, 'run', 'agent.sock'), resolve))
  cleanup.push(() => server.close())
  const wrapped = start(stateDir, ['true'])
  wrapped.send(initialize(0))
  expect(await wrapped.answer(0)).toContain('SP_MCP_TOOL_DRIFT')
  wrapped.input.end()
  await wrapped.done
})

it('E-50: a gateway that dies in the middle of a call leaves no caller waiting, exit 3', async () => {
  gateway = await testGateway({
    decide: () => new Promise(() => undefined),
    servers: [stdio('mirror', fixture('echo-server.mjs'))],
  })
  const wrapped = start(gateway.stateDir, [], { server: 'mirror' })
  wrapped.send(initialize(0))
  await wrapped.answer(0)
  wrapped.send(callTool(1, 'mirror'))
  await expect.poll(() => gateway?.calls.length).toBe(1)
  gateway.cut()
  expect(await wrapped.answer(1)).toContain('SP_AUTHZ_UNAVAILABLE')
  expect(await wrapped.done).toBe(3)
})

it('T-086: passes on the variables it is told to and no other', async () => {
  gateway = await testGateway()
  process.env['FOR_THE_SERVER'] = 'yes'
  cleanup.push(() => delete process.env['FOR_THE_SERVER'])
  const wrapped = start(gateway.stateDir, fixture('hostile-server.mjs', 'environment'), {
    server: 'env',
    env: ['FOR_THE_SERVER'],
  })
  wrapped.send(initialize(0))
  wrapped.send(callTool(1, 'act'))
  const answer = await wrapped.answer(1)
  expect(answer).toContain('FOR_THE_SERVER')
  expect(answer).not.toContain('VITEST')
  wrapped.input.end()
  await wrapped.done
})

it('SYS-14: SIGTERM ends it cleanly with exit 0', async () => {
  gateway = await testGateway({ servers: [stdio('mirror', fixture('echo-server.mjs'))] })
  const args = ['--conditions=source', '--import', 'tsx', `${FIXTURES}wrap.ts`, gateway.stateDir, '--server', 'mirror']
  child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin?.write(`${initialize(0)}\n`)
  await new Promise((resolve) => child?.stdout?.once('data', resolve))
  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child?.once('exit', resolve))
  expect(code).toBe(0)
})
