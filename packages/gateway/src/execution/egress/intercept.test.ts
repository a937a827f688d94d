import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, createServer as listen, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createAuthority } from './authority.ts'
import { forward } from './forward.ts'
import { createInterceptor, type Intercepted } from './intercept.ts'
import { headersOf } from './lend.ts'
import { Pool } from './pool.ts'

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

/** A tunnel that is looked into, and an API behind it. */
async function tunnel(to = { host: 'a.example', port: 443 }) {
  const got: { readonly request: IncomingMessage; readonly body: string }[] = []
  const distrusted: string[] = []
  let made = 0
  const api = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      got.push({ request, body })
      response.writeHead(201, { 'x-back': 'yes', 'set-cookie': ['a=1', 'b=2'], connection: 'keep-alive' })
      response.end(request.method === 'HEAD' ? undefined : 'x'.repeat(request.url === '/large' ? 3_000_000 : 3))
    })
  })
  api.on('connection', () => made++)
  const port = await portOf(api)
  const pool = new Pool({ authorities: [], keep: (socket) => void closing.push(() => socket.destroy()) })
  const cleared = { kind: 'cleared', addresses: ['127.0.0.1'], port, rule: '' } as const
  const answer = async ({ request, response, host }: Intercepted): Promise<void> => {
    const upstream = async (mostIdle: number) => pool.take({ cleared, host, isSecure: false }, mostIdle)
    const headers = { ...headersOf(request), host } as OutgoingHttpHeaders
    await forward(request, response, { path: request.url ?? '', headers, upstream })
  }
  const authority = await createAuthority(['a.example'], Date.now)
  const take = createInterceptor({ authority, answer, untrusted: ({ host }) => void distrusted.push(host) })
  const own = await portOf(listen((client) => void take(client, to)))
  const open = async (protocols: readonly string[], ca = [authority.certificate]): Promise<TLSSocket> => {
    const socket = connect(own, '127.0.0.1')
    const secure = connectTls({
      socket,
      servername: 'a.example',
      ca,
      ALPNProtocols: [...protocols],
    })
    secure.on('error', () => undefined)
    closing.push(() => secure.destroy())
    await once(secure, 'secureConnect')
    return secure
  }
  const session = async (): Promise<ClientHttp2Session> => {
    const secure = await open(['h2', 'http/1.1'])
    const made = connectHttp2('https://a.example', { createConnection: () => secure })
    made.on('error', () => undefined)
    closing.push(() => made.destroy())
    return made
  }
  return { got, made: () => made, own, open, session, distrusted }
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) {
  const stream = session.request(headers, { endStream: body === undefined })
  let [status, text] = [0, '']
  let answered: Record<string, unknown> = {}
  stream.on('response', (each) => {
    answered = each
    status = each[':status'] ?? 0
  })
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  if (body !== undefined) stream.end(body)
  await once(stream, 'close').catch(() => undefined)
  return { status, text, answered, code: stream.rstCode }
}

describe('HTTP/2 in a tunnel that is looked into', () => {
  it('is spoken with who can, and HTTP/1.1 with who cannot', async () => {
    const { open } = await tunnel()
    expect((await open(['h2', 'http/1.1'])).alpnProtocol).toBe('h2')
    expect((await open(['http/1.1'])).alpnProtocol).toBe('http/1.1')
    expect((await open([])).alpnProtocol).toBe(false)
  })

  it('streams are requests like others: headers, bodies and answers go on, over few connections', async () => {
    const { got, made, session } = await tunnel()
    const client = await session()
    expect(
      await ask(client, { ':path': '/a?b=c', 'x-own': '1', cookie: ['a=1', 'b=2'], te: 'trailers' }),
    ).toMatchObject({
      ...{ status: 201, text: 'xxx', answered: { 'x-back': 'yes', 'set-cookie': ['a=1', 'b=2'] } },
    })
    const { request } = got[0] ?? {}
    expect(request).toMatchObject({ method: 'GET', url: '/a?b=c' })
    expect(request?.headers).toMatchObject({ host: 'a.example', 'x-own': '1', cookie: 'a=1; b=2' })
    expect(Object.keys(request?.headers ?? {}).some((name) => name.startsWith(':') || name === 'te')).toBe(false)
    expect(await ask(client, { ':method': 'POST', ':path': '/b' }, 'a body without a length')).toMatchObject({
      status: 201,
    })
    expect(await ask(client, { ':method': 'PUT', ':path': '/b', 'content-length': '4' }, 'body')).toMatchObject({
      status: 201,
    })
    expect(await ask(client, { ':method': 'HEAD', ':path': '/b' })).toMatchObject({ status: 201, text: '' })
    expect(got.slice(1).map(({ body }) => body)).toEqual(['a body without a length', 'body', ''])
    expect((await ask(client, { ':path': '/large' })).text).toHaveLength(3_000_000)
    const many = await Promise.all(Array.from({ length: 40 }, async (_, n) => ask(client, { ':path': `/${n}` })))
    expect(many.every(({ status }) => status === 201)).toBe(true)
    const before = made()
    expect(await ask(client, { ':path': '/again' })).toMatchObject({ status: 201 })
    expect(made()).toBe(before)
  })

  it.each([
    ['another host', { ':authority': 'evil.example' }, 421],
    ['another port', { ':authority': 'a.example:8443' }, 421],
    ['a name in it', { ':authority': 'x@a.example' }, 421],
    ['another path form', { ':path': 'https://evil.example/' }, 0],
    ['two hosts', { ':authority': 'a.example', host: 'evil.example' }, 0],
    ['a host without an authority', { host: 'a.example' }, 0],
    ['another scheme', { ':scheme': 'http' }, 0],
    ['a tunnel in the tunnel', { ':method': 'CONNECT', ':authority': 'a.example:443' }, 405],
  ])('T-116, T-118: %s is refused', async (_what, headers, status) => {
    const { got, session } = await tunnel()
    const client = await session()
    const { ':method': method } = headers as OutgoingHttpHeaders
    const path = method === 'CONNECT' ? {} : { ':path': '/' }
    expect(await ask(client, { ...path, ...headers })).toMatchObject({ status })
    expect(got).toHaveLength(0)
  })

  it('T-144: who opens streams and takes them back again and again is cut', async () => {
    const { got, session } = await tunnel()
    const client = await session()
    const closed = new Promise((resolve) => client.once('close', resolve))
    const reset = (): void => {
      for (let n = 0; n < 50 && !client.destroyed && !client.closed; n++) {
        const stream = client.request({ ':path': '/' })
        stream.on('error', () => undefined)
        stream.close(8)
      }
      if (!client.destroyed && !client.closed) setTimeout(reset, 5)
    }
    reset()
    await closed
    expect(got.length).toBeLessThan(1_500)
  }, 30_000)
})

describe('a client that does not trust who answers', () => {
  it('of Node is told of: it hangs up in the handshake', async () => {
    const { open, distrusted } = await tunnel()
    await expect(open(['h2', 'http/1.1'], [])).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    await expect.poll(() => distrusted).toEqual(['a.example'])
  })

  it('that says so in an alert is told of', async () => {
    const { own, distrusted } = await tunnel()
    const words = ['s_client', '-connect', `127.0.0.1:${own}`, '-servername', 'a.example', '-verify_return_error']
    spawn('openssl', words, { stdio: 'ignore' })
    await expect.poll(() => distrusted, { timeout: 10_000 }).toEqual(['a.example'])
  })

  it.each([
    ['that talks', async (secure: TLSSocket) => void secure.write('GET / HTTP/1.1\r\nhost: a.example\r\n\r\n')],
    ['that waits before it goes', async () => new Promise((resolve) => setTimeout(resolve, 1_200))],
  ])('and one %s is not', async (_what, act) => {
    const { open, distrusted } = await tunnel()
    const secure = await open(['http/1.1'])
    await act(secure)
    await new Promise((resolve) => setTimeout(resolve, 200))
    secure.destroy()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(distrusted).toEqual([])
  })
})
