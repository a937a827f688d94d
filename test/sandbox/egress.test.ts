import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { confinedGateway, confinedGround, type Ground } from './confined.ts'
import { callers, hasSandbox, start, workspaceOf, type Ran } from './machine.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A server on the host's loopback. @returns its port */
async function listening(server: Server): Promise<number> {
  open.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
const web = (answer: RequestListener): Promise<number> => listening(createHttpServer(answer))

describe.skipIf(!hasSandbox).each(callers)('the way out of a sandbox, as $name', (caller) => {
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)

  /** Not `spawnSync`: servers of this process are reached. */
  async function exec(allow: readonly string[], command: readonly string[]): Promise<Ran> {
    const flags = allow.length === 0 ? [] : ['--allow', allow.join(',')]
    const child = start(caller, home, ['sandbox', 'exec', '--workspace', path, ...flags, '--', ...command])
    let [out, err] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err }
  }

  it('AC-6.5.2, E-66: a listed host is reached through the proxy and no other; nothing is reached past it', async () => {
    const port = await web((_, response) => response.end('from-the-host'))
    const other = await web((_, response) => response.end('other'))
    const listed = await exec([`127.0.0.1:${port}`], ['curl', '-sSp', '-m', '5', `http://127.0.0.1:${port}/`])
    expect(listed).toEqual({ code: 0, out: 'from-the-host', err: '' })
    const unlisted = await exec([`127.0.0.1:${port}`], ['curl', '-sp', '-m', '5', `http://127.0.0.1:${other}/`])
    expect(unlisted.code).toBe(56)
    expect(unlisted.err).toBe(`sallyport: egress to "127.0.0.1:${other}" refused: not_allowlisted.\n`)
    const past = await exec(
      [`127.0.0.1:${port}`],
      ['curl', '-s', '--noproxy', '*', '-m', '5', `http://127.0.0.1:${port}/`],
    )
    expect({ code: past.code, out: past.out }).toEqual({ code: 7, out: '' })
  })

  it('AC-6.5.1: without hosts there is no proxy', async () => {
    const { out } = await exec([], ['sh', '-c', 'env | grep -ci proxy; exec 3<>/dev/tcp/127.0.0.1/3128'])
    expect(out).toBe('0\n')
    expect((await exec([], ['bash', '-c', ': 3<>/dev/tcp/127.0.0.1/3128'])).code).not.toBe(0)
  })

  it('HB-67: names are resolved outside, and no name leads inward', async () => {
    const port = await web((_, response) => response.end('inner'))
    const { code, err } = await exec(
      [`localhost:${port}`, `nothing.invalid:${port}`, '169.254.169.254:80'],
      [
        'sh',
        '-c',
        `for h in localhost:${port} nothing.invalid:${port} 169.254.169.254:80; do curl -sp -m 9 http://$h/; done`,
      ],
    )
    expect(code).toBe(56)
    for (const reason of ['ip_loopback', 'dns_failed', 'ip_metadata']) expect(err).toContain(`refused: ${reason}`)
    expect((await exec(['a.example'], ['getent', 'hosts', 'a.example'])).code).not.toBe(0)
  })

  it('T-116: what only looks like a target is refused; other methods and junk get nowhere', async () => {
    const port = await web((_, response) => response.end('inner'))
    const ask = (line: string): string =>
      `exec 3<>/dev/tcp/127.0.0.1/3128; printf '${line}\\r\\n\\r\\n' >&3; head -1 <&3 | tr -d '\\r'; exec 3<&-`
    const lines = [
      `CONNECT a@127.0.0.1:${port} HTTP/1.1`,
      `CONNECT http://127.0.0.1:${port} HTTP/1.1`,
      `CONNECT 127.0.0.1 HTTP/1.1\\r\\nHost: 127.0.0.1:${port}`,
      `CONNECT 0x7f.1:${port} HTTP/1.1`,
      `GET http://127.0.0.1:1/ HTTP/1.1\\r\\nHost: 127.0.0.1:${port}`,
      `GET / HTTP/1.1\\r\\nHost: 127.0.0.1:${port}`,
      `GET http://a@127.0.0.1:${port}/ HTTP/1.1\\r\\nHost: 127.0.0.1:${port}`,
      `GET https://127.0.0.1:${port}/ HTTP/1.1\\r\\nHost: 127.0.0.1:${port}`,
    ]
    const { out } = await exec([`127.0.0.1:${port}`], ['bash', '-c', [...lines.map(ask), 'true'].join('; ')])
    expect(out.trim().split('\n')).toEqual(lines.map(() => 'HTTP/1.1 403 Forbidden'))
  })

  it('T-118: a plain request is handed on to the host that was judged, without what belongs to the connection', async () => {
    const port = await web((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const { host, 'x-own': own, 'x-hop': hop, 'proxy-authorization': secret } = request.headers
        response.writeHead(201, { 'x-back': 'yes', connection: 'x-gone', 'x-gone': '1' })
        response.end(JSON.stringify({ url: request.url, method: request.method, host, own, hop, secret, body }))
      })
    })
    const headers = ['x-own: 1', 'x-hop: 1', 'connection: x-hop', 'host: other.example', 'proxy-authorization: Basic x']
    const { out } = await exec(
      [`127.0.0.1:${port}`],
      [
        'curl',
        '-si',
        '-m',
        '5',
        ...headers.flatMap((each) => ['-H', each]),
        '-d',
        'some=body',
        `http://127.0.0.1:${port}/a?b=c`,
      ],
    )
    expect(out).toMatch(/^HTTP\/1\.1 201 .*x-back: yes/s)
    expect(out).not.toContain('x-gone')
    expect(JSON.parse(out.slice(out.lastIndexOf('{')))).toEqual({
      ...{ url: '/a?b=c', method: 'POST', host: `127.0.0.1:${port}`, own: '1', body: 'some=body' },
    })
  })

  it('T-144: a body that stops, an answer that breaks and junk end their connection and nothing else', async () => {
    const broken = await listening(
      createServer((socket) => {
        socket.on('error', () => 0)
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'))
      }),
    )
    const reset = await listening(
      createServer((socket) => {
        socket.on('error', () => 0)
        socket.once('data', () => socket.resetAndDestroy())
      }),
    )
    const fine = await web((_, response) => response.end('still-there'))
    const send = (text: string): string => `exec 3<>/dev/tcp/127.0.0.1/3128; printf '${text}' >&3; sleep 0.2; exec 3>&-`
    const post = (port: number): string =>
      send(`POST http://127.0.0.1:${port}/ HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 100\\r\\n\\r\\nx`)
    const script = [
      post(fine),
      post(reset),
      send(`GET http://127.0.0.1:${broken}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n`),
      send('junk'),
    ]
    const last = `curl -s -m 5 http://127.0.0.1:${fine}/`
    const { out, code } = await exec(
      [fine, reset, broken].map((port) => `127.0.0.1:${port}`),
      ['bash', '-c', [...script, last].join('; ')],
    )
    expect({ out, code }).toEqual({ out: 'still-there', code: 0 })
  })

  it('T-118: what says where a message ends is handed on, whatever `connection` names', async () => {
    const port = await listening(
      createServer((socket) => {
        let seen = ''
        socket.on('error', () => 0)
        socket.on('data', (chunk: Buffer) => {
          seen += chunk.toString()
          if (seen.includes('GET /second'))
            socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${seen.length}\r\n\r\n${seen}`)
        })
      }),
    )
    const inner = 'GET /second HTTP/1.1\\r\\nHost: other\\r\\n\\r\\n'
    const ask = `exec 3<>/dev/tcp/127.0.0.1/3128; printf 'POST http://127.0.0.1:${port}/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: content-length, close\\r\\nContent-Length: 38\\r\\n\\r\\n${inner}' >&3; cat <&3`
    const { out } = await exec([`127.0.0.1:${port}`], ['timeout', '5', 'bash', '-c', ask])
    expect(out.toLowerCase()).toContain('content-length: 38')
  })

  it('a tunnel carries megabytes both ways, ends with either side, and with the sandbox', async () => {
    const port = await listening(
      createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => 0).pipe(socket)),
    )
    const echo = `
import socket, threading, hashlib
s = socket.create_connection(("127.0.0.1", 3128)); s.sendall(b"CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\n\\r\\nearly")
head = b""
while not head.endswith(b"\\r\\n\\r\\n"): head += s.recv(1)
data = bytes(range(256)) * 40000
threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
got = b""
while True:
    part = s.recv(65536)
    if not part: break
    got += part
print(head.split()[1].decode(), got == b"early" + data)`
    expect((await exec([`127.0.0.1:${port}`], ['python3', '-c', echo])).out).toBe('200 True\n')
    const before = new Set<unknown>()
    const held = await listening(createServer((socket) => void before.add(socket.on('error', () => 0).resume())))
    const leave = `exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT 127.0.0.1:${held} HTTP/1.1\\r\\n\\r\\n' >&3; head -1 <&3`
    expect((await exec([`127.0.0.1:${held}`], ['bash', '-c', `(sleep 60 <&3) & ${leave}`])).out).toContain('200')
    expect(before.size).toBe(1)
    for (const socket of before) await expect.poll(() => (socket as { destroyed: boolean }).destroyed).toBe(true)
  })

  it('AC-6.5.4: hosts that are none do not start anything', async () => {
    for (const bad of ['*', 'http://a.example', 'a.example:0', 'a b']) {
      const ran = await exec([bad], ['true'])
      expect(ran.code).toBe(125)
      expect(ran.err).toContain('SP_SANDBOX_PROFILE')
    }
  })

  it('ordinary work: `npm ci` with the registry on the list, and one clear line without it', async () => {
    const registry = await fakeRegistry()
    writeFileSync(join(path, 'ca.pem'), registry.certificate)
    writeFileSync(join(path, '.npmrc'), `registry=${registry.url}\ncafile=${join(path, 'ca.pem')}\nfetch-retries=0\n`)
    const dependencies = { tiny: '1.0.0' }
    writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'work', version: '1.0.0', dependencies }))
    const tiny = { version: '1.0.0', resolved: `${registry.url}tiny.tgz`, integrity: registry.integrity }
    const lock = { '': { name: 'work', version: '1.0.0', dependencies }, 'node_modules/tiny': tiny }
    writeFileSync(
      join(path, 'package-lock.json'),
      JSON.stringify({ name: 'work', version: '1.0.0', lockfileVersion: 3, requires: true, packages: lock }),
    )
    // some place by the name of the loopback is outside: else programs mean their own
    const refused = await exec(['127.0.0.1:9'], ['npm', 'ci', '--no-audit', '--no-fund'])
    expect(refused.code).not.toBe(0)
    expect(refused.err.match(/^sallyport: .*$/gm)).toEqual([
      `sallyport: egress to "127.0.0.1:${registry.port}" refused: not_allowlisted.`,
    ])
    const done = await exec([`127.0.0.1:${registry.port}`], ['npm', 'ci', '--no-audit', '--no-fund'])
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' })
    expect(readFileSync(join(path, 'node_modules/tiny/index.js'), 'utf8')).toBe('module.exports = 1\n')
  }, 60_000)
})

/** One package behind TLS, with a certificate that nobody trusts by itself. */
async function fakeRegistry() {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-registry-'))
  const [key, certificate] = [join(place, 'key.pem'), join(place, 'cert.pem')]
  const subject = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat(
      ['-keyout', key, '-out', certificate],
      subject,
    ),
    { stdio: 'ignore' },
  )
  mkdirSync(join(place, 'package'))
  writeFileSync(join(place, 'package/package.json'), JSON.stringify({ name: 'tiny', version: '1.0.0' }))
  writeFileSync(join(place, 'package/index.js'), 'module.exports = 1\n')
  execFileSync('tar', ['-czf', join(place, 'tiny.tgz'), '-C', place, 'package'])
  const tarball = readFileSync(join(place, 'tiny.tgz'))
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    if (request.url === '/tiny.tgz') response.end(tarball)
    else response.writeHead(404).end()
  })
  const port = await listening(server)
  const pem = readFileSync(certificate, 'utf8')
  rmSync(place, { recursive: true })
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  return { port, url: `https://127.0.0.1:${port}/`, certificate: pem, integrity }
}

describe.skipIf(!hasSandbox)('the way out of what a gateway starts', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await confinedGround()
  })
  afterAll(() => ground.remove())

  it('AC-6.5.2, AC-6.5.3: each attempt is in the log with its sandbox, its target and its time; then it is answered', async () => {
    const port = await web((_, response) => response.end('from-the-host'))
    const { gateway, sp } = await confinedGateway(
      ground,
      `  shell:\n    commands: { run: {} }\n    cwd: ${ground.work}\n    sandbox: { network: allowlist, allowedHosts: ["127.0.0.1:${port}"] }\n`,
    )
    try {
      const line = `curl -sp -m 5 http://127.0.0.1:${port}/; curl -sp -m 5 https://exfiltrate.example/`
      const result = await sp.call('shell.run', { command: line })
      expect(JSON.stringify(result)).toContain('from-the-host')
      const records = await gateway.store.readLog({ limit: 1_000 })
      const egress = records
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
        .filter(({ kind }) => kind === 'egress')
      expect(egress).toMatchObject([
        { sandbox: 'shell', target: `127.0.0.1:${port}`, verdict: 'allowed', rule: `127.0.0.1:${port}` },
        { sandbox: 'shell', target: 'exfiltrate.example:443', verdict: 'refused', reason: 'not_allowlisted' },
      ])
      for (const { timestamp } of egress) expect(Date.parse(String(timestamp))).toBeGreaterThan(Date.now() - 60_000)
    } finally {
      await gateway.close()
    }
  })

  it('E-65, AC-6.5.3: with an empty list nothing is reached, and each attempt is seen with its destination', async () => {
    const ground = await confinedGround()
    const profile = '{ network: allowlist }'
    const { gateway, sp } = await confinedGateway(ground, `  quiet: { commands: { run: {} }, sandbox: ${profile} }\n`)
    try {
      await sp.call('quiet.run', { command: 'curl -s -m 5 https://one.example/; curl -s -m 5 http://two.example/x' })
      const records = (await gateway.store.readLog({ limit: 1_000 })).map(
        ({ body }) => JSON.parse(body) as Record<string, unknown>,
      )
      expect(records.filter(({ kind }) => kind === 'egress')).toMatchObject([
        { sandbox: 'quiet', target: 'one.example:443', verdict: 'refused' },
        { sandbox: 'quiet', target: 'http://two.example/x', verdict: 'refused' },
      ])
    } finally {
      await sp.close()
      await gateway.close()
      await ground.remove()
    }
  })
})
