import { METHODS } from '@sallyport/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { CrossingResult } from '../../packages/gateway/src/boundary/ports.ts'
import { fixture, stdio, testGateway, type TestGateway, type TestOptions } from './kit.ts'
import { callTool, initialize, lineClient, type Lines } from './lines.ts'

let gateway: TestGateway
let client: Lines
afterEach(async () => {
  client.end()
  await gateway.close()
})

async function start(options: TestOptions, capabilities: object = {}, alias = 'mirror'): Promise<void> {
  gateway = await testGateway({
    servers: [stdio(alias, fixture(alias === 'mirror' ? 'echo-server.mjs' : 'sdk2-server.mjs'))],
    ...options,
  })
  client = await lineClient(gateway.socketPath, { alias })
  await client.ask(initialize(0, '2025-11-25', capabilities), 0)
}
const denied: CrossingResult = {
  outcome: 'denied',
  auditId: 'ev-1',
  code: 'SP_POLICY_DENIED',
  reason: 'No outside contact.',
}
const pending: CrossingResult = { outcome: 'pending', auditId: 'ev-2', approvalId: 'ap-1', expiresAt: 99, reason: '' }

const PARAMS: Readonly<Record<string, object>> = {
  'tools/call': { name: 'mirror', arguments: { text: 'canary' } },
  'prompts/get': { name: 'canary' },
  'resources/read': { uri: 'note://x?d=canary' },
  'resources/subscribe': { uri: 'note://x?d=canary' },
  'resources/unsubscribe': { uri: 'note://x?d=canary' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'canary' }, argument: { name: 'a', value: 'canary' } },
  'logging/setLevel': { level: 'canary' },
}

describe('every client message while policy denies', () => {
  it.each(METHODS.filter(({ from, kind }) => from === 'client' && kind === 'request').map(({ method }) => method))(
    'T-060 T-062: %s is answered and nothing of it reaches the server',
    async (method) => {
      await start({ decide: () => denied })
      const sent: string[] = []
      const call = gateway.upstreams.call.bind(gateway.upstreams)
      gateway.upstreams.call = (...args) => {
        sent.push(JSON.stringify(args.slice(2, 4)))
        return call(...args)
      }
      const params = {
        ...PARAMS[method],
        _meta: { baggage: 'canary' },
        ...(method === 'initialize' ? { protocolVersion: '2025-11-25' } : {}),
      }
      const answer = await client.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, canary: 'canary' }), 1)
      expect(sent).toEqual([])
      expect(answer).not.toContain('"line"')
      const rule = METHODS.find((one) => one.from === 'client' && one.method === method)
      if (rule?.disposition === 'decided') expect(answer).toContain('SP_POLICY_DENIED')
      if (rule?.disposition === 'refused') expect(answer).toContain('-32601')
      expect(gateway.calls.every((one) => rule?.disposition === 'decided' && one.tool !== '')).toBe(true)
    },
  )

  it('T-062: no notification of the client reaches the server', async () => {
    await start({})
    const names = METHODS.filter(({ from, kind }) => from === 'client' && kind === 'notification').map(
      ({ method }) => method,
    )
    for (const method of [...names, 'notifications/made_up']) {
      client.send(
        JSON.stringify({
          jsonrpc: '2.0',
          method,
          params: { progressToken: 'canary', requestId: 'canary', reason: 'canary' },
        }),
      )
    }
    await client.ask('{"jsonrpc":"2.0","id":1,"method":"ping"}', 1)
    expect(gateway.calls).toEqual([])
    expect(gateway.refusals.map(({ reason }) => reason)).toContain('notifications/made_up')
  })
})

describe('how a decision looks', () => {
  it('AC-1.1.2: a denied tools/call is an error result with code and event id, and nothing else', async () => {
    await start({ decide: () => denied })
    const { result } = JSON.parse(await client.ask(callTool(1, 'mirror'), 1)) as { result: Record<string, unknown> }
    expect(result).toEqual({
      isError: true,
      content: [{ type: 'text', text: expect.stringMatching(/No outside contact\..*SP_POLICY_DENIED, event ev-1/) }],
      _meta: { 'dev.sallyport/decision': { outcome: 'denied', code: 'SP_POLICY_DENIED', eventId: 'ev-1' } },
    })
  })

  it('T-078: a tool that is not there is a protocol error, and spoofed names are not there', async () => {
    await start({})
    const names = [
      'Mirror',
      'mirror ',
      'mirror\u200b',
      'mirrоr',
      'ｍirror',
      'mirror.',
      'mirror\u202e',
      'mirror__mirror',
      '%6dirror',
      '',
    ]
    for (const [at, name] of names.entries()) {
      const answer = await client.ask(callTool(at + 1, name), at + 1)
      expect(answer, name).toMatch(/"code":-32602.*SP_MCP_UNKNOWN_TOOL/)
    }
  })

  it('AC-5.1.1: a held call ends in a pending result that names the approval; the retry is the same call', async () => {
    let seen = 0
    await start({ decide: () => (++seen === 1 ? pending : undefined) })
    const first = JSON.parse(await client.ask(callTool(1, 'mirror', { a: 1 }), 1)) as {
      result: { isError: boolean; _meta: object }
    }
    expect(first.result).toMatchObject({
      isError: true,
      _meta: { 'dev.sallyport/decision': { outcome: 'pending', code: 'SP_APPROVAL_REQUIRED', approvalId: 'ap-1' } },
    })
    expect(await client.ask(callTool(2, 'mirror', { a: 1 }), 2)).toContain('"line"')
    const [one, two] = gateway.calls
    expect([two?.argsText, two?.meta]).toEqual([one?.argsText, one?.meta])
  })

  it('AC-5.1.1: while a human is waited for, a client with a progress token is told', async () => {
    await start({
      decide: async (_caller, call) => {
        call.onWaiting?.('ap-7', 0)
        await new Promise((resolve) => setTimeout(resolve, 50))
        return denied
      },
    })
    client.send(callTool(1, 'mirror', {}, { _meta: { progressToken: 'tok' } }))
    const line = await client.next((message) => message['method'] === 'notifications/progress')
    expect(JSON.parse(line)).toMatchObject({
      params: { progressToken: 'tok', message: expect.stringContaining('ap-7') },
    })
  })

  it('T-064: a client that accepts everything only ever asserts; the call stays undecided', async () => {
    const asserted: [string, boolean][] = []
    await start(
      {
        decide: async (_caller, call) => {
          call.onWaiting?.('ap-8', 0)
          await new Promise((resolve) => setTimeout(resolve, 300))
          return pending
        },
        ingress: { clientAsserted: (_caller, id, accepted) => void asserted.push([id, accepted]) },
      },
      { elicitation: {} },
    )
    client.send(callTool(1, 'mirror'))
    const asked = JSON.parse(await client.next((message) => message['method'] === 'elicitation/create')) as {
      id: string
    }
    client.send(
      JSON.stringify({ jsonrpc: '2.0', id: asked.id, result: { action: 'accept', content: { allow: true } } }),
    )
    const answer = await client.next((message) => message['id'] === 1)
    expect(answer).toContain('SP_APPROVAL_REQUIRED')
    expect(asserted).toEqual([['ap-8', true]])
  })

  it('AC-5.1.1: a 2026 client is asked by the result itself, and its answer is bound to caller and call', async () => {
    const asserted: [string, boolean][] = []
    await start({
      decide: () => pending,
      ingress: { clientAsserted: (_caller, id, accepted) => void asserted.push([id, accepted]) },
    })
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    }
    const first = JSON.parse(await client.ask(callTool(1, 'mirror', { a: 1 }, { _meta }), 1)) as {
      result: { resultType: string; requestState: string; inputRequests: object }
    }
    expect(first.result.resultType).toBe('input_required')
    const { requestState } = first.result
    const inputResponses = { 'sallyport-approval': { action: 'accept', content: { allow: true } } }
    const other = await client.ask(callTool(2, 'mirror', { a: 2 }, { _meta, requestState, inputResponses }), 2)
    expect(other).toContain('SP_MCP_INVALID_REQUEST')
    const forged = await client.ask(
      callTool(3, 'mirror', { a: 1 }, { _meta, requestState: `${requestState}x`, inputResponses }),
      3,
    )
    expect(forged).toContain('SP_MCP_INVALID_REQUEST')
    expect(asserted).toEqual([])
    const again = await client.ask(callTool(4, 'mirror', { a: 1 }, { _meta, requestState, inputResponses }), 4)
    expect(asserted).toEqual([['ap-1', true]])
    expect(again).toContain('SP_APPROVAL_REQUIRED')
    expect(gateway.calls.at(-1)?.meta).toEqual(gateway.calls[0]?.meta)
  })

  it('TM-DISC-001: tools/list shows only what policy could allow', async () => {
    await start({ hidden: ({ name }) => name === 'slow' }, {}, 'sdk2')
    const list = await client.ask('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 1)
    expect(list).toContain('"echo"')
    expect(list).not.toContain('"slow"')
  })
})

describe('what gets an answer although SDKs stay silent', () => {
  it.each([
    ['junk', 'this is not JSON', null, '-32700'],
    ['a batch', '[{"jsonrpc":"2.0","id":5,"method":"ping"}]', 5, '-32600'],
    ['id null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', null, '-32600'],
    ['two ids', '{"jsonrpc":"2.0","id":6,"id":7,"method":"ping"}', 7, '-32700'],
    ['an extra key', '{"jsonrpc":"2.0","id":8,"method":"ping","extra":1}', 8, '"result":{}'],
    ['an unknown method', '{"jsonrpc":"2.0","id":9,"method":"made/up"}', 9, '-32601'],
    ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', null, '-32600'],
  ] as const)('T-077: %s', async (_name, text, id, expected) => {
    await start({})
    expect(await client.ask(text, id)).toContain(expected)
  })

  it('T-077: an id that is in use is refused, the first call still gets its own answer', async () => {
    await start({ decide: () => new Promise((resolve) => setTimeout(() => resolve(denied), 200)) })
    client.send(callTool(1, 'mirror'))
    client.send(callTool(1, 'mirror'))
    await expect.poll(() => client.seen.filter((line) => line.includes('"id":1,')).length).toBe(2)
    expect(client.seen.join()).toContain('SP_MCP_INVALID_REQUEST')
    expect(client.seen.join()).toContain('SP_POLICY_DENIED')
  })

  it('T-066: only the sender’s own running request can be cancelled', async () => {
    const aborted: string[] = []
    const slow: TestOptions['decide'] = (caller, call) =>
      new Promise((resolve) => {
        call.signal?.addEventListener('abort', () => aborted.push(caller.connection))
        setTimeout(() => resolve(denied), 400)
      })
    await start({ decide: slow })
    const other = await lineClient(gateway.socketPath, { alias: 'mirror' })
    await other.ask(initialize(0), 0)
    client.send(callTool(1, 'mirror'))
    await expect.poll(() => gateway.calls.length).toBe(1)
    other.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
    await other.ask('{"jsonrpc":"2.0","id":2,"method":"ping"}', 2)
    expect(aborted).toEqual([])
    client.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
    await expect.poll(() => aborted.length).toBe(1)
    other.end()
  })
})

it('T-067: two clients with the same token and id each get their own progress and answer', async () => {
  await start({}, {}, 'sdk2')
  const other = await lineClient(gateway.socketPath, { alias: 'sdk2' })
  await other.ask(initialize(0), 0)
  const meta = { _meta: { progressToken: 'same' } }
  const [mine, theirs] = await Promise.all([
    client.ask(callTool(1, 'slow', { steps: 3 }, meta), 1),
    other.ask(callTool(1, 'slow', { steps: 2 }, meta), 1),
  ])
  expect(mine).toContain('3 steps')
  expect(theirs).toContain('2 steps')
  const totals = (lines: Lines) =>
    lines.seen.filter((line) => line.includes('notifications/progress')).map((line) => /"total":(\d)/.exec(line)?.[1])
  expect(new Set(totals(client))).toEqual(new Set(['3']))
  expect(new Set(totals(other))).toEqual(new Set(['2']))
  other.end()
})
