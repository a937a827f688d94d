import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createPlainServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGateway, confinedGround, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'

interface Got {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly isWhole: boolean
}

/** What an attacker inside has: the way out, and the moment at which the rules have changed outside. */
const TOOLS = `
import os, socket, ssl, time
def to_proxy():
    return socket.create_connection(("127.0.0.1", 3128), 30)
def tunnel(host, port, trusts=True):
    raw = to_proxy()
    raw.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n".encode())
    assert b" 200 " in raw.recv(4096)
    context = ssl.create_default_context()
    if not trusts:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(raw, server_hostname=host)
def changed():
    open("begun", "w").close()
    while not os.path.exists("changed"): time.sleep(0.05)
def answer(connection):
    try: return connection.recv(65536).decode() or "cut"
    except TimeoutError: return "silent"
    except OSError: return "cut"
`

describe.skipIf(!hasSandbox)('attacks on the rules of egress, from inside a sandbox', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let port = 0
  let plainPort = 0
  const closing: (() => void)[] = []
  const got: Got[] = []
  const rulesFile = (): string => join(ground.path, 'egress.yaml')

  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('close', () => {
      const { url = '', headers, complete: isWhole } = request
      got.push({ url, headers, body: Buffer.concat(chunks).toString(), isWhole })
    })
    request.once('end', () => response.end('fine'))
  }

  beforeAll(async () => {
    ground = await confinedGround()
    const [key, cert] = [join(ground.path, 'key.pem'), join(ground.path, 'cert.pem')]
    const names = ['api', 'filed', 'lent'].map((name) => `DNS:${name}.corp.example`).join(',')
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=api.corp.example', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    )
    const servers = [
      createServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener),
      createPlainServer(listener),
    ]
    for (const server of servers) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      closing.push(() => {
        server.closeAllConnections()
        server.close()
      })
    }
    ;[port, plainPort] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number]
    writeFileSync(rulesFile(), '{ version: 1 }')
    const profile = '{ extends: tool, workspace: rw, network: allowlist, seccomp: network }'
    const line = (name: string): string =>
      `  ${name}: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: ${profile} }\n`
    const inside = '{ addresses: [127.0.0.0/8], reason: a test, by: ana, expires: 2999-01-01 }'
    ;({ gateway, sp } = await confinedGateway(
      ground,
      line('tool') + line('other'),
      `egress:
  unknown: refuse
  authorities: [${cert}]
  files: [./egress.yaml]
  exceptions:
    "*.corp.example:${port}": ${inside}
    "*.corp.example:${plainPort}": ${inside}
  rules:
    api:
      agents: ["server:tool"]
      hosts: ["api.corp.example:${port}"]
      credentials: client
      allow:
        - { methods: [POST], paths: ["/graphql"], graphql: { operations: [query] } }
        - { methods: [PUT], paths: ["/notes/*"], types: [text/plain] }
        - { methods: [POST], paths: ["/forms"] }
        - { methods: [GET] }
      deny:
        - { paths: ["/secret/**"] }
    masked:
      agents: ["server:other"]
      hosts: ["api.corp.example:${port}"]
      secrets: mask
      allow: [{ methods: [POST] }]
credentials:
  lent:
    category: read
    agents: ["server:tool"]
    base: https://lent.corp.example:${port}/v1
    methods: [GET]
    paths: ["/v1/**"]
`,
      '',
      { resolve: async () => Promise.resolve(['127.0.0.1']) },
    ))
    await (
      await gateway.credentials.vault()
    ).set('lent', Buffer.from('value-of-the-vault'), { type: 'api_key' }, 'test')
  }, 60_000)
  beforeEach(() => {
    got.length = 0
    for (const name of ['begun', 'changed']) rmSync(join(ground.work, name), { force: true })
  })
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    for (const close of closing) close()
    await ground.remove()
  })

  const run = async (command: string, tool = 'tool.line'): Promise<string> => {
    writeFileSync(join(ground.work, 'do.sh'), `API=https://api.corp.example:${port}\n${command}`)
    const { structuredContent } = (await sp.call(tool, { command: 'bash do.sh' })) as unknown as {
      readonly structuredContent: { readonly stdout: string }
    }
    return structuredContent.stdout
  }
  const script = async (text: string): Promise<string> => {
    writeFileSync(join(ground.work, 'do.py'), TOOLS + text)
    return run('python3 do.py 2>&1')
  }
  const reason = (stdout: string): unknown => (JSON.parse(stdout) as { readonly reason: unknown }).reason
  /** Rules of the file, in force when it resolves. */
  const file = async (rules: Readonly<Record<string, object>>, blocked: readonly string[] = []): Promise<void> => {
    const reloads = async (): Promise<number> =>
      (await gateway.store.readLog({ kind: 'gateway', limit: 1_000 })).filter(({ body }) =>
        body.includes('"egress-rules"'),
      ).length
    const before = await reloads()
    writeFileSync(rulesFile(), JSON.stringify({ version: 1, rules, blocked }))
    await expect.poll(reloads, { timeout: 20_000, interval: 50 }).toBeGreaterThan(before)
  }
  /** What a script says for which the rules change in its middle. */
  const changing = async (text: string, change: () => Promise<void>): Promise<string> => {
    const said = script(text)
    const begun = (): boolean => {
      try {
        return readFileSync(join(ground.work, 'begun')).length === 0
      } catch {
        return false
      }
    }
    await expect.poll(begun, { timeout: 20_000, interval: 50 }).toBe(true)
    await change()
    writeFileSync(join(ground.work, 'changed'), '')
    return said
  }

  it.each([
    [
      'a query in a body that is a form',
      `-d '{"query":"{ a }","x":"&query=mutation{b}&"}' "$API/graphql"`,
      'request_graphql',
    ],
    [
      'a query in UTF-7',
      `-H 'content-type: application/json; charset=utf-7' -d '{"query":"{ a }"}' "$API/graphql"`,
      'request_graphql',
    ],
    ['a member in another case', `--json '{"query":"{ a }","Query":"mutation{b}"}' "$API/graphql"`, 'request_graphql'],
    ['a body of no type', `-X PUT -H 'content-type:' -d x "$API/notes/1"`, 'request_types'],
    ['another method in a form', `-d _method=DELETE "$API/forms"`, 'request_methods'],
    ['another method in the query', `-d x "$API/forms?_method=DELETE"`, 'request_methods'],
    ['what is denied, in other letters', `"$API/%53ecret/x"`, 'request_denied'],
    ['what is denied, behind an empty segment', `--path-as-is "$API//secret/x"`, 'request_denied'],
  ])('T-116: %s does not pass', async (_what, request, why) => {
    expect(reason(await run(`curl -sS ${request}`))).toBe(why)
    expect(got).toEqual([])
  })

  it.each([
    ['the absolute form', 'GET https://api.corp.example:PORT/a HTTP/1.1|Host: api.corp.example:PORT'],
    ['the absolute form of another host', 'GET http://other.example/a HTTP/1.1|Host: api.corp.example:PORT'],
    ['the asterisk form', 'OPTIONS * HTTP/1.1|Host: api.corp.example:PORT'],
    ['another host', 'GET /a HTTP/1.1|Host: filed.corp.example:PORT'],
    ['another port', 'GET /a HTTP/1.1|Host: api.corp.example'],
    ['no host', 'GET /a HTTP/1.1'],
    ['a space before the colon', 'GET /a HTTP/1.1|Host: api.corp.example:PORT|Transfer-Encoding : chunked'],
    ['a folded line', 'POST /forms HTTP/1.1|Host: api.corp.example:PORT|Transfer-Encoding:| chunked, x'],
    [
      'both lengths',
      'POST /forms HTTP/1.1|Host: api.corp.example:PORT|Content-Length: 3|Transfer-Encoding: chunked||0||',
    ],
    ['two lengths', 'POST /forms HTTP/1.1|Host: api.corp.example:PORT|Content-Length: 0|Content-Length: 40'],
    [
      'another last encoding',
      'POST /forms HTTP/1.1|Host: api.corp.example:PORT|Transfer-Encoding: chunked, identity||0||',
    ],
    ['a fragment', 'GET /a#/b HTTP/1.1|Host: api.corp.example:PORT'],
    ['a sign that is none', 'GET /a\\x00b HTTP/1.1|Host: api.corp.example:PORT'],
    ['a tunnel in a tunnel', 'CONNECT other.example:443 HTTP/1.1|Host: api.corp.example:PORT'],
    ['another protocol', 'PRI * HTTP/2.0||SM||'],
    [
      'a request behind another',
      'GET /secret/x HTTP/1.1|Host: api.corp.example:PORT||GET /secret/y HTTP/1.1|Host: api.corp.example:PORT',
    ],
  ])('T-116, T-118: %s goes nowhere', async (_what, request) => {
    const bytes = request.replaceAll('PORT', String(port)).replaceAll('|', '\\r\\n')
    const said = await script(`
c = tunnel("api.corp.example", ${port})
c.settimeout(12)
c.sendall(b"${bytes}\\r\\n\\r\\n")
print(answer(c)[:12])`)
    expect(said).toMatch(/^(?:cut|HTTP\/1\.1 4\d\d)\n$/)
    expect(got).toEqual([])
  })

  it('T-116: what is sent on is what was judged: its type, and nothing behind its packing', async () => {
    const head = '-X PUT -H "content-type: text/plain" -H "connection: content-type, content-encoding"'
    const packed = '(printf harmless | gzip; printf "\\\\0and more") > packed'
    expect(
      await run(`${packed}; curl -sS ${head} -H "content-encoding: gzip" --data-binary @packed "$API/notes/1"`),
    ).toBe('fine')
    expect(got).toMatchObject([{ body: 'harmless', headers: { 'content-type': 'text/plain', 'content-length': '8' } }])
    expect(got[0]?.headers['content-encoding']).toBeUndefined()
  })

  it('T-116, T-118: no header says that method or host are others than those that were judged', async () => {
    const names = ['http-method-override', 'x_http_method_override', 'x-http-host-override', 'x-original-url']
    expect(await run(`curl -sS ${names.map((name) => `-H '${name}: other'`).join(' ')} "$API/a"`)).toBe('fine')
    expect(JSON.stringify(got[0]?.headers)).not.toContain('other')
  })

  it('HB-74: a body of nothing but secrets is masked in no time', async () => {
    const secret = `ghp_${'A1b2C3d4E5f6G7h8I9j0'.repeat(2).slice(0, 36)}`
    const said = await run(
      `yes ${secret} | head -n 40000 | tr '\\n' ' ' > many; curl -sS --data-binary @many "$API/any"`,
      'other.line',
    )
    expect(said).toBe('fine')
    expect(got[0]?.body).toMatch(/^(?=.{1600000})[* ]+$/)
  }, 30_000)

  it('bodies that never end hold no more than their room, which is there again afterwards', async () => {
    const text = `${TOOLS}
def begin(c):
    c.sendall(b"POST /x HTTP/1.1\\r\\nHost: api.corp.example:${port}\\r\\nContent-Length: 4194304\\r\\n\\r\\n" + bytes(4194303))
    return c
held = [begin(tunnel("api.corp.example", ${port})) for _ in range(16)]
last = tunnel("api.corp.example", ${port})
try: begin(last)
except OSError: pass
said = answer(last)
print(said == "cut" or "too_many" in said)
for c in held: c.close()
time.sleep(1)
last = tunnel("api.corp.example", ${port})
last.sendall(b"POST /x HTTP/1.1\\r\\nHost: api.corp.example:${port}\\r\\nContent-Length: 1\\r\\n\\r\\nx")
print(answer(last)[:12])`
    writeFileSync(join(ground.work, 'do.py'), text)
    expect(await run('python3 do.py 2>&1', 'other.line')).toBe('True\nHTTP/1.1 200\n')
    expect(got.map(({ body }) => body)).toEqual(['x'])
  }, 90_000)

  it('T-116: a request whose body ends after its rule was taken away goes nowhere', async () => {
    const host = `filed.corp.example:${port}`
    await file({ filed: { hosts: [host], allow: [{ methods: ['POST'] }] } })
    const said = await changing(
      `
c = tunnel("filed.corp.example", ${port})
c.sendall(b"POST /x HTTP/1.1\\r\\nHost: ${host}\\r\\nContent-Length: 4\\r\\n\\r\\nab")
changed()
c.sendall(b"cd")
print(answer(c))`,
      async () => file({}),
    )
    expect(said).toContain('403')
    expect(got).toEqual([])
  }, 60_000)

  it('a tunnel does not outlive a rule that looks into its host', async () => {
    const host = `filed.corp.example:${port}`
    const tunnel = { hosts: [host] }
    await file({ tunnel })
    const said = await changing(
      `
c = tunnel("filed.corp.example", ${port}, False)
c.sendall(b"GET /first HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n")
print(answer(c)[:12])
changed()
time.sleep(0.3)
try: c.sendall(b"DELETE /second HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n")
except OSError: pass
print(answer(c)[:12])`,
      async () => file({ tunnel, looking: { hosts: [host], allow: [{ methods: ['GET'] }] } }),
    )
    expect(said).toBe('HTTP/1.1 200\ncut\n')
    expect(got.map(({ url }) => url)).toEqual(['/first'])
  }, 60_000)

  it('a plain request does not go on when its host was taken away', async () => {
    const host = `filed.corp.example:${plainPort}`
    await file({ plain: { hosts: [host] } })
    const said = await changing(
      `
c = to_proxy()
c.sendall(b"POST http://${host}/x HTTP/1.1\\r\\nHost: ${host}\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nab\\r\\n")
time.sleep(0.3)
changed()
time.sleep(0.3)
try: c.sendall(b"2\\r\\ncd\\r\\n0\\r\\n\\r\\n")
except OSError: pass
print(answer(c)[:12])`,
      async () => file({}),
    )
    expect(said).toBe('cut\n')
    expect(got).toMatchObject([{ body: 'ab', isWhole: false }])
  }, 60_000)

  it('what is blocked is not reached with a credential either', async () => {
    const curl = 'curl -sS "http://127.0.0.1:3128/sallyport/lent/x"'
    await file({})
    expect(await run(curl)).toBe('fine')
    await file({}, ['lent.corp.example:*'])
    expect(reason(await run(curl))).toBe('blocked')
    await file({})
    expect(got).toHaveLength(1)
  }, 60_000)
})
