import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGateway, confinedGround, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const VALUE = 'sk-value+of/the=vault-0123456789'
interface Said {
  readonly exitCode: number
  readonly stdout: string
}
interface Got {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the API sends back, by the first segment of the path. */
const ANSWERS: Readonly<
  Record<string, (got: Got) => { readonly headers?: Record<string, string>; readonly body: Buffer }>
> = {
  echo: ({ headers, url }) => ({
    headers: {
      'x-seen': headers.authorization ?? '',
      location: `/?k=${encodeURIComponent(headers.authorization ?? '')}`,
    },
    body: Buffer.from(
      JSON.stringify({ url, headers, again: Buffer.from(headers.authorization ?? '').toString('base64') }),
    ),
  }),
  packed: ({ headers }) => ({
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(headers.authorization ?? ''),
  }),
  slow: () => ({ body: Buffer.alloc(0) }),
}

describe.skipIf(!hasSandbox)('credentials that are lent', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let api: Server
  const got: Got[] = []
  /** Heard on WebSockets. */
  let messages = 0

  beforeAll(async () => {
    ground = await confinedGround()
    const [key, cert] = [join(ground.path, 'key.pem'), join(ground.path, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    )
    api = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const one: Got = { method, url, headers, body: Buffer.concat(chunks).toString() }
        got.push(one)
        const kind = url.split('/')[2] ?? ''
        const answer = ANSWERS[kind]?.(one) ?? { body: Buffer.from('ok') }
        response.writeHead(200, answer.headers ?? {})
        if (kind === 'slow') response.write('begun\n')
        else response.end(answer.body)
      })
    })
    api.on('upgrade', ({ url = '', headers }: IncomingMessage, socket: Duplex) => {
      got.push({ method: 'GET', url, headers, body: '' })
      const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      socket.on('error', () => undefined)
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept.digest('base64')}\r\n\r\n`,
      )
      const said = Buffer.from(`you are ${headers.authorization}`)
      // a message in a frame of its own for every one that comes
      socket.on('data', () => {
        messages++
        socket.write(Buffer.concat([Buffer.from([0x81, said.length]), said]))
      })
    })
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    const { port } = api.address() as AddressInfo
    const sandbox = '{ extends: tool, network: allowlist, seccomp: network }'
    const line = (name: string, more = ''): string =>
      `  ${name}: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: ${sandbox}${more} }\n`
    ;({ gateway, sp } = await confinedGateway(
      ground,
      line('tool', `, env: { API_KEY: "\${lease:api}", API: "\${base:api}" }`) + line('other') + line('third'),
      `egress:
  authorities: [${cert}]
  limits: { requestsPerMinute: 60, burst: 30 }
credentials:
  api:
    category: write
    agents: ["server:tool", a]
    env: { API_KEY: lease, API: base }
    base: https://localhost:${port}/v1
    methods: [GET, POST]
    paths: ["/v1/echo/**", "/v1/packed/**", "/v1/slow/**"]
`,
    ))
    const vault = await gateway.credentials.vault()
    await vault.set('api', Buffer.from(VALUE), { type: 'api_key' }, 'test')
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    api.closeAllConnections()
    api.close()
    await ground.remove()
  })
  const run = async (command: string, tool = 'tool.line'): Promise<Said> => {
    // as a script: how it looks as a command line is not what is tried here
    writeFileSync(join(ground.work, 'do.sh'), command)
    const { structuredContent } = (await sp.call(tool, { command: 'bash do.sh' })) as unknown as {
      readonly structuredContent: Said
    }
    return structuredContent
  }
  const records = async (kind: string): Promise<readonly Record<string, unknown>[]> =>
    (await gateway.store.readLog({ kind, limit: 500 })).map(({ body }) => JSON.parse(body) as Record<string, unknown>)

  it('SYS-7, E-84, HB-87, HB-88, HB-90: a request goes out with the value, and nothing inside ever holds it', async () => {
    const { exitCode, stdout } = await run(
      'curl -sS -i -H "authorization: Bearer $API_KEY" -H "range: bytes=0-3" "$API/echo/a?x=1"; env; cat /proc/*/environ | tr "\\0" "\\n"',
    )
    expect(exitCode).toBe(0)
    const seen = got.at(-1)
    expect(seen).toMatchObject({ method: 'GET', url: '/v1/echo/a?x=1' })
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${VALUE}`, 'accept-encoding': 'identity' })
    expect(seen?.headers.range).toBeUndefined()
    expect(stdout).toContain('"url":"/v1/echo/a?x=1"')
    for (const form of [
      VALUE,
      encodeURIComponent(VALUE),
      Buffer.from(`Bearer ${VALUE}`).toString('base64').slice(12, 40),
    ])
      expect(stdout).not.toContain(form)
  })

  it('HB-91, AC-4.5.2: each use is on record with who, where and under which lease', async () => {
    await run('curl -sS -X POST -d hello "$API/echo/b"')
    expect(got.at(-1)?.body).toBe('hello')
    const used = (await records('credential')).at(-1)
    expect(used).toMatchObject({
      ...{ operation: 'use', success: true, credential: 'api', requestingIdentity: 'server:tool', method: 'POST' },
      ...{ path: '/v1/echo/b', version: '1' },
      leaseId: expect.any(String) as string,
      credentialHash: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
    })
    expect((await records('egress')).at(-1)).toMatchObject({ verdict: 'allowed', rule: 'credential api' })
  })

  it.each([
    ['another method', 'curl -sS -X DELETE "$API/echo/a"', 'credential_scope'],
    ['another path', 'curl -sS "$API/admin"', 'credential_scope'],
    ['a path that climbs', 'curl -sS --path-as-is "$API/echo/../admin"', 'credential_scope'],
    ['a key of its own in the query', 'curl -sS "$API/echo/a?api_key=mine"', 'credential_scope'],
    ['a credential that there is not', 'curl -sS "http://127.0.0.1:3128/sallyport/nobody/x"', 'credential_unknown'],
  ])('HB-93, T-115, T-125: %s is refused, and nothing goes out', async (_what, command, reason) => {
    const before = got.length
    const { stdout } = await run(command)
    expect(JSON.parse(stdout)).toMatchObject({ reason })
    expect(got).toHaveLength(before)
  })

  it('T-128, HB-54: what is lent to one server is not lent to another', async () => {
    const before = got.length
    const { stdout } = await run('curl -sS http://127.0.0.1:3128/sallyport/api/echo/a', 'other.line')
    expect(JSON.parse(stdout)).toMatchObject({ reason: 'credential_scope' })
    expect(got).toHaveLength(before)
    const violation = (await records('credential')).at(-1)
    expect(violation).toMatchObject({
      operation: 'scope_violation',
      success: false,
      requestingIdentity: 'server:other',
    })
  })

  it('T-115: what a client says of itself is taken out, whichever header it uses', async () => {
    await run(
      'curl -sS -H "x-api-key: mine" -H "cookie: sid=mine" -H "authorization: Basic bWluZQ==" -H "x-http-method-override: DELETE" "$API/echo/a"',
    )
    const { headers } = got.at(-1) ?? { headers: {} }
    expect(headers).toMatchObject({ authorization: `Bearer ${VALUE}` })
    expect(JSON.stringify(headers)).not.toMatch(/mine|bWluZQ|DELETE|evil/)
  })

  it('T-126: an answer that is packed, although it was asked not to be, does not go on', async () => {
    const { stdout } = await run('curl -sS "$API/packed/a" | od -An -c')
    expect(stdout).toContain('u n r e a c h a b l e'.replaceAll(' ', '   '))
  })

  it('T-128: when the right to it ends, what is on its way is cut within a second', async () => {
    const waiting = run('curl -sS -N --max-time 20 "$API/slow/a"; echo "ended $?"')
    await expect.poll(() => got.at(-1)?.url, { timeout: 10_000 }).toBe('/v1/slow/a')
    const since = performance.now()
    expect(gateway.credentials.broker.revoke(({ credential }) => credential === 'api')).toBeGreaterThan(0)
    const { stdout } = await waiting
    // the answer is cut off; where none had come yet, the refusal is the answer
    expect(stdout).toMatch(/^(?:ended (?:18|56|52)|\{"error":"[^"]+","reason":"credential_revoked"\}\s+ended 0)\s*$/)
    expect(stdout).not.toContain('begun')
    expect(performance.now() - since).toBeLessThan(3_000)
  }, 30_000)

  it('AC-4.1.2, AC-4.3.2: a value that was revoked is not lent any more', async () => {
    const vault = await gateway.credentials.vault()
    await vault.revoke('api', 'test', 'leaked')
    const before = got.length
    expect(JSON.parse((await run('curl -sS "$API/echo/a"')).stdout)).toMatchObject({ reason: 'credential_revoked' })
    expect(got).toHaveLength(before)
    await vault.set('api', Buffer.from(VALUE), { type: 'api_key' }, 'test')
    expect((await run('curl -sS "$API/echo/a"')).exitCode).toBe(0)
    expect(got).toHaveLength(before + 1)
  })

  it.each([
    ['curl', 'curl -sS "https://localhost:$PORT/v1/echo/c"'],
    [
      'python',
      `python3 -c 'import os, urllib.request as u; print(u.urlopen("https://localhost:" + os.environ["PORT"] + "/v1/echo/c").read().decode())'`,
    ],
  ])(
    'HB-87, E-87: what %s opens by itself to the host of a credential is looked into, and gets it',
    async (_who, command) => {
      const { stdout } = await run(`export PORT=${(api.address() as AddressInfo).port}; ${command}`)
      expect(JSON.parse(stdout)).toMatchObject({ url: '/v1/echo/c' })
      expect(got.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${VALUE}` })
      expect(stdout).not.toContain(VALUE)
    },
  )

  it('E-87: a program that knows no proxy uses the base URL', async () => {
    const { stdout } = await run(
      `node -e 'fetch(process.env.API + "/echo/d", { headers: { authorization: process.env.API_KEY } }).then(async (r) => console.log(await r.text()))'`,
    )
    expect(JSON.parse(stdout)).toMatchObject({ url: '/v1/echo/d' })
    expect(got.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${VALUE}` })
  })

  it.each([
    ['a path that is not the credential’s', 'curl -sS "https://localhost:$PORT/v1/admin"', 'credential_scope'],
    ['a key of its own', 'curl -sS "https://localhost:$PORT/v1/echo/c?token=mine"', 'credential_scope'],
  ])('T-115: in a tunnel, %s is refused', async (_what, command, reason) => {
    const before = got.length
    const { stdout } = await run(`PORT=${(api.address() as AddressInfo).port}; ${command}`)
    expect(JSON.parse(stdout)).toMatchObject({ reason })
    expect(got).toHaveLength(before)
  })

  it('T-116, T-118: one name for tunnel, handshake and request, and HTTP alone', async () => {
    const before = got.length
    const { port } = api.address() as AddressInfo
    const other = await run(
      `curl -sS -o /dev/null -w '%{http_code}' -H 'Host: evil.example' https://localhost:${port}/v1/echo/c`,
    )
    expect(other.stdout).toBe('421')
    const handshake = await run(
      `echo | openssl s_client -proxy 127.0.0.1:3128 -connect localhost:${port} -servername evil.example 2>&1 | grep -c 'BEGIN CERTIFICATE'; :`,
    )
    expect(handshake.stdout.trim()).toBe('0')
    const raw = await run(
      `printf 'SSH-2.0-x\\r\\n' | timeout 5 openssl s_client -quiet -proxy 127.0.0.1:3128 -connect localhost:${port} 2>/dev/null; :`,
    )
    expect(raw.stdout).not.toContain('SSH')
    expect(got).toHaveLength(before)
  })

  it('T-123: a client that trusts its own certificates alone leaves a record, and a line that says what to do', async () => {
    const { port } = api.address() as AddressInfo
    const target = `https://localhost:${port}`
    const pinned = `
const { connect } = require('node:net')
const tunnel = connect(3128, '127.0.0.1')
tunnel.write('CONNECT localhost:${port} HTTP/1.1\\r\\n\\r\\n')
tunnel.once('data', () => require('node:tls').connect({ socket: tunnel, servername: 'localhost', ca: [] })
  .on('error', ({ code }) => console.log(code)))`
    writeFileSync(join(ground.work, 'pinned.cjs'), pinned)
    expect((await run('node pinned.cjs')).stdout).toMatch(/SELF_SIGNED|UNABLE_TO/)
    await expect
      .poll(async () => (await records('egress')).filter(({ reason }) => reason === 'not_trusted'))
      .toMatchObject([{ target, verdict: 'refused' }])
    const alerts = (await records('alert')).filter(({ name }) => name === 'egress-not-trusted')
    expect(alerts).toMatchObject([{ message: expect.stringContaining(target) as string }])
    expect(JSON.stringify(alerts)).toContain('SSL_CERT_FILE')
  })

  it('HB-54, HB-90: an agent of `sallyport run` gets what is for it, by URL and by tunnel, and holds nothing', async () => {
    const { port } = api.address() as AddressInfo
    const look = `curl -sS "$API/echo/r"; curl -sS https://localhost:${port}/v1/echo/s; env; cat /proc/*/environ`
    const child = spawn(
      process.execPath,
      [
        ...[PROGRAM, 'run', '--state', join(ground.path, 'state'), '--agent', 'a', '--workspace', ground.work],
        ...['--', 'sh', '-c', look],
      ],
      { env: { PATH: process.env['PATH'] ?? '', HOME: ground.path }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(got.slice(-2).map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/echo/r', `Bearer ${VALUE}`],
      ['/v1/echo/s', `Bearer ${VALUE}`],
    ])
    expect(out).toContain('API_KEY=sallyport-lease-api')
    expect(out).not.toContain(VALUE)
  }, 30_000)

  /** Sends bytes to the way out as they are, and says what comes back. */
  const raw = (text: string, tool = 'tool.line'): Promise<Said> =>
    run(
      `python3 - <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", 3128)); s.settimeout(3)
s.sendall(${JSON.stringify(text)}.encode("latin1"))
out = b""
try:
    while True:
        part = s.recv(65536)
        if not part: break
        out += part
except OSError: pass
sys.stdout.write(out.decode("latin1"))
END`,
      tool,
    )

  it.each(['GET', 'POST'])(
    'T-118: what a %s with a body says behind its head is that body, and no other request',
    async (method) => {
      const inner = 'DELETE /v1/admin HTTP/1.1\r\nhost: localhost\r\n\r\n'
      const before = got.length
      const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`
      await raw(`${method} /sallyport/api/echo/a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`)
      expect(got.slice(before)).toMatchObject([{ method, url: '/v1/echo/a', body: inner }])
    },
  )

  it('T-144: what is sent behind a request on the same connection is not looked at', async () => {
    const before = got.length
    const one = 'GET /sallyport/api/echo/p HTTP/1.1\r\nhost: x\r\n\r\n'
    await raw(one.repeat(50))
    expect(got.length - before).toBeLessThanOrEqual(1)
  })

  it.each(['by tunnel', 'by URL'])(
    'HB-88, T-126, T-128: a WebSocket %s gets it, too, and ends with the right to it',
    async (way) => {
      const { port } = api.address() as AddressInfo
      const script = `
import os, socket, ssl
s = socket.create_connection(("127.0.0.1", 3128)); s.settimeout(20)
path = "/sallyport/api/echo/ws"
if ${way === 'by tunnel' ? 'True' : 'False'}:
    s.sendall(b"CONNECT localhost:${port} HTTP/1.1\\r\\n\\r\\n"); s.recv(4096)
    s = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"]).wrap_socket(s, server_hostname="localhost")
    path = "/v1/echo/ws"
s.sendall(("GET %s HTTP/1.1\\r\\nHost: localhost:${port}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\\r\\n\\r\\n" % path).encode())
out = b""
while b"\\r\\n\\r\\n" not in out: out += s.recv(4096)
s.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")
while b"you are" not in out: out += s.recv(4096)
print(out.decode("latin1"), flush=True)
s.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")
while s.recv(4096): pass
print("ended")`
      writeFileSync(join(ground.work, 'ws.py'), script)
      const before = messages
      const said = run('python3 ws.py 2>&1')
      await expect.poll(() => messages, { timeout: 15_000 }).toBe(before + 2)
      const since = performance.now()
      expect(gateway.credentials.broker.revoke(({ credential }) => credential === 'api')).toBeGreaterThan(0)
      const { stdout } = await said
      expect(performance.now() - since).toBeLessThan(3_000)
      expect(stdout).toMatch(/ 101 /)
      expect(stdout).toMatch(/you are (Bearer )?\*{20,}/)
      expect(stdout).toContain('ended')
      expect(stdout).not.toContain(VALUE)
      expect(got.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${VALUE}`, upgrade: 'websocket' })
    },
    40_000,
  )

  it('T-116: a path with a fragment is none, by URL and by tunnel', async () => {
    const before = got.length
    const { port } = api.address() as AddressInfo
    await raw('GET /sallyport/api/echo/..#/x HTTP/1.1\r\nhost: x\r\n\r\n')
    const tunnel = await run(
      `curl -sS --request-target '/v1/echo/x#/y' -o /dev/null -w '%{http_code}' https://localhost:${port}/`,
    )
    expect(tunnel.stdout).toBe('421')
    expect(got).toHaveLength(before)
  })

  it('HB-89: each has a rate of its own; what is over it is told when to come again', async () => {
    const flood =
      'for i in $(seq 1 40); do curl -sS -o /dev/null -w "%{http_code} " http://127.0.0.1:3128/sallyport/nobody/x; done'
    const { stdout } = await run(
      `${flood}; curl -sS -i http://127.0.0.1:3128/sallyport/nobody/x | grep -i retry-after`,
      'third.line',
    )
    expect(stdout).toMatch(/^403 403 .*429 429 /)
    expect(stdout).toMatch(/retry-after: [1-9]/i)
    expect((await run('curl -sS "$API/echo/e"')).stdout).toContain('/v1/echo/e')
    expect((await records('egress')).some(({ reason }) => reason === 'rate_limited')).toBe(true)
  })

  it('AC-4.5.3: who uses a credential for the first time is told of, and so is who is refused again and again', async () => {
    for (let n = 0; n < 5; n++) await run('curl -sS http://127.0.0.1:3128/sallyport/api/echo/a', 'other.line')
    const told = (await records('alert')).map(({ name, message }) => `${String(name)}: ${String(message)}`)
    expect(told.filter((one) => /^credential-new-identity: .*server:tool/.test(one))).toHaveLength(1)
    expect(told.filter((one) => /^credential-failures: .*server:other/.test(one))).toHaveLength(1)
  })

  it('T-123: nobody but the sandbox trusts its authority, and its key is in no file', async () => {
    const { stdout } = await run(`node -e '
      const all = require("fs").readFileSync(process.env.SSL_CERT_FILE, "utf8").split(/(?=-----BEGIN)/)
      console.log(all.at(-1), new (require("crypto").X509Certificate)(all.at(-1)).subject)'`)
    expect(stdout).toContain('CN=Sallyport for one sandbox')
    const [line = ''] = /^[A-Za-z0-9+/]{64}$/m.exec(stdout) ?? []
    expect(line).toHaveLength(64)
    expect(readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').includes(line)).toBe(false)
    const other = await run('env | grep -c authorities.pem', 'other.line')
    expect(other.stdout.trim()).toBe('0')
  })

  it('T-131, HB-85: the value stands in no file of the gateway and in no record', () => {
    const forms = [
      VALUE,
      encodeURIComponent(VALUE),
      Buffer.from(VALUE).toString('base64'),
      Buffer.from(VALUE).toString('hex'),
    ]
    const files = readdirSync(ground.path, { recursive: true, encoding: 'utf8' })
      .map((name) => join(ground.path, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    expect(files.length).toBeGreaterThan(10)
    for (const path of files) {
      const bytes = readFileSync(path)
      for (const form of forms) expect(bytes.includes(form), path).toBe(false)
    }
  })
})
