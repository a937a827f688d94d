import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { surfacesOf, type MatrixEntry } from '../../packages/gateway/src/ingress/api/matrix.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { ask, temporaryDirectory, type Answer, type Ask } from '../api/kit.ts'
import { ROLES } from './kit.ts'

const HERE = { address: '127.0.0.1', browser: 'test' }
const ENTRIES = tableOfEntries()
const operator = ENTRIES.filter(({ plane }) => plane === 'operator')
const presenceOf = (entry: MatrixEntry) => ('presence' in entry ? entry.presence : undefined)
/** `/health` and `/metrics` are on both planes. */
const isOnBoth = ({ path }: MatrixEntry): boolean =>
  ['agent', 'operator'].every((plane) => ENTRIES.some((one) => one.plane === plane && one.path === path))
const concrete = ({ path }: MatrixEntry): string => path.replaceAll(/:[a-zA-Z]+/g, 'x')

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let gateway: Gateway
let site: { readonly host: string; readonly origin: string; readonly port: number }
let agent: { readonly port: number; readonly host: string }
let credential: string
const tokens = new Map<string, string>()
const sockets: Record<'agent' | 'operator', string> = { agent: '', operator: '' }

beforeAll(async () => {
  folder = await temporaryDirectory()
  const stateDir = join(folder.path, 'state')
  await mkdir(stateDir)
  const config = `version: 1
gateway: { port: 0, rateLimit: { enabled: false } }
console: { port: 0, tls: off }
acknowledgeInsecure: { gateway.rateLimit.enabled: { reason: every door is tried many times, by: tests, expires: 2099-01-01 } }
`
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir, operationalSink: () => undefined })
  await gateway.listen()
  const { host, origin, port } = new URL(gateway.consoleUrl ?? '')
  site = { host, origin, port: Number(port) }
  const tcp = new URL(gateway.url ?? '')
  agent = { host: '127.0.0.1', port: Number(tcp.port) }
  sockets.agent = join(stateDir, 'run', 'agent.sock')
  sockets.operator = join(stateDir, 'run', 'operator.sock')
  const { key } = await gateway.identity.agents.add({ name: 'coder', by: 'test' })
  const issued = gateway.identity.exchange(key)
  if (!issued.ok) throw new Error(issued.reason)
  credential = issued.value.credential
  const { people, logins } = gateway.people
  for (const role of Object.keys(ROLES)) {
    const person = await people.add(`p-${role}`, [role as 'viewer'], 'test')
    tokens.set(role, (await logins.open(person.id, 'passkey', HERE)).token)
  }
  const ended = await logins.open('operator:p-admin', 'passkey', HERE)
  await logins.end(ended.login.id, 'revoked', 'test')
  tokens.set('ended', ended.token)
}, 60_000)
afterAll(async () => {
  await gateway.close()
  await folder.remove()
})

/** What a page of the console would send, with this cookie. */
const page = ({ headers, ...what }: Ask, token?: string): Promise<Answer> =>
  ask(
    { host: '127.0.0.1', port: site.port },
    {
      ...what,
      headers: {
        ...{ host: site.host, origin: site.origin, 'sec-fetch-site': 'same-origin' },
        ...(token === undefined ? {} : { cookie: `sallyport=${token}` }),
        ...headers,
      },
    },
  )
const body = ({ method }: MatrixEntry): Partial<Ask> => (method === 'GET' || method === 'DELETE' ? {} : { body: {} })
/** Answers of these do not end by themselves. */
const isStream = ({ path }: MatrixEntry): boolean => /\/(watch|tail|follow)$/.test(path)
const doors = async (): Promise<string> => {
  const kinds = ['agent', 'person', 'approval', 'policy', 'secret', 'switch', 'server', 'pin', 'grant'] as const
  const rows = await Promise.all(kinds.map((kind) => gateway.store.list(kind)))
  const seen = rows.flat().map(({ kind, id, version }) => `${kind} ${id} ${version}`)
  return createHash('sha256').update(seen.sort().join('\n')).digest('hex')
}

describe('every entry × identity × surface', () => {
  it('T-173 AC-2.1.2: nobody gets into the console further than what is public', async () => {
    for (const entry of operator) {
      const { status, body: said } = await page({ method: entry.method, path: concrete(entry), ...body(entry) })
      const name = `${entry.method} ${entry.path}`
      if (!surfacesOf(entry).includes('console'))
        expect([name, status, said.code]).toEqual([name, 403, 'SP_AUTHZ_UNMAPPED'])
      else if (entry.scope !== 'public') expect([name, status, said.code]).toEqual([name, 401, 'SP_AUTHN_REQUIRED'])
      else expect([name, [401, 429, 500].includes(status) && !name.includes('sign-in')]).toEqual([name, false])
    }
  })

  it.each([
    ['a session that has ended', () => ({ token: tokens.get('ended') })],
    ['a made-up session', () => ({ token: 'A'.repeat(43) })],
    ['an agent’s credential as a cookie', () => ({ token: credential })],
    ['an agent’s credential as a credential', () => ({ bearer: credential })],
    [
      'two sessions at once',
      () => ({ headers: { cookie: `sallyport=${tokens.get('admin')}; sallyport=${tokens.get('viewer')}` } }),
    ],
    [
      'a session under another cookie’s name',
      () => ({ headers: { cookie: `__Host-sallyport=${tokens.get('admin')}` } }),
    ],
    ['a session in a header', () => ({ headers: { 'x-session': tokens.get('admin') ?? '' } })],
  ])('T-003 T-173: %s opens nothing', async (_name, identity) => {
    for (const entry of operator.filter(({ scope }) => scope !== 'public')) {
      const { token, ...more } = identity() as { token?: string }
      const answer = await page({ method: entry.method, path: concrete(entry), ...body(entry), ...more }, token)
      expect([entry.path, answer.status >= 400 && answer.status < 404]).toEqual([entry.path, true])
      expect([
        'SP_AUTHN_REQUIRED',
        'SP_AUTHN_INVALID',
        'SP_AUTHZ_SESSION_EXPIRED',
        'SP_API_HEADER',
        'SP_AUTHZ_UNMAPPED',
      ]).toContain(answer.body.code)
    }
  })

  it.each(Object.keys(ROLES))('AC-4.4.1 T-173: %s gets what the role holds and 403 for all else', async (role) => {
    const scopes: readonly string[] = ROLES[role] ?? []
    for (const entry of operator.filter((one) => surfacesOf(one).includes('console') && one.scope !== 'public')) {
      if (isStream(entry) || entry.path.includes('/logins')) continue
      const wanted = presenceOf(entry) === 'free' ? 'write' : entry.scope
      const answer = await page({ method: entry.method, path: concrete(entry), ...body(entry) }, tokens.get(role))
      const name = `${role} ${entry.method} ${entry.path}`
      const isScopeRefused = answer.body?.code === 'SP_AUTHZ_SCOPE'
      expect([name, isScopeRefused]).toEqual([name, !scopes.includes(wanted)])
      expect([name, answer.status === 401 || answer.status >= 500]).toEqual([name, false])
      // a session alone never does what needs a proof of presence
      if (presenceOf(entry) === 'route') expect([name, answer.status >= 400]).toEqual([name, true])
    }
  })

  it('T-049 AC-4.4.1: a draft of policy is written by who holds `policy`, and by nobody who only denies and kills', async () => {
    const drafts = { method: 'POST', path: '/api/v1/policy/drafts', body: {} }
    for (const role of Object.keys(ROLES)) {
      const { status, body } = await page(drafts, tokens.get(role))
      expect([role, body.code === 'SP_AUTHZ_SCOPE']).toEqual([role, role !== 'policy'])
      if (role === 'policy') expect([status, body.createdBy]).toEqual([201, 'operator:p-policy'])
    }
  })

  it('T-003 T-173: on the agent plane, over the socket and TCP, nothing of people is there, whatever is sent along', async () => {
    for (const target of [{ socketPath: sockets.agent }, agent]) {
      for (const entry of operator.filter((one) => !isOnBoth(one))) {
        const headers = { cookie: `sallyport=${tokens.get('admin')}` }
        const answer = await ask(target, {
          method: entry.method,
          path: concrete(entry),
          bearer: credential,
          headers,
          ...body(entry),
        })
        expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 403, 'SP_AUTHZ_UNMAPPED'])
      }
    }
  })

  it('T-173: the console has no entry of the agent plane, and the operator socket none of the console’s own', async () => {
    for (const entry of ENTRIES.filter((one) => one.plane === 'agent' && !isOnBoth(one))) {
      const answer = await page({ method: entry.method, path: concrete(entry), ...body(entry) }, tokens.get('admin'))
      expect([entry.path, answer.status, answer.body?.code]).toEqual([entry.path, 403, 'SP_AUTHZ_UNMAPPED'])
    }
    for (const entry of operator.filter((one) => !surfacesOf(one).includes('socket'))) {
      const answer = await ask(
        { socketPath: sockets.operator },
        { method: entry.method, path: concrete(entry), ...body(entry) },
      )
      expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 403, 'SP_AUTHZ_UNMAPPED'])
    }
  })

  it('T-005: a proof in the name of somebody else is refused before the route looks at it', async () => {
    for (const entry of operator.filter(
      (one) => one.method !== 'DELETE' && presenceOf(one) === 'route' && surfacesOf(one).includes('console'),
    )) {
      const role = Object.keys(ROLES).find((one) => ROLES[one]?.includes(entry.scope as 'read')) ?? ''
      for (const forged of [{ operator: 'operator:p-other' }, { proof: { operator: 'operator:p-other' } }]) {
        const answer = await page({ method: entry.method, path: concrete(entry), body: forged }, tokens.get(role))
        expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 403, 'SP_AUTHN_PRESENCE'])
      }
    }
  })
})

describe('the end of one session', () => {
  it('T-173 T-006 HB-145: not for a viewer, not for another site; whoever may stop ends this one, and the other goes on', async () => {
    const { identity } = gateway
    const { key } = await identity.agents.add({ name: 'two-tasks', by: 'test' })
    const issued = identity.exchange(key)
    const verified = issued.ok ? identity.verify(issued.value.credential) : issued
    if (!verified.ok) throw new Error(verified.reason)
    const way = { ingress: 'mcp-http', surface: 'mcp', channel: 'unix', contentTrust: 'semi-trusted' } as const
    const admit = (sessionHint: string): string => {
      const rest = { principal: verified.value, connection: 'c', chatType: '', purpose: '' }
      const answer = identity.admit({ ...way, ...rest, sessionHint })
      return answer.ok ? answer.value.sessionId : answer.code
    }
    const [mail, code] = [admit('mail'), admit('code')]
    const end = (role: string, headers = {}) =>
      page(
        { method: 'POST', path: `/api/v1/sessions/${mail}/end`, body: { reason: 'test' }, headers },
        tokens.get(role),
      )
    for (const role of ['viewer', 'policy']) {
      const refused = await end(role)
      expect([role, refused.status, refused.body.code]).toEqual([role, 403, 'SP_AUTHZ_SCOPE'])
    }
    const foreign = await end('admin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'SP_AUTHN_ORIGIN'])
    expect(admit('mail')).toBe(mail)
    const done = await end('operator')
    expect([done.status, done.body]).toEqual([
      200,
      expect.objectContaining({ id: mail, agent: 'two-tasks', state: 'ended' }),
    ])
    expect(admit('mail')).toBe('SP_AUTHZ_SESSION_EXPIRED')
    expect(admit('code')).toBe(code)
    const unknown = await page({ method: 'POST', path: '/api/v1/sessions/none/end', body: {} }, tokens.get('admin'))
    expect([unknown.status, unknown.body.code]).toEqual([404, 'SP_AGENT_SESSION'])
  })
})

describe('who did it', () => {
  it('T-003 T-173: what a person does in the console is in the log under their name', async () => {
    const person = tokens.get('admin')
    const acts: readonly (readonly [string, object, string])[] = [
      ['/api/v1/kill', { agent: 'coder', reason: 'test' }, 'identity'],
      ['/api/v1/leases/revoke', { all: true }, 'credential'],
      ['/api/v1/egress/withdraw', { host: 'example.com' }, 'gateway'],
    ]
    for (const [path, sentBody, kind] of acts) {
      const answer = await page({ method: 'POST', path, body: sentBody }, person)
      expect([path, answer.status]).toEqual([path, 200])
      const newest = (await gateway.store.readLog({ kind, newest: true, limit: 3 })).map((record) => record.body)
      expect([path, newest.some((record) => record.includes('"operator:p-admin"'))]).toEqual([path, true])
    }
  })
})

const HOSTILE: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a local server of the agent', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
  ['the same host on another port, lying about the site', { origin: 'http://localhost:1' }],
  ['an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['an extension', { origin: 'chrome-extension://abcdefgh', 'sec-fetch-site': 'none' }],
  ['a rebound name', { host: 'rebound.example', origin: 'http://rebound.example' }],
  ['a form without fetch metadata', { 'sec-fetch-site': '' }],
  ['the right name in other letters', { host: 'LOCALHOST' }],
]

describe('T-006: pages that are not the console’s', () => {
  it.each(HOSTILE)('%s changes nothing with the session of an administrator', async (_name, headers) => {
    const before = await doors()
    for (const entry of operator.filter((one) => one.method !== 'GET' && surfacesOf(one).includes('console'))) {
      const answer = await page(
        { method: entry.method, path: concrete(entry), headers, ...body(entry) },
        tokens.get('admin'),
      )
      expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 403, 'SP_AUTHN_ORIGIN'])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
    expect(await doors()).toBe(before)
  })

  it('a browser that tells nothing of where a request comes from changes nothing', async () => {
    const cookie = `sallyport=${tokens.get('admin')}`
    for (const headers of [{ origin: site.origin }, { 'sec-fetch-site': 'same-origin' }, {}]) {
      const answer = await ask(
        { host: '127.0.0.1', port: site.port },
        {
          method: 'POST',
          path: '/api/v1/kill',
          body: { agent: 'coder' },
          headers: { host: site.host, cookie, ...headers },
        },
      )
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'SP_AUTHN_ORIGIN'])
    }
  })

  it('a simple request, which needs no preflight, is not read: JSON only', async () => {
    const headers = { 'content-type': 'text/plain' }
    const sent = { method: 'POST', path: '/api/v1/kill', headers, bodyText: '{"all":true}' }
    expect((await page(sent, tokens.get('admin'))).status).toBe(415)
    const preflight = await page({ method: 'OPTIONS', path: '/api/v1/kill' }, tokens.get('admin'))
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([403, undefined])
  })

  it('reads of the API are not for them either; a link leads to a page and to nothing that shows data', async () => {
    const crossing = { 'sec-fetch-site': 'cross-site', origin: '' }
    for (const entry of operator.filter((one) => one.method === 'GET' && surfacesOf(one).includes('console'))) {
      const navigated = await ask(
        { host: '127.0.0.1', port: site.port },
        {
          path: concrete(entry),
          headers: {
            ...{ host: site.host, cookie: `sallyport=${tokens.get('admin')}` },
            ...{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' },
          },
        },
      )
      // no company sign-in is set up here, so the address that its provider sends browsers to is not there either
      const mayArrive = ('raw' in entry && entry.raw === 'page') || entry.path === '/health'
      expect([entry.path, navigated.status === 403]).toEqual([entry.path, !mayArrive])
      const fetched = await page(
        { path: concrete(entry), headers: { ...crossing, 'sec-fetch-mode': 'no-cors' } },
        tokens.get('admin'),
      )
      expect([entry.path, fetched.status]).toEqual([entry.path, 403])
    }
  })
})

describe('T-010: whoever only looks changes nothing', () => {
  it('GET, HEAD and OPTIONS of every address, as previews, prefetches and scanners send them', async () => {
    const before = await doors()
    const agents = ['Slackbot-LinkExpanding 1.0', 'facebookexternalhit/1.1', 'Microsoft Office Protocol Discovery']
    for (const entry of operator) {
      if (isStream(entry)) continue
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const headers = { 'user-agent': agents[entry.path.length % 3] ?? '', 'sec-purpose': 'prefetch' }
        const answer = await page({ method, path: concrete(entry), headers }, tokens.get('admin'))
        expect([entry.path, method, answer.status >= 500]).toEqual([entry.path, method, false])
      }
    }
    expect(await doors()).toBe(before)
  })
})

it('AC-2.3.2: a proxy that nobody trusts is noticed when it first says for whom it asks', async () => {
  const seen = async (): Promise<unknown> => {
    const { body } = await ask({ socketPath: sockets.operator }, { path: '/api/v1/status' })
    return (body as { readonly forwardedSeen?: unknown }).forwardedSeen
  }
  expect(await seen()).toBe(false)
  await ask(
    { host: '127.0.0.1', port: site.port },
    { path: '/health', headers: { host: site.host, 'x-forwarded-for': '203.0.113.5' } },
  )
  expect(await seen()).toBe(true)
})

describe('an unauthenticated crawler and a fuzzer', () => {
  const OPEN = new Set([200, 302])
  const known = new Set(operator.filter(({ scope }) => scope === 'public').map(({ path }) => path))
  const isKnown = (path: string): boolean =>
    [...known].some((one) =>
      new RegExp(`^${one.replaceAll(/:[a-zA-Z]+/g, '[^/]+').replaceAll('.', '\\.')}$`).test(path),
    )
  /** Follows what it finds, from the frame on. */
  it('AC-2.1.1: the crawler finds the frame and its files, and nothing that is not in the table', async () => {
    const words = [
      'admin',
      'api',
      'v1',
      'v2',
      'debug',
      'metrics',
      'health',
      '.git',
      '.env',
      'config',
      'graphql',
      'swagger.json',
      'openapi.json',
      'server-status',
      'actuator',
      'login',
      'setup',
      'assets',
      'static',
      'internal',
      'rpc',
      'ws',
      'socket.io',
      'mcp',
      'status',
      'backup.zip',
      'manifest.json',
      'index.html',
      'robots.txt',
      'wp-login.php',
    ]
    const queue = [
      '/',
      ...words.map((word) => `/${word}`),
      ...words.flatMap((word) => [`/api/${word}`, `/api/v1/${word}`, `/assets/${word}`]),
    ]
    queue.push(...ENTRIES.map(concrete))
    const seen = new Set<string>()
    const open = new Set<string>()
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue
      seen.add(path)
      const answer = await ask({ host: '127.0.0.1', port: site.port }, { path, headers: { host: site.host } })
      if (!OPEN.has(answer.status)) continue
      open.add(path)
      for (const [, link = ''] of answer.text.matchAll(/["'(](\/[a-zA-Z0-9_./-]+)["')]/g)) queue.push(link)
    }
    expect([...open].filter((path) => !isKnown(path))).toEqual([])
    expect([...open].some((path) => path.startsWith('/assets/'))).toBe(true)
  })

  const segment = fc.oneof(
    fc.constantFrom(
      'api',
      'v1',
      'agents',
      'approvals',
      'kill',
      'vault',
      'log',
      'live',
      'metrics',
      'health',
      'assets',
      '..',
      '.',
      '',
      '%2e%2e',
      '%2f',
      'API',
      'V1',
      'v1;x',
      'v1%00',
      'agents ',
      '\\',
      '%5c',
      '%c0%ae',
      '*',
      '~',
    ),
    fc.string({ maxLength: 6 }).map((text) => encodeURIComponent(text)),
  )
  const mutant = fc.record({
    method: fc.constantFrom(
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'get',
      'PROPFIND',
      'QUERY',
    ),
    path: fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
    query: fc.constantFrom('', '?', '?a=1', '?token=x', '?/../api/v1/agents', '?__proto__=1', '#x'),
    headers: fc.array(
      fc.constantFrom(
        'Authorization: Bearer x.y.z',
        'Authorization: Basic YWRtaW46YWRtaW4=',
        'Cookie: sallyport=0000000000000000000000000000000000000000000',
        'Cookie: sallyport=../../x',
        'X-Forwarded-For: 127.0.0.1',
        'X-Forwarded-Proto: https',
        'X-Original-URL: /api/v1/agents',
        'X-Rewrite-URL: /api/v1/agents',
        'X-HTTP-Method-Override: GET',
        'X-Forwarded-Host: localhost',
        'Forwarded: for=127.0.0.1;host=localhost',
        'Transfer-Encoding: chunked',
        'Content-Length: 5',
        'Content-Length: 0',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Upgrade: h2c',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Protocol: sallyport.live, x',
        'Expect: 100-continue',
        'Accept: text/html',
        'Range: bytes=0-1',
        'Sec-Fetch-Site: same-origin',
        'Sec-Fetch-Mode: navigate',
        'Origin: null',
      ),
      { maxLength: 4 },
    ),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'),
    tail: fc.constantFrom('', 'x', '{}', '0\r\n\r\n', 'GET /api/v1/agents HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  })

  it(
    'HB-1 T-076 AC-2.1.4: the fuzzer finds nothing open: paths, methods, encodings, headers, bodies behind bodies',
    { timeout: 60_000 },
    async () => {
      const before = await doors()
      await fc.assert(
        fc.asyncProperty(mutant, async ({ method, path, query, headers, version, tail }) => {
          const text = [`${method} ${path}${query} ${version}`, `Host: ${site.host}`, ...headers, '', tail].join('\r\n')
          const received = await sent(text)
          for (const answer of received.split(/(?=HTTP\/1\.1 \d{3} )/).filter((one) => one !== '')) {
            const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
            expect(status).not.toBe(101)
            expect(status).toBeLessThan(500)
            if (status < 300 && status !== 100) {
              expect(['GET', 'HEAD']).toContain(method)
              expect(isKnown(path)).toBe(true)
              expect(answer).not.toContain('"agents"')
            }
          }
        }),
        { numRuns: 400, seed: 20_261_128 },
      )
      expect(await doors()).toBe(before)
    },
  )

  /** Everything that comes back until the gateway closes or is silent. */
  function sent(text: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port: site.port })
      let received = ''
      let silence = setTimeout(() => socket.destroy(), 150)
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1')
        clearTimeout(silence)
        silence = setTimeout(() => socket.destroy(), 15)
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(silence)
        resolve(received)
      })
      socket.write(text, 'latin1')
    })
  }
})
