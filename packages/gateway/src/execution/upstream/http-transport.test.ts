import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { JsonObject, OpenOptions } from '@sallyport/core'
import { createOutgoing } from '../egress/outgoing.ts'
import { closeAll, hello, pool, remote, web, type Said } from './fixtures/remote.ts'
import { HttpTransport } from './http-transport.ts'

afterEach(closeAll)

const LEGACY: OpenOptions = {
  ...{ prefer: 'legacy', capabilities: {} },
  handler: {
    notification: () => undefined,
    request: () => new Promise<never>(() => undefined),
    closed: () => undefined,
  },
}
interface Asked {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly said: Said
}
type Answer = (asked: Asked, response: ServerResponse) => void

const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })
const event = (data: JsonObject, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
const done = ({ id = 0 }: Said): JsonObject => ({ jsonrpc: '2.0', id, result: { content: [] } })

/** A server of the 2025 era over streamable HTTP; `calls` answers calls, `gets` what is asked with GET. */
async function server(calls: Answer, { gets = refuse, session = 's-1' }: { gets?: Answer; session?: string } = {}) {
  const asked: Asked[] = []
  const url = await web((request, response, body) => {
    const one = { method: request.method ?? '', headers: request.headers, said: JSON.parse(body || '{}') as Said }
    asked.push(one)
    if (one.method === 'GET') return gets(one, response)
    if (one.said.method === 'tools/call') return calls(one, response)
    if (one.said.id === undefined) return void response.writeHead(one.method === 'DELETE' ? 200 : 202).end()
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(session === '' ? {} : { 'mcp-session-id': session }),
    })
    response.end(JSON.stringify({ jsonrpc: '2.0', id: one.said.id, result: hello(one.said) }))
  })
  const { upstreams, logged } = pool({ limits: { messageBytes: 4_096 } })
  upstreams.add(remote('http', url))
  expect(await upstreams.open('far', 'c', LEGACY)).toMatchObject({ ok: true })
  const call = (params: JsonObject = { name: 'a' }, timeoutMs = 3_000) =>
    upstreams.call('far', 'c', 'tools/call', JSON.stringify(params), { timeoutMs })
  return { asked, call, upstreams, logged }
}
function refuse(_asked: Asked, response: ServerResponse): void {
  response.writeHead(405).end()
}

describe('an answer over HTTP', () => {
  it('T-071: goes with the session of its server, which is ended with the connection', async () => {
    const { asked, call, upstreams } = await server(({ said }, response) => {
      stream(response).end(event(done(said)))
    })
    expect(await call({ name: 'a', _meta: { progressToken: 1 } })).toMatchObject({ outcome: 'success' })
    expect(asked.find(({ said }) => said.method === 'tools/call')?.headers['mcp-session-id']).toBe('s-1')
    await upstreams.closeConnection('c')
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 's-1' } })
  })

  it.each([
    ['nothing at all', (_asked, response) => void response.writeHead(202).end(), 'HTTP 202'],
    ['an error page', (_asked, response) => void response.writeHead(500).end('no'), 'HTTP 500'],
    ['not found', (_asked, response) => void response.writeHead(404).end(), 'does not know the session'],
    ['somebody else’s', (_a, response) => void response.end('{"jsonrpc":"2.0","id":99,"result":{}}'), 'HTTP 200'],
    ['half of it', (_asked, response) => void (response.write('{"js'), response.destroy()), ''],
    ['what is no UTF-8', (_asked, response) => void response.end(Buffer.from([0xff, 0xfe])), ''],
    ['too much', (_asked, response) => void response.end('x'.repeat(5_000)), 'longer than 4096'],
  ] satisfies readonly (readonly [string, Answer, string])[])(
    'T-156: that is %s is an error, and the call is answered for',
    async (_what, calls, reason) => {
      const { call } = await server(calls)
      const answer = await call()
      expect(answer).toMatchObject({ outcome: 'failure' })
      expect(answer.error?.reason).toContain(reason)
    },
  )

  it('T-071: a server that knows the session no more is greeted anew', async () => {
    let isLost = true
    const { asked, call } = await server(({ said }, response) => {
      if (isLost) return void response.writeHead(404).end()
      stream(response).end(event(done(said)))
    })
    expect(await call()).toMatchObject({ outcome: 'failure' })
    isLost = false
    expect(await call()).toMatchObject({ outcome: 'success' })
    expect(asked.filter(({ said }) => said.method === 'initialize')).toHaveLength(2)
  })

  it('without a session, not found is an answer like others', async () => {
    const { call, asked, upstreams } = await server((_asked, response) => void response.writeHead(404).end(), {
      session: '',
    })
    expect((await call()).error?.reason).toContain('HTTP 404')
    await upstreams.closeConnection('c')
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(false)
  })
})

describe('a stream that ends before the answer', () => {
  it.each([
    ['has no place to resume', (response) => void stream(response).end(event({ jsonrpc: '2.0', method: 'x' }))],
    ['breaks without one', (response) => void (stream(response).write(': here\n\n'), response.destroy())],
    ['is no UTF-8', (response) => void stream(response).end(Buffer.from([0x64, 0xff, 0xfe, 0x0a]))],
    ['holds an event that is too long', (response) => void stream(response).end(`data: ${'x'.repeat(5_000)}`)],
  ] satisfies readonly (readonly [string, (response: ServerResponse) => void])[])(
    'T-156: and %s is an error',
    async (_what, broken) => {
      let resumed = 0
      const gets: Answer = ({ headers }, response) => {
        if (headers['last-event-id'] !== undefined) resumed++
        response.writeHead(405).end()
      }
      const { call } = await server((_asked, response) => broken(response), { gets })
      expect(await call()).toMatchObject({ outcome: 'failure' })
      expect(resumed).toBe(0)
    },
  )

  it.each([
    ['ended', (response: ServerResponse) => void response.end()],
    ['broke', (response: ServerResponse) => void setTimeout(() => response.destroy(), 50)],
  ])('goes on from its last event when it %s', async (_what, end) => {
    let waiting: Said = {}
    const resumedFrom: unknown[] = []
    const gets: Answer = ({ headers }, response) => {
      const from = headers['last-event-id']
      if (from === undefined) return void response.writeHead(405).end()
      resumedFrom.push(from)
      if (from === 'e1') return void stream(response).end(`retry: 1\n\n${event({ jsonrpc: '2.0', method: 'x' }, 'e2')}`)
      stream(response).end(`event: other\ndata: not for us\n\n${event(done(waiting), 'e3')}`)
    }
    const { call, logged } = await server(
      ({ said }, response) => {
        waiting = said
        stream(response).write('retry: 1\nid: e1\ndata:\n\n')
        end(response)
      },
      { gets },
    )
    expect(await call()).toMatchObject({ outcome: 'success' })
    expect(resumedFrom).toEqual(['e1', 'e2'])
    expect(logged).toEqual([])
  })

  it('T-156: is not resumed for ever', async () => {
    let resumed = 0
    const gets: Answer = ({ headers }, response) => {
      if (headers['last-event-id'] === undefined) return void response.writeHead(405).end()
      if (++resumed % 2 === 0) return void response.writeHead(503).end()
      stream(response).end(': nothing new\n\n')
    }
    const { call } = await server((_asked, response) => void stream(response).end('retry: 1\nid: e1\ndata:\n\n'), {
      gets,
    })
    expect((await call()).error?.reason).toBe('The stream ended before the answer came.')
    expect(resumed).toBeLessThan(10)
  })

  it('is given up with its caller', async () => {
    const { call } = await server((_asked, response) => void stream(response).end('retry: 1\nid: e1\ndata:\n\n'), {
      gets: ({ headers }, response) =>
        headers['last-event-id'] === undefined
          ? void response.writeHead(405).end()
          : void stream(response).write(':\n'),
    })
    expect(await call({ name: 'a' }, 300)).toMatchObject({ outcome: 'timeout' })
  })
})

describe('what a server says by itself', () => {
  it('is heard again after its stream has ended or could not be opened', async () => {
    let opened = 0
    const gets: Answer = (_asked, response) => {
      if (++opened === 1) return void response.destroy()
      stream(response).end(`retry: 10\n${event({ jsonrpc: '2.0', method: 'notifications/message', params: {} }, 'n')}`)
    }
    const heard: string[] = []
    const url = await web((request, response, body) => {
      const said = JSON.parse(body || '{}') as Said
      if (request.method === 'GET') return gets({ method: 'GET', headers: request.headers, said }, response)
      if (said.id === undefined) return void response.writeHead(202).end()
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: said.id, result: hello(said) }))
    })
    const { upstreams } = pool()
    upstreams.add(remote('http', url))
    const notification = (method: string): void => void heard.push(method)
    await upstreams.open('far', 'c', { ...LEGACY, handler: { ...LEGACY.handler, notification } })
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(1)
  }, 15_000)
})

describe('the transport itself', () => {
  const transport = (url: string) =>
    new HttpTransport(remote('http', url), { outgoing: createOutgoing({ exceptions: [] }), maxMessageBytes: 4_096 })
  const silent = {
    message: () => undefined,
    lost: () => undefined,
    violation: () => undefined,
    closed: () => undefined,
  }

  it('sends nothing more once it is closed, and is closed twice without harm', async () => {
    let asked = 0
    const one = transport(await web((_request, response) => void (asked++, response.end())))
    await one.start(silent)
    await one.close()
    await one.close()
    await expect(one.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    expect(asked).toBe(0)
  })

  it.each([
    ['2025-11-25', false, false],
    ['2026-07-28', true, true],
  ])('a request that is given up is hung up on in the era where that says it: %s', async (version, tells, hangsUp) => {
    let isOver = false
    const one = transport(
      await web((request, response) => {
        if (request.method !== 'POST') return void response.writeHead(405).end()
        response.once('close', () => (isOver = true))
        stream(response).write(': here\n\n')
      }),
    )
    await one.start(silent)
    expect(one.abandon(7)).toBe(false)
    one.established(version)
    expect(one.abandon(7)).toBe(tells)
    const request = { id: 7, method: 'tools/call', paramsText: '{"name":"a"}' }
    const sent = one.send({ text: '{"jsonrpc":"2.0","id":7,"method":"tools/call"}', request }).catch(() => 'ended')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(one.abandon(7)).toBe(tells)
    if (hangsUp) expect(await sent).toBe('ended')
    await expect.poll(() => isOver).toBe(hangsUp)
    await one.close()
    expect(await sent).toBe('ended')
  })
})
