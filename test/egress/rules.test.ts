import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type Server } from 'node:https'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../packages/core/src/index.ts'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { ask } from '../api/kit.ts'
import { operatorOf, type TestOperator } from '../approvals/operator.ts'
import { confinedGateway, confinedGround, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'

interface Got {
  readonly method: string
  readonly host: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A key of a well-known form that was never one. */
const SECRET = `ghp_${'A1b2C3d4E5f6G7h8I9j0'.repeat(2).slice(0, 36)}`

describe.skipIf(!hasSandbox)('rules of egress, from inside a sandbox', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let api: Server
  let operator: TestOperator
  let port = 0
  const got: Got[] = []
  const asked: string[] = []
  const rulesFile = (): string => join(ground.path, 'egress.yaml')
  const filed = (hosts: readonly string[]): string => {
    const rule = { hosts: hosts.map((host) => `${host}:${port}`) }
    return JSON.stringify({ version: 1, rules: hosts.length === 0 ? {} : { filed: rule } })
  }

  beforeAll(async () => {
    ground = await confinedGround()
    const [key, cert] = [join(ground.path, 'key.pem'), join(ground.path, 'cert.pem')]
    const names = ['api', 'filed', 'new', 'once', 'open', 'never'].map((name) => `DNS:${name}.corp.example`).join(',')
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=api.corp.example', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    )
    api = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        got.push({ method, url, headers, host: headers.host ?? '', body: Buffer.concat(chunks).toString() })
        response.end('fine')
      })
    })
    api.listen(0, '127.0.0.1')
    await once(api, 'listening')
    ;({ port } = api.address() as AddressInfo)
    writeFileSync(rulesFile(), filed([]))
    const inner = (name: string): string =>
      `"${name}:${port}": { addresses: [127.0.0.0/8], reason: a test, by: ana, expires: 2999-01-01 }`
    const profile = '{ extends: tool, network: allowlist, seccomp: network }'
    const line = (name: string): string =>
      `  ${name}: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: ${profile} }\n`
    ;({ gateway, sp } = await confinedGateway(
      ground,
      line('tool') + line('other'),
      `approvals: { wait: 3s }
egress:
  authorities: [${cert}]
  files: [./egress.yaml]
  blocked: ["never.corp.example:*"]
  exceptions:
    ${inner('*.corp.example')}
  rules:
    api:
      agents: ["server:tool"]
      hosts: ["api.corp.example:${port}"]
      allow:
        - { methods: [GET], paths: ["/repos/acme/**"] }
        - { methods: [POST], paths: ["/graphql"], graphql: { operations: [query] } }
        - { methods: [POST], paths: ["/mcp"], mcp: { methods: [initialize, tools/call], tools: [search] } }
        - { methods: [PUT], paths: ["/notes/*"], types: [text/plain] }
      deny:
        - { paths: ["/repos/acme/secret/**"] }
      bodyBytes: 4096
    masked:
      agents: ["server:other"]
      hosts: ["api.corp.example:${port}"]
      allow: [{ methods: [POST] }]
      secrets: mask
      credentials: client
    recorded:
      agents: ["server:other"]
      hosts: ["api.corp.example:${port}"]
      allow: [{ methods: [PUT], paths: ["/known/*"] }]
      secrets: record
    never:
      hosts: ["never.corp.example:${port}"]
`,
      '',
      {
        resolve: async (host) => {
          asked.push(host)
          return Promise.resolve(['127.0.0.1'])
        },
      },
    ))
    operator = operatorOf(gateway)
    await operator.claim()
  }, 60_000)
  beforeEach(() => {
    got.length = 0
    asked.length = 0
  })
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    api.closeAllConnections()
    api.close()
    await ground.remove()
  })

  const run = async (command: string, tool = 'tool.line'): Promise<string> => {
    writeFileSync(join(ground.work, 'do.sh'), `PORT=${port}; API=https://api.corp.example:${port}\n${command}`)
    const { structuredContent } = (await sp.call(tool, { command: 'bash do.sh' })) as unknown as {
      readonly structuredContent: { readonly stdout: string }
    }
    return structuredContent.stdout
  }
  const reason = (stdout: string): unknown => (JSON.parse(stdout) as { readonly reason: unknown }).reason
  const records = async () =>
    (await gateway.store.readLog({ kind: 'egress', limit: 1_000 })).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )

  it.each([
    ['a request of a rule', 'curl -sS "$API/repos/acme/shop"', 'GET', '/repos/acme/shop'],
    ['a query in GraphQL', `curl -sS "$API/graphql" --json '{"query":"{ viewer { login } }"}'`, 'POST', '/graphql'],
    [
      'a call of a tool over MCP',
      `curl -sS "$API/mcp" --json '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search"}}'`,
      ...(['POST', '/mcp'] as const),
    ],
    ['a body of its type', 'curl -sS -X PUT -H "content-type: text/plain" -d hello "$API/notes/1"', 'PUT', '/notes/1'],
  ])('HB-45: %s passes, and is one record', async (_what, command, method, url) => {
    const before = (await records()).length
    expect(await run(command)).toBe('fine')
    expect(got).toMatchObject([{ method, url }])
    expect((await records()).slice(before)).toMatchObject([{ verdict: 'allowed', rule: 'api', method }])
  })

  it.each([
    ['another method', 'curl -sS -X DELETE "$API/repos/acme/shop"', 'request_methods'],
    ['another path', 'curl -sS "$API/repos/other/shop"', 'request_paths'],
    ['a path that climbs', 'curl -sS --path-as-is "$API/repos/acme/../other"', 'request_denied'],
    ['what is denied', 'curl -sS "$API/repos/acme/secret/x"', 'request_denied'],
    ['another type', 'curl -sS -X PUT -d a=b "$API/notes/1"', 'request_types'],
    ['a mutation', `curl -sS "$API/graphql" --json '{"query":"mutation { addStar }"}'`, 'request_graphql'],
    [
      'a mutation beside a query',
      `curl -sS "$API/graphql" --json '[{"query":"{ a }"},{"query":"mutation { b }"}]'`,
      'request_graphql',
    ],
    ['a query in hiding', `curl -sS "$API/graphql" --json '{"query":"{a}","query":"mutation{b}"}'`, 'request_graphql'],
    [
      'another tool',
      `curl -sS "$API/mcp" --json '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"send"}}'`,
      'request_mcp',
    ],
    [
      'a long body',
      'head -c 5000 /dev/zero | curl -sS -X PUT -H "content-type: text/plain" -T - "$API/notes/1"',
      'too_large',
    ],
    [
      'a body in a packing that is not known',
      'curl -sS -X PUT -H "content-type: text/plain" -H "content-encoding: zstd" -d x "$API/notes/1"',
      'body_encoding',
    ],
    ['a key of its own in the query', 'curl -sS "$API/repos/acme/shop?api_key=mine"', 'credential_foreign'],
    ['a secret in the path', `curl -sS "$API/repos/acme/${SECRET}"`, 'secret'],
    ['a secret in the query', `curl -sS "$API/repos/acme/shop?x=${SECRET}"`, 'secret'],
    ['a secret in a header', `curl -sS -H "x-note: ${SECRET}" "$API/repos/acme/shop"`, 'secret'],
    ['a secret in a body', `curl -sS -X PUT -H "content-type: text/plain" -d "see ${SECRET}" "$API/notes/1"`, 'secret'],
    [
      'a packed secret',
      `echo "see ${SECRET}" | gzip | curl -sS -X PUT -H "content-type: text/plain" -H "content-encoding: gzip" --data-binary @- "$API/notes/1"`,
      'secret',
    ],
  ])('T-115, T-116, HB-45, HB-52: %s does not, which is one record', async (_what, command, why) => {
    const before = (await records()).length
    expect(reason(await run(command))).toBe(why)
    expect(got).toEqual([])
    expect((await records()).slice(before)).toMatchObject([{ verdict: 'refused', reason: why }])
    expect(JSON.stringify(await records())).not.toContain(SECRET)
  })

  it('T-115: what a client says of itself is taken out, unless its rule says otherwise', async () => {
    await run('curl -sS -H "authorization: Bearer mine" -H "cookie: a=b" "$API/repos/acme/shop"')
    expect(JSON.stringify(got[0]?.headers)).not.toMatch(/mine|a=b/)
    await run('curl -sS -X POST -H "authorization: Bearer mine" -d x "$API/any"', 'other.line')
    expect(got[1]?.headers.authorization).toBe('Bearer mine')
  })

  it('HB-74: a secret in a body is masked where a rule says so, packed or not, and in a path it is refused', async () => {
    expect(await run(`curl -sS -d "see ${SECRET}." "$API/any"`, 'other.line')).toBe('fine')
    expect(got[0]?.body).toBe(`see ${'*'.repeat(SECRET.length)}.`)
    expect((await records()).at(-1)).toMatchObject({ verdict: 'allowed', rule: 'masked', secrets: 1 })
    const packed = `echo -n "see ${SECRET}" | gzip | curl -sS -H "content-encoding: gzip" --data-binary @- "$API/any"`
    expect(await run(packed, 'other.line')).toBe('fine')
    expect(got[1]).toMatchObject({ body: `see ${'*'.repeat(SECRET.length)}` })
    expect(got[1]?.headers['content-encoding']).toBeUndefined()
    expect(reason(await run(`curl -sS -d x "$API/${SECRET}"`, 'other.line'))).toBe('secret')
  })

  it('HB-74: what a rule lets out with a secret in it is on record', async () => {
    await run(`curl -sS -X PUT -d "see ${SECRET}" "$API/known/1?x=${SECRET}"`, 'other.line')
    expect(got[0]).toMatchObject({ body: `see ${SECRET}` })
    const last = (await records()).at(-1)
    expect(last).toMatchObject({ verdict: 'allowed', rule: 'recorded', secrets: 2 })
    expect(JSON.stringify(last)).not.toContain(SECRET)
  })

  it('HB-54: a rule for one server is not one for another', async () => {
    const other = 'curl -sS "$API/repos/acme/shop"'
    expect(reason(await run(other, 'other.line'))).toBe('request_methods')
  })

  it('what is blocked is blocked, whatever allows it, and nobody looks it up', async () => {
    const said = await run('curl -sS -o /dev/null -w "%{http_connect}" "https://never.corp.example:$PORT/"; :')
    expect(said).toBe('403')
    expect(asked).toEqual([])
    expect((await records()).at(-1)).toMatchObject({ verdict: 'refused', reason: 'blocked' })
  })

  it('a file that changes is in force at once, and takes away what it gave', async () => {
    writeFileSync(rulesFile(), filed(['filed.corp.example']))
    const curl = 'curl -sS --max-time 15 -k "https://filed.corp.example:$PORT/x"'
    await expect.poll(async () => run(curl), { timeout: 20_000, interval: 300 }).toBe('fine')
    writeFileSync(rulesFile(), 'version: 1\nrules: { filed: { hostz: [] } }')
    await expect
      .poll(async () => (await gateway.store.readLog({ kind: 'alert', limit: 50 })).map(({ body }) => body).join(), {
        timeout: 10_000,
      })
      .toContain('egress-rules-refused')
    expect(await run(curl)).toBe('fine')
    writeFileSync(rulesFile(), filed([]))
    await expect
      .poll(async () => run(`${curl} 2>/dev/null || echo refused`), { timeout: 20_000, interval: 300 })
      .toBe('refused\n')
  }, 60_000)

  it('HB-89: limits of a file hold for requests that are looked into, are told, recorded, and gone with it', async () => {
    const limited = { hosts: { [`api.corp.example:${port}`]: { requests: 3, window: '1h' } } }
    writeFileSync(rulesFile(), JSON.stringify({ version: 1, limits: limited }))
    const each = async (): Promise<string> => run('for n in 1 2 3 4; do curl -sS "$API/repos/acme/shop"; echo; done')
    await expect.poll(each, { timeout: 20_000, interval: 300 }).toContain('limit_requests')
    const said = (await run('curl -sS -i "$API/repos/acme/shop"')).toLowerCase()
    expect(said).toMatch(/ 429 [^]*retry-after: 3[56]\d\d/)
    expect((await records()).findLast(({ verdict }) => verdict === 'refused')).toMatchObject({
      ...{ reason: 'limit_requests', rule: `host api.corp.example:${port}`, method: 'GET' },
    })
    writeFileSync(rulesFile(), filed([]))
    await expect.poll(each, { timeout: 20_000, interval: 300 }).toBe('fine\n'.repeat(4))
  }, 60_000)

  it('HB-45: a WebSocket, whose messages no rule could judge, is not opened', async () => {
    const ws = 'curl -sS --http1.1 -H "connection: Upgrade" -H "upgrade: websocket" -H "sec-websocket-version: 13"'
    const key = '-H "sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg=="'
    expect(reason(await run(`${ws} ${key} "$API/repos/acme/shop"`))).toBe('not_inspectable')
    expect(got).toEqual([])
    expect((await records()).at(-1)).toMatchObject({ reason: 'not_inspectable', rule: 'api' })
  })

  it('HB-45, T-114: an operator allows a host for a time, and takes it back with the tunnels that are open', async () => {
    const post = (path: string, body: JsonObject) =>
      ask({ socketPath: join(ground.path, 'state', 'run', 'operator.sock') }, { method: 'POST', path, body })
    const allow = '/api/v1/egress/allow'
    const asks = { host: `timed.corp.example:${port}`, seconds: 60, agent: 'server:tool' }
    const proof = await operator.prove('egress.allow', asks)
    expect((await post(allow, asks)).status).toBe(403)
    for (const changed of [{ host: `*.corp.example:${port}` }, { seconds: 6_000 }, { agent: 'server:other' }])
      expect((await post(allow, { ...asks, ...changed, proof })).status, JSON.stringify(changed)).toBe(403)
    expect((await post(allow, { ...asks, proof })).status).toBe(201)
    expect((await post(allow, { ...asks, proof })).status).toBe(403)
    expect(await run('curl -sSk --max-time 15 "https://timed.corp.example:$PORT/x"')).toBe('fine')
    expect((await records()).at(-1)).toMatchObject({ verdict: 'allowed' })
    // a tunnel that stays open is cut, and the host is asked about again
    const open = run(
      'openssl s_client -quiet -connect "timed.corp.example:$PORT" -proxy 127.0.0.1:3128 < <(sleep 20); echo cut',
    )
    await expect.poll(async () => (await records()).length, { timeout: 10_000 }).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const from = Date.now()
    expect((await post('/api/v1/egress/withdraw', { host: asks.host.toUpperCase() })).body).toEqual({ ended: 1 })
    expect(await run('curl -sSk --max-time 15 "https://timed.corp.example:$PORT/x" 2>&1')).toContain('403')
    expect(await open).toContain('cut')
    expect(Date.now() - from).toBeLessThan(15_000)
  }, 60_000)

  it.each(['127.0.0.1', '169.254.169.254', '[::1]', '10.0.0.1'])('T-120: nobody is asked about %s', async (host) => {
    const before = (await operator.waiting()).length
    expect(
      await run(
        `curl -sSk --noproxy "" -x http://127.0.0.1:3128 -o /dev/null -w "%{http_connect}" "https://${host}:$PORT/"; :`,
      ),
    ).toBe('403')
    expect((await records()).at(-1)?.['reason']).not.toMatch(/approval|not_allowlisted/)
    expect(await operator.waiting()).toHaveLength(before)
  })

  describe('T-124: a host that no list names', () => {
    const curl = (name: string): string => `curl -sSk --max-time 20 "https://${name}.corp.example:$PORT/x" 2>&1`
    const pending = async (name: string) => {
      const of = async () =>
        (await operator.waiting()).find(({ args }) => JSON.stringify(args['host']).startsWith(`"${name}.`))
      await expect.poll(of, { timeout: 10_000 }).toBeDefined()
      return of()
    }

    it('is asked about with all that is known, and reached once when a person says so', async () => {
      const waits = run(curl('once'))
      const request = await pending('once')
      expect(request).toMatchObject({
        args: { host: `once.corp.example:${port}`, asked: `once.corp.example:${port}` },
        binding: { tool: 'egress.connect', principal: 'server:tool' },
        demand: { severity: 'high' },
      })
      expect(asked).toEqual([])
      await operator.approve(request?.id ?? '')
      expect(await waits).toBe('fine')
      expect((await records()).at(-1)).toMatchObject({ verdict: 'allowed', rule: `approval ${request?.id}` })
      const again = run(curl('once'))
      const second = await pending('once')
      await operator.deny(second?.id ?? '')
      expect(await again).toContain('403')
      expect((await records()).at(-1)).toMatchObject({ verdict: 'refused', reason: 'approval_denied' })
    }, 60_000)

    it('is reached for the session when the answer is for that, by the one who asked alone', async () => {
      const waits = run(curl('open'))
      const request = await pending('open')
      await operator.approve(request?.id ?? '', { kind: 'value' })
      expect(await waits).toBe('fine')
      expect(await run(curl('open'))).toBe('fine')
      const other = run(curl('open'), 'other.line')
      const second = await pending('open')
      await operator.deny(second?.id ?? '')
      expect(await other).toContain('403')
    }, 60_000)

    it('is not reached before somebody answered; the next try finds the answer', async () => {
      expect(await run(curl('new'))).toContain('403')
      expect((await records()).at(-1)).toMatchObject({ reason: 'approval_required' })
      expect(asked).toEqual([])
      const request = await pending('new')
      await operator.approve(request?.id ?? '')
      expect(await run(curl('new'))).toBe('fine')
    }, 60_000)
  })
})
