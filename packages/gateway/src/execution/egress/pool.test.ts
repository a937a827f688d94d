import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as listen, type AddressInfo, type Server as Listener, type Socket } from 'node:net'
import { createServer as listenTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createAuthority } from './authority.ts'
import { forward } from './forward.ts'
import { remembering } from './names.ts'
import { Pool, type Route } from './pool.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listening<T extends Listener | Server>(
  server: T,
): Promise<{ readonly port: number; readonly made: () => number }> {
  let made = 0
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    made++
    open.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, made: () => made }
}
const api = async (answer: RequestListener = (_request, response) => response.end('ok')) =>
  listening(createServer(answer))

/** A server that says these bytes to each request it gets, whatever comes of it. */
const saying = async (...answers: readonly string[]) => {
  let heard = 0
  return listening(
    listen((socket) =>
      socket.on('data', (chunk: Buffer) => {
        const requests = chunk.toString().match(/ HTTP\/1\.1\r\n/g)?.length ?? 0
        for (let n = 0; n < requests; n++) {
          const answer = answers[Math.min(heard++, answers.length - 1)] ?? ''
          if (answer === '') socket.destroy()
          else socket.write(answer)
        }
      }),
    ),
  )
}

/** Something in front of a pool, and what a client gets through it. */
async function through(
  port: number,
  route: (path: string) => Partial<Route> = () => ({}),
  authorities: readonly string[] = [],
) {
  const made: Socket[] = []
  const keep = (socket: Socket): void => {
    made.push(socket)
    socket.on('error', () => undefined)
    closing.push(() => socket.destroy())
  }
  const pool = new Pool({ authorities, keep })
  const cleared = { kind: 'cleared', addresses: ['127.0.0.1'], port, rule: '' } as const
  const front = createServer((incoming, response) => {
    const to = { cleared, host: 'a.example', isSecure: false, ...route(incoming.url ?? '') }
    const upstream = async (mostIdle: number) => pool.take(to, mostIdle)
    forward(incoming, response, { path: incoming.url ?? '', headers: { host: 'a.example' }, upstream }).catch(() =>
      response.headersSent ? response.destroy() : response.writeHead(502).end('unreachable'),
    )
  })
  const { port: own } = await listening(front)
  const ask = async (path = '/', method = 'GET', body = ''): Promise<string> => {
    const headers = body === '' ? {} : { 'content-length': String(body.length) }
    const outgoing = request({ port: own, host: '127.0.0.1', path, method, headers, agent: false })
    outgoing.end(body)
    try {
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      return `${answer.statusCode} ${text}`
    } catch {
      return 'cut'
    }
  }
  return { ask, made }
}

describe('connections that are kept', () => {
  it('one connection carries one request after the other', async () => {
    const { port, made } = await api()
    const { ask } = await through(port)
    for (let n = 0; n < 20; n++) expect(await ask()).toBe('200 ok')
    expect(await ask('/', 'POST', 'body')).toBe('200 ok')
    expect(made()).toBe(1)
  })

  it('requests at the same time do not wait for each other, and a few connections are kept', async () => {
    const { port, made } = await api((_request, response) => setTimeout(() => response.end('ok'), 100))
    const { ask, made: sockets } = await through(port)
    const answers = await Promise.all(Array.from({ length: 20 }, async () => ask()))
    expect(answers.every((one) => one === '200 ok')).toBe(true)
    expect(made()).toBe(20)
    await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBe(8)
  })

  it('T-128: none is used under another right, nor without one', async () => {
    const { port, made } = await api()
    const rights: Record<string, AbortSignal> = {
      '/a': new AbortController().signal,
      '/b': new AbortController().signal,
    }
    const { ask } = await through(port, (path) => {
      const right = rights[path]
      return right === undefined ? {} : { right }
    })
    for (const path of ['/a', '/b', '/none', '/a', '/b', '/none']) expect(await ask(path)).toBe('200 ok')
    expect(made()).toBe(3)
  })

  it('none is used for another host of the same address, nor at an address that is judged no more', async () => {
    const { port, made } = await api()
    const { ask } = await through(port, (path) => {
      if (path === '/other') return { host: 'b.example' }
      return path === '/moved' ? { cleared: { kind: 'cleared', addresses: ['127.0.0.2'], port, rule: '' } } : {}
    })
    await ask()
    await ask('/other')
    expect(made()).toBe(2)
    expect(await ask('/moved')).toBe('502 unreachable')
    await ask()
    // the one before was let go
    expect(made()).toBe(3)
  })

  it('T-128: those of a right that ends are cut at once, whether they wait or not', async () => {
    let begun = 0
    const { port } = await api((incoming, response) => {
      begun++
      if (incoming.url === '/slow') response.write('begun')
      else response.end('ok')
    })
    const controller = new AbortController()
    const { ask, made } = await through(port, () => ({ right: controller.signal }))
    const slow = ask('/slow')
    await expect.poll(() => begun).toBe(1)
    expect(await ask()).toBe('200 ok')
    expect(made.map(({ destroyed }) => destroyed)).toEqual([false, false])
    controller.abort()
    expect(await slow).toBe('cut')
    expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true])
    expect(await ask()).toBe('502 unreachable')
  })

  it.each([
    [
      'says more than it announced',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
    ],
    ['says something that is no answer', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n\r\nevil'],
    ['has a body without an end', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['is about to close', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'],
    [
      'closes very soon',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\nkeep-alive: timeout=1\r\n\r\nok',
    ],
  ])('T-118: one whose server %s is not used again', async (_what, answer) => {
    const { port, made } = await saying(answer)
    const { ask } = await through(port)
    const first = await ask()
    expect(['200 ok', 'cut']).toContain(first)
    await ask()
    expect(made()).toBe(2)
  })

  it('T-118: one that says something while it waits is not used again', async () => {
    const sockets: Socket[] = []
    const server = listen((socket) => {
      sockets.push(socket)
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    })
    const { port, made } = await listening(server)
    const { ask, made: ours } = await through(port)
    expect(await ask()).toBe('200 ok')
    sockets[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
    await expect.poll(() => ours[0]?.destroyed).toBe(true)
    expect(await ask()).toBe('200 ok')
    expect(made()).toBe(2)
  })

  it.each([
    ['both lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 4\r\n\r\nokok'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok'],
  ])('T-118: an answer with %s does not go on', async (_what, answer) => {
    const { port } = await saying(answer)
    const { ask } = await through(port)
    expect(await ask()).toBe('502 unreachable')
  })

  it('one that was closed while it waited costs a GET nothing, and a POST is not sent twice', async () => {
    const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    // the second request on a connection finds it closed
    const { port, made } = await saying(ok, '', ok, '', ok)
    const { ask } = await through(port)
    expect(await ask()).toBe('200 ok')
    expect(await ask()).toBe('200 ok')
    expect(made()).toBe(2)
    expect(await ask('/', 'POST', 'x')).not.toContain('200')
    expect(made()).toBe(2)
    expect(await ask('/', 'POST', 'x')).toBe('200 ok')
  })

  it('an answer that breaks off is not asked for again', async () => {
    const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    const { port, made } = await saying(ok, 'HTTP/1.1 2')
    const { ask, made: ours } = await through(port)
    expect(await ask()).toBe('200 ok')
    const asked = ask()
    await expect.poll(() => (ours[0]?.bytesRead ?? 0) > ok.length).toBe(true)
    ours[0]?.destroy()
    expect(await asked).toBe('502 unreachable')
    expect(made()).toBe(1)
  })

  it('a handshake with a server that is known is taken up again, for its name alone', async () => {
    const authority = await createAuthority(['a.example', 'b.example'], Date.now)
    const contexts = { a: await authority.contextFor('a.example'), b: await authority.contextFor('b.example') }
    const resumed: boolean[] = []
    const server = listenTls({
      SNICallback: (name, done) => done(null, name.startsWith('a') ? contexts.a : contexts.b),
    })
    server.on('secureConnection', (socket) => {
      resumed.push(socket.isSessionReused())
      socket
        .on('error', () => undefined)
        .once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    })
    const { port } = await listening(server)
    const route = (path: string) => ({ host: path === '/b' ? 'b.example' : 'a.example', isSecure: true })
    const { ask } = await through(port, route, [authority.certificate])
    for (const path of ['/', '/', '/b', '/']) expect(await ask(path)).toBe('200 ok')
    expect(resumed).toEqual([false, true, false, true])
  })
})

describe('names that were asked for', () => {
  it('the resolver hears of each once in a while, and of what it could not answer each time', async () => {
    const heard: string[] = []
    const resolve = remembering(async (host) => {
      heard.push(host)
      if (host === 'broken.example') throw new Error('no')
      return host === 'none.example' ? [] : ['192.0.2.1']
    })
    for (let n = 0; n < 3; n++) {
      expect(await resolve('a.example')).toEqual(['192.0.2.1'])
      expect(await resolve('none.example')).toEqual([])
      await expect(resolve('broken.example')).rejects.toThrow('no')
    }
    expect(heard.filter((host) => host === 'a.example')).toHaveLength(1)
    expect(heard).toHaveLength(7)
  })
})
