import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerSpec } from '../../packages/gateway/src/execution/upstream/spec.ts'
import { fixture, stdio, testGateway, type TestGateway, type TestOptions } from './kit.ts'
import { callTool, initialize, lineClient, type Lines } from './lines.ts'

let gateway: TestGateway
const open: (Lines | Server)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) {
    if ('end' in one) one.end()
    else {
      one.closeAllConnections()
      one.close()
    }
  }
  await gateway.close()
})

async function with1(server: ServerSpec, options: TestOptions = {}): Promise<Lines> {
  gateway = await testGateway({ servers: [server], ...options })
  const client = await lineClient(gateway.socketPath, { alias: server.alias })
  open.push(client)
  return client
}
const hostile = (mode: string, more: Partial<ServerSpec> = {}) =>
  stdio('bad', fixture('hostile-server.mjs', mode), { timeoutMs: 1_000, ...more })

async function act(mode: string, more: Partial<ServerSpec> = {}, options: TestOptions = {}) {
  const client = await with1(hostile(mode, more), options)
  await client.ask(initialize(0), 0)
  const answer = JSON.parse(await client.ask(callTool(1, 'act'), 1)) as Answer
  return { client, answer }
}
interface Answer {
  readonly result?: { readonly content: { text: string }[]; readonly _meta?: object; readonly isError?: boolean }
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly code: string } }
}

describe('a server that breaks', () => {
  it.each([
    ['dies', 'SP_MCP_UPSTREAM_FAILED'],
    ['hangs', 'SP_MCP_UPSTREAM_TIMEOUT'],
    ['flood', 'SP_MCP_UPSTREAM_PROTOCOL'],
    ['duplicate-key', 'SP_MCP_UPSTREAM_PROTOCOL'],
    ['long-line', 'SP_MCP_UPSTREAM_PROTOCOL'],
    ['not-utf8', 'SP_MCP_UPSTREAM_TIMEOUT'],
  ])('T-156: one that %s is answered for with %s', async (mode, code) => {
    const { answer } = await act(mode, {}, { limits: { messageBytes: 1024 * 1024, graceMs: 300 } })
    expect(answer.error?.data.code).toBe(code)
  })

  it.each([
    'wrong-id',
    'string-id',
    'double',
    'junk',
    'id-collision',
    'cancels-foreign',
    'foreign-progress',
    'list-storm',
  ])('T-065: one that sends %s changes no answer but its own', async (mode) => {
    const { client, answer } = await act(mode)
    expect(answer.result?.content[0]?.text).toBe(mode === 'double' ? 'first' : 'done')
    // The connection goes on, and nothing of what nobody asked for has reached the client.
    await client.ask('{"jsonrpc":"2.0","id":2,"method":"ping"}', 2)
    expect(client.seen.filter((line) => line.includes('instructions') || line.includes('second'))).toEqual([])
    expect(client.seen.filter((line) => line.includes('"id":1,'))).toHaveLength(1)
  })

  it('T-156: one that died is started again for the next call', async () => {
    const { client, answer } = await act('dies')
    expect(answer.error?.data.code).toBe('SP_MCP_UPSTREAM_FAILED')
    expect(JSON.parse(await client.ask('{"jsonrpc":"2.0","id":2,"method":"tools/list"}', 2))).toHaveProperty('result')
  })

  it('T-156: one that never says hello costs one time limit', async () => {
    const client = await with1(hostile('silent'))
    const answer = JSON.parse(await client.ask(initialize(0), 0)) as Answer
    expect(answer.error?.data.code).toBe('SP_MCP_UPSTREAM_TIMEOUT')
  })

  it('T-086: one whose program does not exist is an error and no shell', async () => {
    const client = await with1(stdio('bad', ['no-such-program; touch /tmp/x']))
    const answer = JSON.parse(await client.ask(initialize(0), 0)) as Answer
    expect(answer.error?.data.code).toBe('SP_MCP_UPSTREAM_FAILED')
  })

  it('T-086: the environment of a server is empty but for the safe names and its own', async () => {
    process.env['SECRET_OF_THE_GATEWAY'] = 'canary'
    // Node itself hands this one on, where coverage is measured
    delete process.env['NODE_V8_COVERAGE']
    const { answer } = await act('environment', { env: { OWN: '1' } } as never)
    const { env } = JSON.parse(answer.result?.content[0]?.text ?? '{}') as { env: Record<string, string> }
    delete process.env['SECRET_OF_THE_GATEWAY']
    const allowed = ['PATH', 'HOME', 'LANG', 'TERM', 'OWN']
    expect(Object.keys(env).filter((name) => !allowed.includes(name) && !name.startsWith('__'))).toEqual([])
    expect(env['OWN']).toBe('1')
  })

  it('T-156: a client that leaves takes its server processes with it, even one that ignores signals', async () => {
    const { client } = await act('ignores-term', { timeoutMs: 300 })
    const pids = childrenOf('hostile-server.mjs')
    expect(pids.length).toBe(1)
    client.end()
    await expect.poll(() => childrenOf('hostile-server.mjs'), { timeout: 5_000 }).toEqual([])
  })
})

describe('lists', () => {
  it('T-084: a list that differs from time to time blocks the tool instead of changing it', async () => {
    const client = await with1(hostile('changing-list'))
    await client.ask(initialize(0), 0)
    const first = await client.ask('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 1)
    expect(first).toContain('Acts 1')
    const second = await client.ask('{"jsonrpc":"2.0","id":2,"method":"tools/list"}', 2)
    expect(second).toBe('{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}')
    expect(await client.ask(callTool(3, 'act'), 3)).toContain('SP_MCP_TOOL_DRIFT')
  })

  it('T-084: a list without end is an error', async () => {
    const client = await with1(hostile('endless-list'))
    await client.ask(initialize(0), 0)
    expect(await client.ask('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 1)).toContain('SP_MCP_UPSTREAM_PROTOCOL')
  })

  it('T-085: the second of two tools of one name never takes its place', async () => {
    const client = await with1(hostile('twin-tools'))
    await client.ask(initialize(0), 0)
    const list = await client.ask('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 1)
    expect(list).toContain('"Acts"')
    expect(list).not.toContain('The later one')
  })

  it('T-066: a storm of list changes reaches the client as one', async () => {
    const { client } = await act('list-storm')
    await client.next((message) => message['method'] === 'notifications/tools/list_changed')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(client.seen.filter((line) => line.includes('list_changed'))).toHaveLength(1)
  })
})

describe('what a server starts by itself', () => {
  it('T-063 T-064 T-065: sampling, elicitation, roots and unknown requests are refused and never reach the client', async () => {
    const { client, answer } = await act('asks-client')
    const refused = { q1: -32601, q2: -32601, q3: -32601, q4: -32601 }
    expect(JSON.parse(answer.result?.content[0]?.text ?? '')).toEqual(refused)
    expect(client.seen.filter((line) => line.includes('"method"'))).toEqual([])
    expect(gateway.refusals.map(({ reason }) => reason).join()).toContain('sampling/createMessage')
  })

  it('T-064: a permitted elicitation still may not ask for a secret', async () => {
    gateway = await testGateway({ servers: [[hostile('asks-client'), { serverRequests: ['elicitation'] }]] })
    const client = await lineClient(gateway.socketPath, { alias: 'bad' })
    open.push(client)
    await client.ask(initialize(0, '2025-11-25', { elicitation: {} }), 0)
    const answer = JSON.parse(await client.ask(callTool(1, 'act'), 1)) as Answer
    expect(JSON.parse(answer.result?.content[0]?.text ?? '')).toMatchObject({ q2: -32602 })
    expect(client.seen.filter((line) => line.includes('elicitation/create'))).toEqual([])
  })

  it('T-069: our own namespace in a result is stripped', async () => {
    const { answer } = await act('forged-meta')
    expect(answer.result?._meta).toEqual({ other: 1 })
  })

  it('T-069: our own namespace from the client never reaches the server, nor do unlisted keys', async () => {
    const client = await with1(stdio('mirror', fixture('echo-server.mjs')))
    await client.ask(initialize(0), 0)
    const meta = { 'dev.sallyport/decision': 'forged', baggage: 'canary', traceparent: 'canary' }
    const answer = await client.ask(callTool(1, 'mirror', {}, { _meta: meta }), 1)
    expect(answer).not.toMatch(/forged|canary/)
  })
})

describe('servers over HTTP', () => {
  const listening = async (handler: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(handler)
    open.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  }

  it.each([301, 302, 303, 307, 308])('T-070: a redirect %i is not followed and gets no credential', async (status) => {
    const seen: string[] = []
    const target = await listening((request, response) => {
      seen.push(String(request.headers['authorization']))
      response.end()
    })
    const url = await listening((_request, response) => response.writeHead(status, { location: target }).end())
    const client = await with1({
      alias: 'far',
      transport: 'http',
      url,
      headers: { authorization: 'secret' },
      timeoutMs: 1_000,
    })
    expect(await client.ask(initialize(0), 0)).toContain('SP_MCP_UPSTREAM_PROTOCOL')
    expect(seen).toEqual([])
  })

  it.each(['http://169.254.169.254/latest', 'http://example.com/', '//evil.example/x'])(
    'T-070: a legacy event stream may not send us to %s',
    async (endpoint) => {
      const url = await listening((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`event: endpoint\ndata: ${endpoint}\n\n`)
      })
      const client = await with1({ alias: 'far', transport: 'sse', url, headers: {}, timeoutMs: 1_000 })
      expect(await client.ask(initialize(0), 0)).toContain('SP_MCP_UPSTREAM_PROTOCOL')
    },
  )

  it('T-156: an answer or an event without end is cut off', async () => {
    const url = await listening((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write('x'.repeat(256 * 1024)), 1)
      response.once('close', () => clearInterval(timer))
    })
    const spec: ServerSpec = { alias: 'far', transport: 'http', url, headers: {}, timeoutMs: 5_000 }
    const client = await with1(spec, { limits: { messageBytes: 1024 * 1024 } })
    expect(await client.ask(initialize(0), 0)).toContain('SP_MCP_UPSTREAM_PROTOCOL')
  })
})

function childrenOf(needle: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(needle) &&
        parentOf(pid) === process.pid
      )
    } catch {
      return false
    }
  })
}
const parentOf = (pid: string): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
