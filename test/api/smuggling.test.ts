import { createConnection } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Route } from '../../packages/gateway/src/ingress/api/route.ts'
import { sendRaw, startKit, type Kit } from './kit.ts'

let kit: Kit
let credential: string
const reached: string[] = []

const route = (path: string): Route => ({
  method: 'POST',
  path,
  plane: 'agent',
  scope: 'read',
  summary: 'A route that tells that it was reached.',
  handle: ({ bodyText }) => {
    reached.push(`${path} ${bodyText}`)
    return Promise.resolve({ status: 200, body: {} })
  },
})

beforeAll(async () => {
  kit = await startKit({
    routes: [route('/v1/front'), route('/v1/smuggled')],
    api: { limits: { headTimeout: 600, requestTimeout: 1200, connections: 40, headerCount: 40, keepAlive: 1000 } },
  })
  credential = (await kit.agent('coder')).credential
})
afterAll(() => kit.close())
beforeEach(() => void (reached.length = 0))

const head = (...extra: string[]): string =>
  [
    'POST /v1/front HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${credential}`,
    'Content-Type: application/json',
    ...extra,
  ].join('\r\n')
const inner = (): string =>
  `POST /v1/smuggled HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${credential}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`

describe('T-076: request smuggling', () => {
  it('T-076: an ordinary request, chunked or not, arrives', async () => {
    await sendRaw(kit.agentSocket, `${head('Content-Length: 2', 'Connection: close')}\r\n\r\n{}`)
    await sendRaw(
      kit.agentSocket,
      `${head('Transfer-Encoding: chunked', 'Connection: close')}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    )
    expect(reached).toEqual(['/v1/front {}', '/v1/front {}'])
  })

  const corpus: readonly (readonly [name: string, bytes: () => string])[] = [
    ['CL.TE', () => `${head('Content-Length: 6', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n${inner()}`],
    ['TE.CL', () => `${head('Transfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n5c\r\n${inner()}\r\n0\r\n\r\n`],
    ['two lengths', () => `${head('Content-Length: 2', 'Content-Length: 20')}\r\n\r\n{}${inner()}`],
    ['the same length twice', () => `${head('Content-Length: 2', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    ['two lengths in one', () => `${head('Content-Length: 2, 2')}\r\n\r\n{}${inner()}`],
    ['a signed length', () => `${head('Content-Length: +2')}\r\n\r\n{}${inner()}`],
    ['a negative length', () => `${head('Content-Length: -1')}\r\n\r\n${inner()}`],
    ['a hexadecimal length', () => `${head('Content-Length: 0x2')}\r\n\r\n{}${inner()}`],
    ['a length with a zero in front', () => `${head('Content-Length: 02')}\r\n\r\n{}${inner()}`],
    ['an enormous length', () => `${head('Content-Length: 99999999999999999999')}\r\n\r\n{}${inner()}`],
    [
      'two transfer encodings',
      () => `${head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    ['chunked, identity', () => `${head('Transfer-Encoding: chunked, identity')}\r\n\r\n0\r\n\r\n${inner()}`],
    ['gzip, chunked', () => `${head('Transfer-Encoding: gzip, chunked')}\r\n\r\n0\r\n\r\n${inner()}`],
    ['xchunked', () => `${head('Transfer-Encoding: xchunked')}\r\n\r\n0\r\n\r\n${inner()}`],
    [
      'a tab before chunked',
      () => `${head('Transfer-Encoding:\tchunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a space before the colon',
      () => `${head('Transfer-Encoding : chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a folded header',
      () => `${head('Transfer-Encoding:\r\n chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a bare CR',
      () => `${head('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a bare LF',
      () => `${head('X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    ['a NUL in a header', () => `${head('X-A: b\u0000', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    [
      'a chunk size that is no number',
      () => `${head('Transfer-Encoding: chunked')}\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${inner()}`,
    ],
    ['a negative chunk', () => `${head('Transfer-Encoding: chunked')}\r\n\r\n-1\r\n{}\r\n0\r\n\r\n${inner()}`],
    [
      'a chunk longer than it says',
      () => `${head('Transfer-Encoding: chunked')}\r\n\r\n1\r\n{}\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'an overflowing chunk',
      () => `${head('Transfer-Encoding: chunked')}\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n${inner()}`,
    ],
    ['chunks that end with LF alone', () => `${head('Transfer-Encoding: chunked')}\r\n\r\n2\n{}\n0\n\n${inner()}`],
    [
      'trailers',
      () =>
        `${head('Transfer-Encoding: chunked', 'Trailer: authorization')}\r\n\r\n2\r\n{}\r\n0\r\nauthorization: x\r\n\r\n${inner()}`,
    ],
    ['two hosts', () => `${head('Host: y', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    ['two credentials', () => `${head('Authorization: Bearer x', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    ['two content types', () => `${head('Content-Type: text/plain', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    ['a header with an underscore', () => `${head('Content_Length: 2', 'Content-Length: 2')}\r\n\r\n{}${inner()}`],
    ['HTTP/1.0', () => `${head('Content-Length: 2').replace('HTTP/1.1', 'HTTP/1.0')}\r\n\r\n{}${inner()}`],
    ['HTTP/0.9', () => `GET /v1/front\r\n\r\n${inner()}`],
    ['no host', () => `${head('Content-Length: 2').replace('Host: x\r\n', '')}\r\n\r\n{}${inner()}`],
    ['a body with GET', () => `${head('Content-Length: 300').replace('POST', 'GET')}\r\n\r\n${inner()}`],
    [
      'an absolute target',
      () => `${head('Content-Length: 2').replace('/v1/front', 'http://x/v1/front')}\r\n\r\n{}${inner()}`,
    ],
    ['HTTP/2 preface', () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner()}`],
    ['CONNECT', () => `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n${inner()}`],
    [
      'an upgrade to h2c',
      () =>
        `${head('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk', 'Content-Length: 2')}\r\n\r\n{}${inner()}`,
    ],
    [
      'an upgrade to a websocket',
      () =>
        `GET /v1/front HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${credential}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${inner()}`,
    ],
  ]
  it.each(corpus)('T-076: %s: neither the request nor what hides in it reaches a handler', async (_name, bytes) => {
    const answer = await sendRaw(kit.agentSocket, bytes())
    expect(reached).toEqual([])
    expect(answer).toMatch(/^HTTP\/1\.1 (400|403|408|413|415|431)/)
    // One answer, and then the connection is closed: what came after it is not read as a request.
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
  })

  it.each([
    'CONNECT 169.254.169.254:80 HTTP/1.1',
    'CONNECT 127.0.0.1:22 HTTP/1.1',
    'GET http://169.254.169.254/latest/meta-data HTTP/1.1',
    'GET http://127.0.0.1:1/ HTTP/1.1',
    'GET //127.0.0.1/health HTTP/1.1',
  ])('T-120: the gateway is no proxy: %s', async (line) => {
    const answer = await sendRaw(kit.agentSocket, `${line}\r\nHost: x\r\nAuthorization: Bearer ${credential}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 403/)
    expect(answer).toContain('SP_AUTHZ_UNMAPPED')
  })

  it('T-076: a chunk extension changes nothing, and an endless one is cut', async () => {
    await sendRaw(
      kit.agentSocket,
      `${head('Transfer-Encoding: chunked', 'Connection: close')}\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n`,
    )
    expect(reached).toEqual(['/v1/front {}'])
    const endless = `${head('Transfer-Encoding: chunked')}\r\n\r\n2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`
    const answer = await sendRaw(kit.agentSocket, endless).catch(() => 'HTTP/1.1 400 cut')
    expect(answer).toMatch(/^HTTP\/1\.1 4/)
    expect(reached).toHaveLength(1)
  })

  it('T-076: pipelined requests are answered each by itself, the second one authenticated anew', async () => {
    const anonymous = inner().replace(/Authorization: [^\r]+\r\n/, '')
    const answer = await sendRaw(kit.agentSocket, `${head('Content-Length: 2')}\r\n\r\n{}${anonymous}`)
    expect(reached).toEqual(['/v1/front {}'])
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401'])
  })
})

describe('T-156: floods', () => {
  it('T-156: headers without end, in size or in number, are refused', async () => {
    const wide = await sendRaw(kit.agentSocket, `${head(`X-A: ${'a'.repeat(20_000)}`)}\r\n\r\n`).catch(
      () => 'HTTP/1.1 431',
    )
    expect(wide).toMatch(/^HTTP\/1\.1 431/)
    const many = Array.from({ length: 60 }, (_none, index) => `X-A${index}: b`)
    expect(await sendRaw(kit.agentSocket, `${head(...many, 'Content-Length: 2')}\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 400/)
    expect(reached).toEqual([])
  })

  it('T-156: a head that drips is cut after the head time-out', async () => {
    const started = performance.now()
    const answer = await drip('POST /v1/front HTTP/1.1\r\nHost: x\r\nX-Drip: ', 'a', 100)
    expect(answer).toMatch(/^HTTP\/1\.1 408/)
    expect(performance.now() - started).toBeLessThan(4000)
  })

  it('T-156: a body that drips is cut after the request time-out, and its handler never runs', async () => {
    const started = performance.now()
    const answer = await drip(`${head('Content-Length: 1000')}\r\n\r\n`, ' ', 100)
    expect(answer).toMatch(/^HTTP\/1\.1 408/)
    expect(performance.now() - started).toBeLessThan(4000)
    expect(reached).toEqual([])
  })

  it('T-156: forty silent connections are cut, and an honest client gets through', async () => {
    const silent = Array.from({ length: 60 }, () =>
      createConnection({ path: kit.agentSocket }).on('error', () => undefined),
    )
    await new Promise((resolve) => setTimeout(resolve, 2200))
    const answer = await kit.ask('agent', { method: 'POST', path: '/v1/front', body: {}, bearer: credential })
    expect(answer.status).toBe(200)
    for (const socket of silent) socket.destroy()
  })

  it('T-156: a flood of refused requests fills the log with no more than a minute’s worth of records', async () => {
    const before = kit.boundary.refusals.length
    await Promise.all(Array.from({ length: 300 }, () => kit.ask('agent', { path: '/v1/none' }).catch(() => undefined)))
    expect(kit.boundary.refusals.length - before).toBeLessThanOrEqual(61)
  })
})

function drip(start: string, drop: string, everyMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: kit.agentSocket })
    let received = ''
    socket.write(start)
    const timer = setInterval(() => socket.write(drop), everyMs)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(timer)
      resolve(received)
    })
  })
}
