import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificate, Servers, webStage, type WebStage } from './stage.ts'
import { judge } from '../setup/loopback.ts'

const servers = new Servers()
const folder = mkdtempSync(join(tmpdir(), 'sallyport-web-'))
const hits: { readonly url: string; readonly headers: Record<string, unknown>; readonly method: string }[] = []
let files: { readonly key: string; readonly cert: string }
let plain = 0
let secure = 0
let other = 0
let inner = 0

/** What the servers answer, by path. `{…}` stand for ports. */
const REDIRECTS: Readonly<Record<string, string>> = {
  '/to-metadata': 'http://169.254.169.254/latest/meta-data/',
  '/to-metadata-name': 'http://metadata.google.internal/computeMetadata/v1/',
  '/to-inner': 'http://127.0.0.1:{inner}/secret',
  '/to-inner-name': 'http://inner.test:{inner}/secret',
  '/to-mapped': 'http://[::ffff:127.0.0.1]:{inner}/secret',
  '/to-decimal': 'http://2130706433:{inner}/secret',
  '/to-octal': 'http://0177.0.0.1:{inner}/secret',
  '/to-userinfo': 'http://page.test:{plain}@evil.test/',
  '/to-backslash': 'http://evil.test\\@page.test:{plain}/',
  '/to-file': 'file:///etc/passwd',
  '/to-gopher': 'gopher://page.test:70/_x',
  '/to-data': 'data:text/html,hello',
  '/to-other': 'http://other.test:{other}/seen?from=page',
  '/to-nowhere': 'http://stranger.test/',
  '/to-relative': 'deeper/../end',
  '/to-plain': 'http://page.test:{plain}/end',
  '/to-empty': '',
  '/loop': '/loop',
}
const answer: RequestListener = (request, response) => {
  const { url = '', headers, method = '' } = request
  hits.push({ url, headers, method })
  const target = REDIRECTS[url]
  if (target !== undefined) {
    const location = target
      .replace('{inner}', String(inner))
      .replace('{plain}', String(plain))
      .replace('{other}', String(other))
    response.writeHead(302, { location, 'set-cookie': 'session=1; Path=/' }).end()
    return
  }
  const hop = /^\/chain\/(\d+)$/.exec(url)?.[1]
  if (hop !== undefined && hop !== '0') response.writeHead(302, { location: `/chain/${Number(hop) - 1}` }).end()
  else response.writeHead(200, { 'content-type': 'text/plain' }).end(`here: ${url}`)
}

const NAMES = {
  'page.test': [['127.0.0.1']],
  'other.test': [['127.0.0.1']],
  'inner.test': [['127.0.0.1']],
  'public.test': [['203.0.113.7']],
  'mixed.test': [['93.184.216.34', '10.0.0.1']],
  'rebinding.test': [['93.184.216.34'], ['127.0.0.1']],
}
beforeAll(async () => {
  files = certificate(folder, ['page.test', '127.0.0.1'])
  plain = await servers.http(answer)
  other = await servers.http(answer)
  inner = await servers.http((request, response) => {
    hits.push({ url: `inner ${request.url}`, headers: request.headers, method: request.method ?? '' })
    response.end('the secret of the intranet')
  })
  secure = await servers.https(answer, files)
})
afterAll(() => {
  servers.close()
  rmSync(folder, { recursive: true, force: true })
})

const open = (more: readonly string[] = [], limits: Record<string, unknown> = {}): WebStage => {
  const hosts = ['page.test:*', 'other.test:*', 'mixed.test:*', 'public.test:*', 'rebinding.test:*', ...more]
  const fetching = { hosts, ...limits } as never
  return webStage(
    { web_fetch: fetching, http: { ...(fetching as object), methods: ['GET', 'POST'] } as never },
    NAMES,
    {
      inside: ['page.test:*', 'other.test:*'],
      authorities: [readFileSync(files.cert, 'utf8')],
    },
  )
}
const fetching = async (url: string, how = open()): Promise<{ outcome: string; said: string; inner: number }> => {
  const before = hits.length
  const { result, code, said } = await how.run('web_fetch', { url })
  return {
    outcome: code ?? `${result?.structuredContent.status} ${result?.content[0]?.text}`,
    said: said ?? '',
    inner: hits.slice(before).filter((hit) => hit.url.startsWith('inner')).length,
  }
}

describe('HB-70 HB-72 T-070: redirects are decided anew, hop by hop', () => {
  test.each([
    ['/to-metadata', 'not_allowlisted'],
    ['/to-metadata-name', 'not_allowlisted'],
    ['/to-inner', 'not_allowlisted'],
    ['/to-inner-name', 'not_allowlisted'],
    ['/to-mapped', 'not_allowlisted'],
    ['/to-decimal', 'malformed'],
    ['/to-octal', 'malformed'],
    ['/to-userinfo', 'userinfo'],
    ['/to-backslash', 'malformed'],
    ['/to-file', 'scheme'],
    ['/to-gopher', 'scheme'],
    ['/to-data', 'scheme'],
    ['/to-nowhere', 'not_allowlisted'],
  ])('%s is refused: %s', async (path, reason) => {
    expect(await fetching(`http://page.test:${plain}${path}`)).toMatchObject({
      outcome: `SP_EGRESS_REFUSED ${reason}`,
      inner: 0,
    })
  })

  test('a host that is listed, and leads inside, is refused as well', async () => {
    const how = open(['inner.test:*', '*.google.internal:*', '169.254.169.254:*'])
    for (const [path, reason] of [
      ['/to-inner-name', 'ip_loopback'],
      ['/to-metadata-name', 'ip_metadata'],
      ['/to-metadata', 'ip_metadata'],
    ])
      expect(await fetching(`http://page.test:${plain}${path}`, how)).toMatchObject({
        outcome: `SP_EGRESS_REFUSED ${reason}`,
        inner: 0,
      })
    expect(how.attempts.filter(({ verdict }) => verdict === 'refused')).toHaveLength(3)
  })

  test('T-101: a refusal repeats nothing of where one leads', async () => {
    for (const path of ['/to-nowhere', '/to-inner-name', '/to-userinfo', '/to-data']) {
      const { said } = await fetching(`http://page.test:${plain}${path}`)
      expect(said).not.toMatch(/stranger|inner|evil|hello/)
    }
  })

  test('five are followed and no sixth, and a loop ends', async () => {
    expect((await fetching(`http://page.test:${plain}/chain/5`)).outcome).toBe('200 here: /chain/0')
    expect((await fetching(`http://page.test:${plain}/chain/6`)).outcome).toBe('SP_EGRESS_REFUSED redirects')
    const before = hits.length
    expect((await fetching(`http://page.test:${plain}/loop`)).outcome).toBe('SP_EGRESS_REFUSED redirects')
    expect(hits.length - before).toBe(6)
  })

  test('relative ones are followed, those to another origin tell it nothing', async () => {
    expect((await fetching(`http://page.test:${plain}/to-relative`)).outcome).toBe('200 here: /end')
    const how = open()
    const { result } = await how.run('web_fetch', { url: `http://page.test:${plain}/to-other` })
    expect(result?.structuredContent['hops']).toMatchObject([
      { host: 'page.test' },
      { host: 'other.test', status: 200 },
    ])
    const { headers } = hits.at(-1) ?? { headers: {} }
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
    expect(how.attempts.map(({ verdict, target }) => `${verdict} ${target}`)).toEqual([
      `allowed http://page.test:${plain}/to-other`,
      `allowed http://other.test:${other}/seen`,
    ])
  })

  test('none leads from HTTPS to HTTP', async () => {
    expect((await fetching(`https://page.test:${secure}/end`)).outcome).toBe('200 here: /end')
    expect((await fetching(`https://page.test:${secure}/to-plain`)).outcome).toBe('SP_EGRESS_REFUSED downgrade')
  })

  test('http follows none and says where it would lead', async () => {
    const { result } = await open().run('http', { url: `http://page.test:${plain}/to-inner` })
    expect(result?.structuredContent).toMatchObject({
      status: 302,
      headers: { location: `http://127.0.0.1:${inner}/secret` },
    })
    expect(JSON.stringify(result)).not.toContain('session=1')
    expect((await fetching(`http://page.test:${plain}/to-empty`)).inner).toBe(0)
  })
})

describe('HB-67 HB-68 HB-69 HB-71 E-77: what a URL leads to', () => {
  test.each([
    ['http://127.0.0.1:{inner}/', 'not_allowlisted'],
    ['http://[::1]:{inner}/', 'not_allowlisted'],
    ['http://[::ffff:7f00:1]:{inner}/', 'not_allowlisted'],
    ['http://0x7f.1:{inner}/', 'malformed'],
    ['http://017700000001:{inner}/', 'malformed'],
    ['http://127.1:{inner}/', 'malformed'],
    ['http://１２７.0.0.1:{inner}/', 'malformed'],
    ['http://page.test@127.0.0.1:{inner}/', 'userinfo'],
    ['http://page.test%2f@127.0.0.1:{inner}/', 'userinfo'],
    ['http://page.test\\.evil.test/', 'malformed'],
    ['http://page.test:99999/', 'port'],
    ['http:/page.test/', 'malformed'],
    ['//page.test/', 'malformed'],
    ['http://page.test /', 'malformed'],
    ['http://page.test/\r\nx: y', 'malformed'],
    ['ftp://page.test/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['http://public.test/', 'ip_special'],
    ['http://mixed.test/', 'dns_mixed'],
    ['http://unknown.page.test/', 'not_allowlisted'],
    ['http://page.test:{plain}/?api_key=ABCDEFGH', 'credential_foreign'],
  ])('%s is refused: %s', async (url, reason) => {
    const how = open()
    const asked = url.replace('{inner}', String(inner)).replace('{plain}', String(plain))
    const refused = await fetching(asked, how)
    expect(refused).toMatchObject({ outcome: `SP_EGRESS_REFUSED ${reason}`, inner: 0 })
    expect(how.attempts.at(-1)).toMatchObject({ verdict: 'refused' })
    // nothing says what a name resolved to (T-117)
    expect(refused.said).not.toMatch(/203\.0|10\.0\.0|93\.184/)
    if (reason === 'not_allowlisted') expect(how.asked).toEqual([])
  })

  test('a password in a URL is not in the log', async () => {
    const how = open()
    await fetching(`http://ana:hunter2@three@page.test:${plain}/`, how)
    expect(how.attempts).toMatchObject([{ target: `http://page.test:${plain}/`, reason: 'userinfo' }])
  })

  test('T-117: a name is asked once for each connection, and what it said is judged each time', async () => {
    const how = open([], { time: '1s' })
    // the first answer is a public address where nothing of ours answers; the second one would lead inside
    const first = await how.run('web_fetch', { url: `http://rebinding.test:${inner}/` })
    expect(first.code).not.toBe('SP_EGRESS_REFUSED ip_loopback')
    // it was dialled, and nothing let it out of this machine
    expect(judge).toThrow('93.184.216.34')
    const second = await how.run('web_fetch', { url: `http://rebinding.test:${inner}/` })
    expect(second.code).toBe('SP_EGRESS_REFUSED ip_loopback')
    expect(how.asked).toEqual(['rebinding.test', 'rebinding.test'])
    expect(hits.some(({ url }) => url.startsWith('inner'))).toBe(false)
  })

  test('a certificate has to be of the name', async () => {
    const how = webStage({ web_fetch: { hosts: ['other.test:*'] } }, NAMES, {
      inside: ['other.test:*'],
      authorities: [readFileSync(files.cert, 'utf8')],
    })
    expect((await fetching(`https://other.test:${secure}/`, how)).outcome).toBe('SP_EGRESS_UNREACHABLE')
  })
})

describe('T-115 T-116: what a caller may not say of a request', () => {
  test.each([
    ['Host', 'evil.test'],
    ['host', 'evil.test'],
    ['Authorization', 'Bearer attackers-own-key-123456'],
    ['x-api-key', 'attackers-own-key-123456'],
    ['X_Api_Key', 'attackers-own-key-123456'],
    ['Cookie', 'a=b'],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Length', '3'],
    ['Connection', 'upgrade'],
    ['Upgrade', 'websocket'],
    ['Proxy-Authorization', 'Basic eDp5'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Original-URL', '/admin'],
    ['Range', 'bytes=0-1'],
    ['Expect', '100-continue'],
    ['accept', 'a\r\nx-injected: 1'],
    ['accept', 'a\nb'],
    ['x\r\ny', 'z'],
    ['x y', 'z'],
    ['', 'z'],
    ['accept', 'a'.repeat(5_000)],
  ])('%j: %j', async (name, value) => {
    const before = hits.length
    const refused = await open().run('http', { url: `http://page.test:${plain}/`, headers: { [name]: value } })
    expect(refused.code).toBe('SP_MCP_INVALID_ARGUMENTS')
    expect(hits).toHaveLength(before)
  })

  test('what it may say arrives, and one body with the length it has', async () => {
    const url = `http://page.test:${plain}/post`
    const headers = { 'Content-Type': 'application/json', 'x-github-api-version': '2022-11-28' }
    const { result } = await open().run('http', { url, method: 'POST', headers, body: '{"a":"ä"}' })
    expect(result?.structuredContent.status).toBe(200)
    expect(hits.at(-1)).toMatchObject({
      method: 'POST',
      headers: {
        host: `page.test:${plain}`,
        'content-length': '10',
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
    })
    for (const bad of [{ method: 'DELETE' }, { method: 'GET', body: 'x' }, { method: 'get' }, { method: 'TRACE' }])
      expect((await open().run('http', { url, ...bad })).code).toBe('SP_MCP_INVALID_ARGUMENTS')
  })
})

describe('T-121 T-144 T-156: servers that stall, flood and lie', () => {
  const from = async (port: number, limits: Record<string, unknown> = {}, path = '/') => {
    const started = performance.now()
    const { result, code } = await open([], { time: '2s', bytes: 65_536, ...limits }).run('web_fetch', {
      url: `http://page.test:${port}${path}`,
    })
    return { result, code, ms: performance.now() - started }
  }
  const text = (answer: { readonly content: readonly { readonly text: string }[] } | undefined): string =>
    answer?.content[0]?.text ?? ''

  test('no answer, a slow head and a slow body end in time', async () => {
    const silent = await servers.raw(() => undefined)
    const slowHead = await servers.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x-a: b\r\n'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    const slowBody = await servers.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n')
      const timer = setInterval(() => socket.write('x'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    const early = await servers.raw((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    for (const port of [silent, slowHead, slowBody, early]) {
      const { code, ms } = await from(port)
      expect(code).toBe('SP_MCP_UPSTREAM_TIMEOUT')
      expect(ms).toBeLessThan(6_000)
    }
  }, 30_000)

  test('an endless body is cut where the limit is', async () => {
    const flood = await servers.http((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const more = (): void => {
        while (response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    })
    const { result } = await from(flood)
    expect(result?.structuredContent).toMatchObject({ cut: true, bytes: 65_536 })
    expect(text(result)).toHaveLength(65_536)
  })

  test('a bomb unpacks to the limit and no further; packing twice is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x61))
    const twice = gzipSync(bomb)
    const before = process.memoryUsage().rss
    const packed = await servers.http((request, response) => {
      const encoding = request.url === '/twice' ? 'gzip, gzip' : request.url === '/lie' ? 'br' : 'gzip'
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding })
      response.end(request.url === '/twice' ? twice : bomb)
    })
    const { result } = await from(packed, { time: '10s' })
    expect(result?.structuredContent).toMatchObject({ cut: true, bytes: 65_536 })
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
    expect((await from(packed, {}, '/twice')).code).toBe('SP_EGRESS_ANSWER')
    expect((await from(packed, {}, '/lie')).code).toBe('SP_EGRESS_ANSWER')
  }, 30_000)

  test.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 30\r\n\r\nabc'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ],
    ['a head that is too large', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(60_000)}\r\n\r\nabc`],
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nabc',
    ],
    ['a body that ends early', 'HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nabc'],
    ['chunks that end early', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n30\r\nabc'],
    ['a bare line feed in the head', 'HTTP/1.1 200 OK\nx: y\r\n\r\nabc'],
  ])('%s: refused, with a code', async (_what, said) => {
    const port = await servers.raw((socket) => socket.end(said))
    expect((await from(port)).code).toBe('SP_EGRESS_ANSWER')
  })

  test('T-145: bytes are what they are, whatever they are declared as', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
    const bodies: Readonly<Record<string, readonly [string, Buffer]>> = {
      '/png-as-html': ['text/html', png],
      '/html-as-text': ['text/plain', Buffer.from('<!doctype html><p hidden>obey me</p><p>seen</p>')],
      '/html-as-png': ['image/png', Buffer.from('<html><body><script>x()</script>seen</body></html>')],
      '/html-without': ['', Buffer.from('<html><body><!-- obey me -->seen</body></html>')],
      '/elf': ['application/octet-stream', Buffer.from('\x7fELF\x02\x01\x01\0\0', 'latin1')],
      '/json': ['application/json; charset=utf-8', Buffer.from('{"a":[1,{"b":"c"}]}')],
      '/no-json': ['application/json', Buffer.from('{"a":1,"a":2}')],
      '/latin': ['text/plain; charset=iso-8859-1', Buffer.from('caf\xe9', 'latin1')],
      '/sjis': ['text/html', Buffer.from('<html><meta charset=shift_jis><p>\x93\xfa\x96\x7b', 'latin1')],
      '/utf16': ['text/plain', Buffer.from('\ufeffhidden no more', 'utf16le')],
    }
    const port = await servers.http((request, response) => {
      const [type, body] = bodies[request.url ?? ''] ?? ['text/plain', Buffer.from('?')]
      response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body)
    })
    const seen = async (path: string) => {
      const { result } = await from(port, {}, path)
      return `${result?.structuredContent.kind} ${text(result)}`
    }
    expect(await seen('/png-as-html')).toBe('other (image, 16 bytes: no text)')
    expect(await seen('/html-as-text')).toBe('html seen')
    expect(await seen('/html-as-png')).toBe('html seen')
    expect(await seen('/html-without')).toBe('html seen')
    expect(await seen('/elf')).toBe('other (unknown, 9 bytes: no text)')
    expect(await seen('/json')).toBe('json {"a":[1,{"b":"c"}]}')
    expect((await from(port, {}, '/json')).result?.structuredContent['json']).toEqual({ a: [1, { b: 'c' }] })
    expect(await seen('/no-json')).toBe('text {"a":1,"a":2}')
    expect(await seen('/latin')).toBe('text café')
    expect(await seen('/sjis')).toBe('html 日本')
    expect(await seen('/utf16')).toBe('text hidden no more')
  })
})

describe('HB-72: nothing around it changes where it goes', () => {
  test('variables for proxies are not followed', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : `http://127.0.0.1:${inner}`
    try {
      expect(await fetching(`http://page.test:${plain}/end`)).toMatchObject({ outcome: '200 here: /end', inner: 0 })
    } finally {
      for (const name of names) Reflect.deleteProperty(process.env, name)
    }
  })

  test('what is packed and empty is empty', async () => {
    const port = await servers.http((request, response) => {
      if (request.url === '/same') response.writeHead(304, { 'content-encoding': 'gzip' }).end()
      else response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '0' }).end()
    })
    const how = webStage({ http: { hosts: ['page.test:*'], methods: ['GET', 'HEAD'] } }, NAMES, {
      inside: ['page.test:*'],
    })
    for (const method of ['GET', 'HEAD']) {
      const { result } = await how.run('http', { url: `http://page.test:${port}/`, method })
      expect(result?.structuredContent).toMatchObject({ status: 200, bytes: 0, text: '' })
    }
    const same = await how.run('http', { url: `http://page.test:${port}/same`, headers: { 'if-none-match': '"a"' } })
    expect(same.result?.structuredContent).toMatchObject({ status: 304, bytes: 0 })
  })
})

describe('E-78: nothing goes out that was not written down before', () => {
  test('a log that fails refuses', async () => {
    const how = open()
    const before = hits.length
    Object.assign(how.attempts, {
      push: () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      },
    })
    expect((await how.run('web_fetch', { url: `http://page.test:${plain}/end` })).result).toBeUndefined()
    expect(hits).toHaveLength(before)
  })
})
