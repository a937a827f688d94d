import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutgoing } from '../egress/outgoing.ts'
import { closeAll, pool, remote, web } from './fixtures/remote.ts'
import { SseTransport } from './sse-transport.ts'

afterEach(closeAll)

const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

/** A transport to a server that answers GET and POST so. */
async function transport(get: (response: ServerResponse) => void, post = accept, timeoutMs = 300) {
  const told: string[] = []
  const url = await web((request, response, body) => {
    if (request.method === 'GET') return get(response)
    told.push(body)
    post(response)
  })
  const one = new SseTransport(remote('sse', url, { timeoutMs }), {
    ...{ outgoing: createOutgoing({ exceptions: [] }), maxMessageBytes: 4_096 },
  })
  const said: string[] = []
  const closed: string[] = []
  const started = one
    .start({
      message: (text) => void said.push(text),
      lost: () => undefined,
      violation: () => undefined,
      closed: (reason) => void closed.push(reason),
    })
    .then(
      () => 'started',
      (thrown: unknown) => thrown,
    )
  return { one, started: await started, told, said, closed }
}
function accept(response: ServerResponse): void {
  response.writeHead(202).end()
}
const ENDPOINT = 'event: endpoint\ndata: /post\n\n'

describe('a stream of 2024-11-05', () => {
  it.each([
    ['is not found', (response) => void response.writeHead(404).end(), 'HTTP 404'],
    ['is a page', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(), 'HTTP 200'],
    ['is of no type', (response) => void response.writeHead(200).end(), 'HTTP 200'],
    ['ends at once', (response) => void stream(response).end(), 'stream ended'],
    ['is no UTF-8', (response) => void stream(response).end(Buffer.from([0xff, 0xfe, 0x0a])), 'not UTF-8'],
    ['holds an event without end', (response) => void stream(response).end(`data: ${'x'.repeat(5_000)}`), 'too long'],
    ['names no endpoint', (response) => void stream(response).write(': waiting\n\n'), 'did not name its endpoint'],
  ] satisfies readonly (readonly [string, (response: ServerResponse) => void, string])[])(
    'T-156: that %s is an error',
    async (_what, get, reason) => {
      const { started } = await transport(get)
      expect(started).toBeInstanceOf(Error)
      expect(String(started)).toContain(reason)
    },
  )

  it.each([
    ['of another origin', 'event: endpoint\ndata: http://127.0.0.2/post\n\n'],
    ['that is none', 'event: endpoint\ndata: http://\n\n'],
  ])('T-070: an endpoint %s is not posted to', async (_what, named) => {
    const { one, started, closed, told } = await transport((response) => void stream(response).write(named))
    expect(started).toBeInstanceOf(Error)
    expect(closed).toEqual(['The server named an endpoint elsewhere.'])
    await expect(one.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    expect(told).toEqual([])
  })

  it('T-070: a second endpoint ends the conversation', async () => {
    const { one, started, closed, told } = await transport((response) => {
      stream(response).write(ENDPOINT)
      setTimeout(() => response.write('event: endpoint\ndata: /elsewhere\n\n'), 50)
    })
    expect(started).toBe('started')
    await expect.poll(() => closed).toEqual(['The server named an endpoint elsewhere.'])
    await expect(one.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    expect(told).toEqual([])
  })

  it('what is said before the endpoint, or is no message, is not heard', async () => {
    const { said, started, closed } = await transport((response) => {
      stream(response).write(`data: early\n\nevent: other\ndata: odd\n\n${ENDPOINT}data: heard\n\n`)
      setTimeout(() => response.end(), 100)
    })
    expect(started).toBe('started')
    await expect.poll(() => closed).toEqual(['The stream ended.'])
    expect(said).toEqual(['heard'])
  })

  it('a message that is refused is an error, and the next one is sent', async () => {
    let times = 0
    const { one, told } = await transport(
      (response) => void stream(response).write(ENDPOINT),
      (response) => void response.writeHead(++times === 1 ? 400 : 202).end(),
    )
    await expect(one.send({ text: '{"n":1}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    await one.send({ text: '{"n":2}' })
    expect(told).toEqual(['{"n":1}', '{"n":2}'])
    one.established()
    expect(one.abandon()).toBe(false)
    await one.close()
    await expect(one.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
  })

  it('a call that a server refuses to take is answered for', async () => {
    let open: ServerResponse | undefined
    const url = await web((request, response, body) => {
      if (request.method === 'GET') return void (open = stream(response)).write(ENDPOINT)
      const { id, method, params } = JSON.parse(body) as { id?: number; method: string; params?: object }
      response.writeHead(method === 'tools/call' ? 413 : 202).end()
      const result = { protocolVersion: '', capabilities: {}, serverInfo: {}, ...params }
      if (method === 'initialize') open?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`)
    })
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    const answer = await upstreams.call('far', 'c', 'tools/call', '{"name":"a"}')
    expect(answer).toMatchObject({ outcome: 'failure', error: { reason: 'The server answered HTTP 413.' } })
  })
})
