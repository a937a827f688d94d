import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Scrubber } from '@sallyport/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { forward } from './forward.ts'
import { ScrubbedFrames } from './frames.ts'
import { Pool } from './pool.ts'
import { serveUpgrades } from './websocket.ts'

const SECRET = 'sk-value-of-the-vault-0123'
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function portOf(server: Server): Promise<number> {
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined)
    closing.push(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A frame of a server, or of a client with `mask`. */
function frame(payload: Buffer | string, { opcode = 1, isLast = true, mask = false } = {}): Buffer {
  const bytes = Buffer.from(payload as string)
  const { length } = bytes
  const short = length < 126 ? length : length < 65_536 ? 126 : 127
  const head = Buffer.alloc(short === 126 ? 4 : short === 127 ? 10 : 2)
  head[0] = (isLast ? 0x80 : 0) | opcode
  head[1] = (mask ? 0x80 : 0) | short
  if (short === 126) head.writeUInt16BE(length, 2)
  if (short === 127) head.writeBigUInt64BE(BigInt(length), 2)
  // the mask is nothing but zeros: the payload can be read as it is
  return Buffer.concat(mask ? [head, Buffer.alloc(4), bytes] : [head, bytes])
}

const acceptOf = (key = ''): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

interface Said {
  /** What the server answers to the upgrade; by default it agrees. */
  readonly answer?: (incoming: IncomingMessage) => string
  readonly after?: (socket: Duplex, incoming: IncomingMessage) => void
}

/** A server, a way to it with a credential, and what a client says to that. */
async function through({ answer, after }: Said = {}) {
  const asked: IncomingMessage[] = []
  const api = createHttp((incoming, response) => {
    asked.push(incoming)
    response.end(`plain ${incoming.method} ${incoming.url}`)
  })
  api.on('upgrade', (incoming, socket) => {
    asked.push(incoming)
    const key = incoming.headers['sec-websocket-key']
    socket.write(
      answer?.(incoming) ??
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${acceptOf(key)}\r\nx-seen: ${incoming.headers.authorization}\r\n\r\n`,
    )
    after?.(socket, incoming)
  })
  const port = await portOf(api)
  const right = new AbortController()
  const pool = new Pool({
    authorities: [],
    keep: (socket) => {
      socket.on('error', () => undefined)
      closing.push(() => socket.destroy())
    },
  })
  const cleared = { kind: 'cleared', addresses: ['127.0.0.1'], port, rule: '' } as const
  const front = createHttp((incoming, response) => {
    const { headers } = incoming
    const own: Record<string, string> = { host: 'a.example', authorization: `Bearer ${SECRET}` }
    for (const name of ['key', 'version', 'protocol', 'extensions'].map((each) => `sec-websocket-${each}`))
      if (typeof headers[name] === 'string') own[name] = headers[name]
    const upstream = async (mostIdle: number) =>
      pool.take({ cleared, host: 'a.example', isSecure: false, right: right.signal }, mostIdle)
    const scrubber = new Scrubber([Buffer.from(SECRET)])
    forward(incoming, response, { path: incoming.url ?? '', headers: own, upstream, scrubber }).catch(() =>
      response.headersSent
        ? incoming.socket.destroy()
        : response.writeHead(502, { connection: 'close' }).end('unreachable'),
    )
  })
  serveUpgrades(front)
  const own = await portOf(front)
  const open = (headers: Readonly<Record<string, string>> = {}, line = 'GET /ws HTTP/1.1', body = '') => {
    const client = connect(own, '127.0.0.1')
    client.on('error', () => undefined)
    closing.push(() => client.destroy())
    const all = {
      ...{ host: 'a.example', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      ...{ 'sec-websocket-key': randomBytes(16).toString('base64'), ...headers },
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    client.write(`${line}\r\n${lines.join('')}\r\n${body}`)
    let heard = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => (heard = Buffer.concat([heard, chunk])))
    return { client, heard: () => heard.toString('latin1') }
  }
  return { asked, open, revoke: () => right.abort() }
}

describe('a WebSocket with a credential', () => {
  it('HB-88, T-126: the credential is in the request alone; both ends talk, and what comes back is looked through', async () => {
    const { asked, open } = await through({
      after: (socket) =>
        socket.on('data', (chunk: Buffer) => {
          const said = chunk.subarray(6)
          socket.write(Buffer.concat([frame(said), frame(`you are ${SECRET}`), frame(SECRET, { opcode: 9 })]))
        }),
    })
    const { client, heard } = open({ 'sec-websocket-extensions': 'permessage-deflate' })
    await expect.poll(heard).toContain('\r\n\r\n')
    expect(heard()).toMatch(/^HTTP\/1\.1 101 /)
    expect(heard()).toContain(`x-seen: Bearer ${'*'.repeat(SECRET.length)}`)
    expect(asked[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, upgrade: 'websocket' })
    expect(asked[0]?.headers['sec-websocket-extensions']).toBeUndefined()
    client.write(frame('hello', { mask: true }))
    await expect.poll(heard).toContain(`you are ${'*'.repeat(SECRET.length)}`)
    expect(heard()).toContain(frame('hello').toString('latin1'))
    expect(heard()).not.toContain(SECRET)
    client.end()
  })

  it('T-128: it is cut when the right to the credential ends', async () => {
    const { open, revoke } = await through()
    const { client, heard } = open()
    await expect.poll(heard).toContain('101')
    const closed = once(client, 'close')
    revoke()
    await closed
  })

  const accept = (incoming: IncomingMessage): string => acceptOf(incoming.headers['sec-websocket-key'])
  const switching = (...lines: readonly string[]): string =>
    ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n')
  it.each<[string, (incoming: IncomingMessage) => string]>([
    [
      'to another protocol',
      (incoming) => switching('upgrade: h2c', 'connection: Upgrade', `sec-websocket-accept: ${accept(incoming)}`),
    ],
    ['without proof', () => switching('upgrade: websocket', 'connection: Upgrade')],
    [
      'with the proof of another',
      () => switching('upgrade: websocket', 'connection: Upgrade', `sec-websocket-accept: ${acceptOf('x')}`),
    ],
    ['to nothing', (incoming) => switching(`sec-websocket-accept: ${accept(incoming)}`)],
    [
      'to a subprotocol that nobody offered',
      (incoming) =>
        switching(
          'upgrade: websocket',
          'connection: Upgrade',
          `sec-websocket-accept: ${accept(incoming)}`,
          'sec-websocket-protocol: other',
        ),
    ],
    [
      'with an extension that nobody offered',
      (incoming) =>
        switching(
          'upgrade: websocket',
          'connection: Upgrade',
          `sec-websocket-accept: ${accept(incoming)}`,
          'sec-websocket-extensions: permessage-deflate',
        ),
    ],
  ])('T-118: a server that switches %s gets nothing more, and is not heard', async (_what, answer) => {
    let smuggled = 0
    const { open } = await through({
      answer: (incoming) => `${answer(incoming)}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`,
      after: (socket) => socket.on('data', () => smuggled++),
    })
    const { client, heard } = open(
      { 'sec-websocket-protocol': 'chat' },
      undefined,
      frame('early', { mask: true }).toString('latin1'),
    )
    await once(client, 'close')
    expect(heard()).toMatch(/^HTTP\/1\.1 502 /)
    expect(heard()).not.toContain('evil')
    expect(smuggled).toBe(0)
  })

  it('T-118: a server that does not switch is handed back, and the connection carries nothing else', async () => {
    let smuggled = 0
    const { open } = await through({
      answer: (incoming) =>
        `HTTP/1.1 200 OK\r\ncontent-length: 44\r\n\r\nno ${incoming.headers.authorization}.........`,
      after: (socket) => socket.on('data', () => smuggled++),
    })
    const { client, heard } = open()
    client.write('GET /admin HTTP/1.1\r\nhost: a.example\r\n\r\n')
    await once(client, 'close')
    expect(heard()).toMatch(/^HTTP\/1\.1 200 /)
    expect(heard()).toContain('no Bearer ****')
    expect(smuggled).toBe(0)
  })

  it.each([
    [
      'another protocol',
      { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings', 'http2-settings': 'AAMAAABk' },
      undefined,
    ],
    ['another method', {}, 'POST /ws HTTP/1.1'],
    ['a key that is none', { 'sec-websocket-key': 'x' }, undefined],
    ['another version', { 'sec-websocket-version': '8' }, undefined],
    ['a body', { 'content-length': '4' }, undefined],
  ])(
    'T-118: a request with %s is a request that asks for no switch',
    async (_what, headers: Record<string, string>, line) => {
      const { asked, open } = await through()
      const { client, heard } = open(headers, line, 'content-length' in headers ? 'body' : '')
      await expect.poll(heard).toContain('plain ')
      expect(heard()).toMatch(/^HTTP\/1\.1 200 /)
      expect(asked).toHaveLength(1)
      expect(asked[0]?.headers.upgrade).toBeUndefined()
      expect(asked[0]?.headers['http2-settings']).toBeUndefined()
      client.destroy()
    },
  )

  it('a large refusal arrives whole', async () => {
    const body = 'x'.repeat(3_000_000)
    const { open } = await through({
      answer: () => `HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    })
    const { client, heard } = open()
    await once(client, 'close')
    expect(heard().length).toBeGreaterThan(body.length)
  })
})

describe('frames of a server', () => {
  const through = async (bytes: Buffer, cuts: readonly number[] = []): Promise<Buffer> => {
    const frames = new ScrubbedFrames(new Scrubber([Buffer.from(SECRET)]))
    const out: Buffer[] = []
    frames.on('data', (chunk: Buffer) => out.push(chunk))
    const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
    let at = 0
    for (const end of [...ends, bytes.length]) {
      frames.write(bytes.subarray(at, end))
      at = end
    }
    frames.end()
    await once(frames, 'end')
    return Buffer.concat(out)
  }
  const pieces = fc.array(
    fc.record({
      parts: fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(70_000))), {
        minLength: 1,
        maxLength: 4,
      }),
      ping: fc.option(fc.uint8Array({ maxLength: 125 })),
    }),
    { maxLength: 5 },
  )
  const framed = (messages: readonly { parts: readonly Uint8Array[]; ping: Uint8Array | null }[]): Buffer =>
    Buffer.concat(
      messages.flatMap(({ parts, ping }) =>
        parts.flatMap((part, n) => [
          frame(Buffer.from(part), { opcode: n === 0 ? 2 : 0, isLast: n === parts.length - 1 }),
          ...(ping === null ? [] : [frame(Buffer.from(ping), { opcode: 9 })]),
        ]),
      ),
    )

  it('go on byte for byte, wherever they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.array(fc.nat(), { maxLength: 20 }), async (messages, cuts) => {
        const bytes = framed(messages)
        expect((await through(bytes, cuts)).equals(bytes)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('T-126: a value is found across the frames of a message', async () => {
    const [first, second, third] = [SECRET.slice(0, 5), SECRET.slice(5, 9), SECRET.slice(9)]
    const bytes = Buffer.concat([
      frame(`a ${first}`, { isLast: false }),
      frame(second, { opcode: 0, isLast: false }),
      frame('', { opcode: 10 }),
      frame(`${third} b`, { opcode: 0 }),
      frame(SECRET),
    ])
    for (const cuts of [[], Array.from(bytes, (_, at) => at)]) {
      const out = (await through(bytes, cuts)).toString('latin1')
      for (const part of [first, second, third, SECRET]) expect(out).not.toContain(part)
      expect(out).toHaveLength(bytes.length)
    }
  })

  it.each([
    ['masked', frame('x', { mask: true })],
    ['of an unknown kind', frame('x', { opcode: 3 })],
    ['that go on with nothing', frame('x', { opcode: 0 })],
    ['that begin a message within one', Buffer.concat([frame('x', { isLast: false }), frame('y')])],
    ['packed', Buffer.from([0xc1, 1, 0])],
    ['of control in parts', frame('x', { opcode: 9, isLast: false })],
    ['of control that are long', frame('x'.repeat(126), { opcode: 9 })],
    ['without an end', Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
    ['that are HTTP', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ])('T-118: frames %s are none', async (_what, bytes) => {
    await expect(through(bytes)).rejects.toThrow(/^The server (says what is no frame|announces more)/)
  })
})
