import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import {
  certificateFor,
  plainUpstream,
  tlsUpstream,
  wayOut,
  type Answer,
  type Certificate,
  type Upstream,
  type Way,
} from './lent-kit.ts'

const VALUE = 'sk-value+of/the=vault-0123456789'
const LIMITS = { body: 400, answer: 600, idle: 600 }
const BEARER = `Bearer ${VALUE}`

/** Says pieces one after the other, each in a packet of its own. */
async function say(socket: Socket, pieces: readonly (string | Buffer)[], between = 3): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    socket.write(piece as string, typeof piece === 'string' ? 'latin1' : undefined)
    await new Promise((resolve) => setTimeout(resolve, between))
  }
  socket.end()
}
const each = (text: string | Buffer): Buffer[] => Array.from(Buffer.from(text as string), (byte) => Buffer.from([byte]))
const ok = (body: string | Buffer, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n`, 'latin1'),
    Buffer.from(body as string),
  ])

describe('servers that answer badly to a request with a credential', () => {
  let certificate: Certificate
  const closing: (() => void)[] = []
  beforeAll(() => {
    certificate = certificateFor('localhost')
  })
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })
  const wayTo = async (upstream: Upstream, authority: Certificate = certificate): Promise<Way> => {
    const base = `https://localhost:${upstream.port}`
    const way = await wayOut(
      { api: { category: 'write', agents: ['coder'], base, methods: ['GET', 'HEAD', 'POST'] } },
      { api: VALUE },
      { authorities: [authority.cert.toString()], limits: LIMITS },
    )
    closing.push(() => {
      way.close()
      upstream.close()
    })
    return way
  }
  const told = ({ body, headers }: Answer, way: Way): string =>
    body + JSON.stringify([headers, way.records, way.attempts])
  const hold = async (answer: Promise<Answer>): Promise<Answer> => {
    const since = performance.now()
    const got = await answer
    expect(performance.now() - since).toBeLessThan(15_000)
    return got
  }

  const NO_ANSWER: Readonly<Record<string, Parameters<typeof tlsUpstream>[1]>> = {
    'says nothing': () => undefined,
    'says half a head and no more': (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: '),
    'says one byte of its head at a time, for ever': (socket) =>
      void say(socket, each(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(2_000)}`), 100),
    'goes on saying 100 Continue': (socket) =>
      void say(
        socket,
        Array.from({ length: 500 }, () => 'HTTP/1.1 100 Continue\r\n\r\n'),
        20,
      ),
    resets: (_socket, _request, reset) => reset(),
    'hangs up': (socket) => void socket.end(),
    'resets in the middle of its head': (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: ', () => socket.destroy()),
    'speaks another protocol': (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
    'has no version': (socket) => void socket.end('200 OK\r\n\r\n'),
    'has a head of a megabyte': (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1 << 20)}\r\n\r\n`),
    'has ten thousand headers': (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`),
    'has two lengths': (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\nokxyz'),
    'has a length and chunks': (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    'has a length that is none': (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok'),
    'has a space in front of a colon': (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok'),
    'has a zero byte in a header': (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\nok'),
    'has a line that goes on in the next one': (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\nx: a\r\n\tb\r\ncontent-length: 2\r\n\r\nok'),
    'ends lines with a carriage return alone': (socket) => void socket.end('HTTP/1.1 200 OK\rx: a\r\r'),
    'upgrades, and then says another answer': (socket) =>
      void socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsmugg',
      ),
    'packs, although it was asked not to': (socket) =>
      void socket.end(ok(gzipSync(BEARER), 'content-encoding: gzip\r\n')),
    'packs the way': (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  }
  it.each(Object.entries(NO_ANSWER))(
    'T-126, T-144: one that %s is no answer: a coded refusal in time, and no word of the value',
    async (what, act) => {
      const way = await wayTo(await tlsUpstream(certificate, act))
      const answer = await hold(
        way.ask('/sallyport/api/x', { headers: { upgrade: 'websocket', connection: 'upgrade' } }),
      )
      // a header line that goes on is read as one line by some; then it goes on as one
      if (what.startsWith('has a line that goes on') && answer.status === 200) expect(answer.headers['x']).toBe('a b')
      else expect([answer.status, answer.headers['x-sallyport-deny']]).toEqual([502, 'unreachable'])
      expect(told(answer, way)).not.toContain(VALUE)
      expect(answer.body).not.toContain('smugg')
    },
    20_000,
  )

  const BROKEN: Readonly<Record<string, (socket: Socket) => void>> = {
    'stalls in the middle': (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${BEARER}`),
    'resets in the middle': (socket) =>
      void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${BEARER.repeat(20)}`, () => socket.destroy()),
    'ends before its length': (socket) =>
      void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${BEARER.repeat(20)}`),
    'has chunks that are none': (socket) =>
      void socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n${BEARER}zz\r\n`),
  }
  it.each(Object.entries(BROKEN))(
    'T-126: one that %s is cut for its client too, and what came is looked through',
    async (_what, act) => {
      const way = await wayTo(await tlsUpstream(certificate, act))
      const answer = await hold(way.ask('/sallyport/api/x'))
      expect([0, 502]).toContain(answer.status)
      expect(told(answer, way)).not.toContain(VALUE.slice(0, 20))
    },
    20_000,
  )

  it('T-144: one that says without end is read no faster than its client reads, and let go with it', async () => {
    let written = 0
    const upstream = await tlsUpstream(certificate, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x'))) written += 65_536
      }
      socket.on('drain', more)
      more()
    })
    const way = await wayTo(upstream)
    const { request } = await import('node:http')
    const port = way.port
    const status = await new Promise<string>((resolve) => {
      const outgoing = request({ host: '127.0.0.1', port, path: '/sallyport/api/x', agent: false }, (response) => {
        // nobody reads
        setTimeout(() => {
          const before = written
          response.destroy()
          setTimeout(() => resolve(written - before < 64 * 65_536 ? 'let go' : 'goes on'), 500)
        }, 300)
      })
      outgoing.on('error', () => undefined)
      outgoing.end()
    })
    expect(status).toBe('let go')
    expect(written).toBeLessThan(64 << 20)
  }, 20_000)

  it('T-118: what a server says behind its answer is of no answer', async () => {
    const smuggled = 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsmuggled'
    const way = await wayTo(
      await tlsUpstream(certificate, (socket) => socket.end(Buffer.concat([ok('fine'), Buffer.from(smuggled)]))),
    )
    const answer = await hold(way.ask('/sallyport/api/x'))
    expect(answer.status === 200 ? answer.body : 'fine').toBe('fine')
    expect((await hold(way.ask('/sallyport/api/y'))).body).not.toContain('smuggled')
  })

  it('T-126: trailers and the words behind a status do not go on', async () => {
    const words = `HTTP/1.1 200 ${VALUE}\r\ntrailer: x-late\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-late: ${VALUE}\r\n\r\n`
    const way = await wayTo(await tlsUpstream(certificate, (socket) => socket.end(words)))
    const answer = await hold(way.ask('/sallyport/api/x'))
    expect(answer).toMatchObject({ status: 200, body: 'ok' })
    expect(answer.headers['x-late']).toBeUndefined()
    expect(answer.trailers).toEqual({})
    expect(answer.message).toBe('OK')
  })

  const ECHOES: Readonly<Record<string, (value: string) => string | Buffer>> = {
    plain: (value) => value,
    percent: encodeURIComponent,
    'percent twice': (value) => encodeURIComponent(encodeURIComponent(value)),
    json: (value) => JSON.stringify({ authorization: value }),
    base64: (value) => Buffer.from(value).toString('base64'),
    'base64 of a header': (value) => Buffer.from(`authorization: ${value}\r\n`).toString('base64'),
    hex: (value) => Buffer.from(value).toString('hex'),
    'utf-16': (value) => Buffer.from(value, 'utf16le'),
    html: (value) => Array.from(value, (char) => `&#${char.charCodeAt(0)};`).join(''),
  }
  it.each(Object.entries(ECHOES))(
    'HB-90, T-126: an echo that is %s is masked over packets of one byte, chunks of one byte, and in a header',
    async (_what, echo) => {
      const bytes = Buffer.concat([Buffer.from('before '), Buffer.from(echo(BEARER) as string), Buffer.from(' behind')])
      const needle = bytes.toString('latin1').slice(-31, -17)
      const chunks = each(bytes).map((byte) => Buffer.concat([Buffer.from('1\r\n'), byte, Buffer.from('\r\n')]))
      const chunked = [
        Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'),
        ...chunks,
        Buffer.from('0\r\n\r\n'),
      ]
      const header = bytes.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '')
      const upstream = await tlsUpstream(certificate, (socket, request) => {
        if (request.startsWith('GET /bytes'))
          void say(socket, [ok(bytes).subarray(0, 40), ...each(ok(bytes).subarray(40))], 0)
        else if (request.startsWith('GET /chunks')) void say(socket, chunked, 0)
        else
          socket.end(ok('', `x-echo: ${header}\r\nlocation: https://evil.example/?k=${header.replaceAll(' ', '')}\r\n`))
      })
      const way = await wayTo(upstream)
      for (const path of ['bytes', 'chunks']) {
        const { status, body } = await hold(way.ask(`/sallyport/api/${path}`))
        expect({ path, status, length: body.length }).toEqual({ path, status: 200, length: bytes.length })
        expect(body.startsWith('before ') && body.endsWith(' behind')).toBe(true)
        expect(body).not.toContain(needle)
      }
      const { headers } = await hold(way.ask('/sallyport/api/header'))
      const said = JSON.stringify([headers['x-echo'], headers['location']])
      if (_what !== 'utf-16') expect(said).toContain('****')
      expect(said).not.toContain(needle)
    },
    20_000,
  )

  it.each([301, 302, 303, 307, 308])(
    'HB-88, E-87: a redirect (%i) is the client’s to follow: nothing follows it with a credential',
    async (status) => {
      const other = await plainUpstream((socket) => socket.on('error', () => undefined))
      const second = await tlsUpstream(certificate, (socket) => socket.end(ok('second')))
      closing.push(() => [other, second].forEach((one) => one.close()))
      for (const to of [
        `https://localhost:${second.port}/x`,
        `http://127.0.0.1:${other.port}/x`,
        `//localhost:${second.port}/x`,
        '/again',
      ]) {
        const first = await tlsUpstream(certificate, (socket, request) =>
          socket.end(
            request.includes('/again')
              ? ok('again')
              : `HTTP/1.1 ${status} Moved\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`,
          ),
        )
        const way = await wayTo(first)
        const answer = await hold(way.ask('/sallyport/api/x', { method: 'POST', body: 'a body' }))
        expect([answer.status, answer.headers['location']]).toEqual([status, to])
        expect(first.heard).toHaveLength(1)
        // the client follows it, with what it has: a placeholder
        const placeholder = { authorization: 'Bearer sallyport-lease-api' }
        await hold(way.ask(to.startsWith('//') ? `https:${to}` : to, { headers: placeholder }))
        await hold(way.ask(`https://localhost:${second.port}/x`, { headers: placeholder }))
        expect(second.heard.join()).not.toContain(VALUE)
        expect(first.heard.slice(1).join()).not.toContain(VALUE)
      }
    },
    30_000,
  )

  it.each([
    ['for another name', () => tlsUpstream(certificateFor('other.example'), (socket) => socket.end(ok('x')))],
    ['of nobody we know', () => tlsUpstream(certificateFor('localhost'), (socket) => socket.end(ok('x')))],
    ['none at all', () => plainUpstream((socket) => void socket.on('data', () => socket.end(ok('x'))))],
    [
      'garbage',
      () => plainUpstream((socket) => void socket.on('error', () => undefined).end(Buffer.alloc(5_000, 0x16))),
    ],
    ['a reset', () => plainUpstream((socket) => void socket.resetAndDestroy())],
    ['nothing, for ever', () => plainUpstream((socket) => void socket.on('error', () => undefined))],
  ])(
    'HB-69, T-126: TLS that is %s gets no credential',
    async (_what, make) => {
      const upstream = await make()
      const way = await wayTo(upstream)
      const answer = await hold(way.ask('/sallyport/api/x'))
      expect([answer.status, answer.headers['x-sallyport-deny']]).toEqual([502, 'unreachable'])
      expect(upstream.heard.join()).not.toContain(VALUE)
      expect(told(answer, way)).not.toContain(VALUE)
    },
    20_000,
  )

  it('HB-69: a certificate for another name is refused though its authority is known', async () => {
    const stranger = certificateFor('other.example')
    const upstream = await tlsUpstream(stranger, (socket) => socket.end(ok('x')))
    const way = await wayTo(upstream, stranger)
    expect((await hold(way.ask('/sallyport/api/x'))).status).toBe(502)
    expect(upstream.heard.join()).not.toContain(VALUE)
  })
})
