import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVERYTHING, FILESYSTEM, FIXTURES, fixture, MEMORY, stdio, testGateway, type TestGateway } from './kit.ts'

/** What the tests use of every client. */
interface Peer {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const INFO = { name: 'peer', version: '1.0.0' }
const CLIENTS = ['v1', 'v2-legacy', 'v2-auto', 'v2-pinned'] as const
type Kind = (typeof CLIENTS)[number]
const MODES = { 'v2-legacy': 'legacy', 'v2-auto': 'auto', 'v2-pinned': { pin: '2026-07-28' } } as const

let root: string
let gateway: TestGateway
let httpServer: ChildProcess
let httpUrl: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sp-files-'))
  writeFileSync(join(root, 'a.txt'), 'content of a')
  httpServer = spawn(process.execPath, [`${FIXTURES}sdk2-server.mjs`, '--http'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  httpUrl = await new Promise((resolve) =>
    httpServer.stdout?.once('data', (data: Buffer) => resolve(String(data).trim())),
  )
  gateway = await testGateway({
    servers: [
      stdio('everything', EVERYTHING, { timeoutMs: 15_000 }),
      stdio('files', FILESYSTEM(root)),
      stdio('memory', MEMORY, { env: { MEMORY_FILE_PATH: join(root, 'memory.jsonl') } } as never),
      stdio('sdk2', fixture('sdk2-server.mjs')),
      { alias: 'sdk2-http', transport: 'http', url: httpUrl, headers: {}, timeoutMs: 5_000 },
    ],
  })
})
afterAll(async () => {
  await gateway.close()
  httpServer.kill()
  rmSync(root, { recursive: true, force: true })
})

async function overHttp(kind: Kind, path: string): Promise<Peer> {
  const url = new URL(`${gateway.url}${path}`)
  if (kind === 'v1') {
    const client = new Client1(INFO)
    await client.connect(new Http1(url) as never)
    return client as unknown as Peer
  }
  const client = new Client2(INFO, { versionNegotiation: { mode: MODES[kind] } } as never)
  await client.connect(new Http2(url))
  return client as unknown as Peer
}

async function overWrap(kind: Kind, alias: string): Promise<Peer> {
  const args = ['--conditions=source', '--import', 'tsx', `${FIXTURES}wrap.ts`, gateway.stateDir, '--server', alias]
  const command = { command: process.execPath, args, stderr: 'inherit' as const }
  if (kind === 'v1') {
    const client = new Client1(INFO)
    await client.connect(new Stdio1(command))
    return client as unknown as Peer
  }
  const client = new Client2(INFO, { versionNegotiation: { mode: MODES[kind] } } as never)
  await client.connect(new Stdio2(command))
  return client as unknown as Peer
}

const textOf = (result: unknown): string =>
  (result as { content: { text: string }[] }).content.map(({ text }) => text).join('')

const TASKS = {
  everything: { tool: 'echo', args: { message: 'hello' }, expected: 'Echo: hello' },
  sdk2: { tool: 'echo', args: { text: 'hello' }, expected: 'echo: hello' },
  'sdk2-http': { tool: 'echo', args: { text: 'hello' }, expected: 'echo: hello' },
  memory: { tool: 'read_graph', args: {}, expected: 'entities' },
} as const

/** Pinned to the 2026 era, a client cannot speak to a server that only knows the 2025 era: with the gateway as without. */
const speaks = (kind: Kind, alias: string): boolean => kind !== 'v2-pinned' || alias.startsWith('sdk2')

describe.each(CLIENTS)('SYS-14: client %s', (kind) => {
  it.each(Object.keys(TASKS).filter((alias) => speaks(kind, alias)))('works with %s over HTTP', async (alias) => {
    const { tool, args, expected } = TASKS[alias as keyof typeof TASKS]
    const client = await overHttp(kind, `/${alias}`)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain(tool)
    expect(textOf(await client.callTool({ name: tool, arguments: args }))).toContain(expected)
    await client.close()
  })

  it('works with all servers at once at the aggregated endpoint', async () => {
    const client = await overHttp(kind, '')
    const { tools } = await client.listTools()
    const names = tools.map(({ name }) => name)
    for (const name of [
      'everything__echo',
      'files__read_text_file',
      'memory__read_graph',
      'sdk2__echo',
      'sdk2-http__echo',
    ]) {
      expect(names).toContain(name)
    }
    const path = join(root, 'a.txt')
    expect(textOf(await client.callTool({ name: 'files__read_text_file', arguments: { path } }))).toBe('content of a')
    expect(textOf(await client.callTool({ name: 'sdk2__echo', arguments: { text: 'x' } }))).toBe('echo: x')
    await client.close()
  })
})

describe.each(CLIENTS)('SYS-14: client %s through mcp wrap', (kind) => {
  it.each((['everything', 'sdk2'] as const).filter((alias) => speaks(kind, alias)))('works with %s', async (alias) => {
    const { tool, args, expected } = TASKS[alias]
    const client = await overWrap(kind, alias)
    expect(textOf(await client.callTool({ name: tool, arguments: args }))).toContain(expected)
    await client.close()
  })
})

it('SYS-14: a client pinned to the 2026 era learns that a server is of the 2025 era', async () => {
  await expect(overHttp('v2-pinned', '/everything')).rejects.toThrow(/version|2026-07-28|pinned|negotiat/i)
})
