import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { issueCredential, SCOPES } from '@sallyport/core'
import { createHmac } from 'node:crypto'
import { Matrix, type MatrixEntry } from '../../packages/gateway/src/ingress/api/matrix.ts'
import type { HooksHandler, McpHandler } from '../../packages/gateway/src/ingress/api/ports.ts'
import type { Route } from '../../packages/gateway/src/ingress/api/route.ts'
import { agentRoutes } from '../../packages/gateway/src/ingress/api/agent-routes.ts'
import { agentsRoutes } from '../../packages/gateway/src/ingress/api/agents-routes.ts'
import { toolsRoutes } from '../../packages/gateway/src/ingress/api/tools-routes.ts'
import { limitedTo, startKit, type Kit } from './kit.ts'

const spies = new Map<string, ReturnType<typeof vi.fn<Route['handle']>>>()
const spied = (routes: readonly Route[]): Route[] =>
  routes.map((route) => {
    const handle = vi.fn<Route['handle']>(() => Promise.resolve({ status: 200, body: {} }))
    spies.set(`${route.method} ${route.path}`, handle)
    return { ...route, handle }
  })
const nothing = {} as never
const mcp = {
  handleHttp: vi.fn<McpHandler['handleHttp']>((_request, response) => {
    response.end('{}')
    return Promise.resolve()
  }),
  handleUpgrade: vi.fn<McpHandler['handleUpgrade']>(() => Promise.resolve()),
}
const hooks = {
  handle: vi.fn<HooksHandler['handle']>(() => Promise.resolve({ status: 200, contentType: 'text/plain', body: '{}' })),
}
const handled = (): number =>
  [...spies.values(), mcp.handleHttp, mcp.handleUpgrade, hooks.handle].reduce(
    (sum, spy) => sum + spy.mock.calls.length,
    0,
  )

let kit: Kit
let credential: string
let key: string

beforeAll(async () => {
  const routes = spied([...agentRoutes(nothing), ...toolsRoutes(nothing), ...agentsRoutes(nothing)])
  const rateLimit = { ...limitedTo(1e6, 1e6), failuresPerMinute: 1e6 }
  kit = await startKit({ routes, config: { rateLimit }, api: { mcp, hooks } })
  const agent = await kit.agent('coder')
  credential = agent.credential
  key = agent.key
})
afterAll(() => kit.close())

const concrete = (entry: MatrixEntry): string => entry.path.replaceAll(/:[a-zA-Z]+/g, 'x')
const closed = (): readonly MatrixEntry[] => kit.api.matrix.entries.filter(({ scope }) => scope !== 'public')
const of = (entry: MatrixEntry) => (entry.plane === 'operator' ? 'operator' : 'agent')

function forged(claims: object): string {
  const secret = createHmac('sha256', new Uint8Array(32).fill(1)).update('sallyport/agent-credential/1').digest()
  const now = Math.floor(Date.now() / 1000)
  const whole = { jti: 'j', sub: 'coder', gen: 1, scopes: ['read'], effects: ['read'], iat: now + 1, exp: now + 60 }
  return issueCredential(secret, { ...whole, ...claims } as never)
}

describe('the authentication matrix', () => {
  it('AC-2.1.1: every route, raw entry and upgrade is in one table, and nothing else is', () => {
    const listed = kit.api.matrix.entries.map(({ method, path }) => `${method} ${path}`)
    for (const route of spies.keys()) expect(listed).toContain(route)
    expect(listed).toContain('POST /v1/hooks/:host')
    expect(listed).toContain('GET /v1/mcp/stdio')
    expect(listed).toContain('POST /mcp')
    expect(listed).toHaveLength(spies.size + 2 + 1 + 7)
  })

  it('AC-4.4.2: every entry names the scope it needs, and public ones are the two that say nothing', () => {
    for (const { scope } of kit.api.matrix.entries) expect([...SCOPES, 'public']).toContain(scope)
    const open = kit.api.matrix.entries.filter(({ scope }) => scope === 'public').map(({ path }) => path)
    expect(open).toEqual(['/health', '/health'])
  })

  it('HB-10: what reaches a handler carries its surface and an identity with a trust level, by every ingress', async () => {
    const handlers = { api: spies.get('GET /v1/session'), mcp: mcp.handleHttp, hook: hooks.handle }
    await kit.ask('agent', { path: '/v1/session', bearer: credential })
    await kit.ask('tcp', { method: 'POST', path: '/mcp', bearer: credential, body: {} })
    await kit.ask('agent', { method: 'POST', path: '/v1/hooks/claude-code', bearer: credential, body: {} })
    const callers = {
      api: handlers.api?.mock.lastCall?.[0].caller,
      mcp: handlers.mcp.mock.lastCall?.[2],
      hook: handlers.hook.mock.lastCall?.[0],
    }
    const ingresses = { api: 'api', mcp: 'mcp-http', hook: 'hook' }
    for (const [way, ingress] of Object.entries(ingresses)) {
      const caller = callers[way as keyof typeof callers]
      expect(caller).toMatchObject({
        ingress,
        surface: 'local',
        principal: { kind: 'agent', id: 'coder', trustLevel: 0 },
      })
    }
    expect(callers.mcp?.channel).toBe('tcp')
  })

  it('ND-7.3.a AC-2.1.2: without a credential no handler of the agent plane runs', async () => {
    const before = handled()
    for (const entry of closed().filter(({ plane }) => plane === 'agent')) {
      const answer = await kit.ask('agent', { method: entry.method, path: concrete(entry) })
      expect([entry.path, answer.status]).toEqual([entry.path, 401])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
    expect(handled()).toBe(before)
  })

  it('INV-6 AC-2.1.2: over the network all but /health wants a credential, and nothing of the operator is there', async () => {
    const before = handled()
    const open: string[] = []
    for (const entry of kit.api.matrix.entries) {
      const answer = await kit.ask('tcp', { method: entry.method, path: concrete(entry) })
      if (answer.status === 200) open.push(entry.path)
      else expect([entry.path, answer.status]).toEqual([entry.path, entry.plane === 'agent' ? 401 : 403])
    }
    expect(new Set(open)).toEqual(new Set(['/health']))
    expect(handled()).toBe(before)
  })

  it.each([
    ['garbage', () => 'garbage'],
    ['a key where a credential belongs', () => key],
    ['expired', () => forged({ iat: Math.floor(Date.now() / 1000) - 900, exp: Math.floor(Date.now() / 1000) - 1 })],
    ['of another generation', () => forged({ gen: 7 })],
    ['of an agent that does not exist', () => forged({ sub: 'nobody' })],
    ['signed by somebody else', () => `${credential.slice(0, -4)}AAAA`],
    ['with alg none', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${credential.split('.')[1]}.`],
  ])('AC-2.1.2 HB-60: a credential that is %s reaches no handler', async (_name, make) => {
    const before = handled()
    for (const entry of closed().filter((one) => one.plane === 'agent' && one.auth === undefined)) {
      const answer = await kit.ask('agent', { method: entry.method, path: concrete(entry), bearer: make() })
      expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 401, 'SP_AUTHN_INVALID'])
    }
    expect(handled()).toBe(before)
  })

  it('AC-4.4.1 AC-4.4.3: a credential without the scope is answered 403, told which one is missing, and recorded', async () => {
    const before = handled()
    const recorded = kit.boundary.refusals.filter(({ code }) => code === 'SP_AUTHZ_SCOPE').length
    const reader = forged({ scopes: ['read'] })
    for (const entry of closed().filter(({ plane, scope }) => plane === 'agent' && scope === 'execute')) {
      const answer = await kit.ask('agent', { method: entry.method, path: concrete(entry), bearer: reader })
      expect([entry.path, answer.status, answer.body.code]).toEqual([entry.path, 403, 'SP_AUTHZ_SCOPE'])
      expect(answer.body.detail).toMatch(/needs execute.*has read/)
    }
    expect(kit.boundary.refusals.filter(({ code }) => code === 'SP_AUTHZ_SCOPE').length).toBeGreaterThan(recorded)
    expect(handled()).toBe(before)
  })

  it('AC-2.1.2: with the right credential every handler is reached', async () => {
    for (const entry of closed()) {
      if ('raw' in entry && entry.raw === 'mcp-stdio') continue
      const before = handled()
      const bearer = entry.plane === 'operator' ? undefined : entry.auth === 'key' ? key : credential
      const answer = await kit.ask(of(entry), {
        method: entry.method,
        path: concrete(entry),
        ...(bearer === undefined ? {} : { bearer }),
      })
      expect([entry.path, answer.status, handled() - before]).toEqual([entry.path, 200, 1])
    }
  })

  it('AC-2.1.1: the planes do not mix: no operator route on the agent socket, no agent route on the operator socket', async () => {
    const before = handled()
    for (const entry of closed()) {
      const other = entry.plane === 'operator' ? 'agent' : 'operator'
      const bearer = entry.plane === 'operator' ? { bearer: credential } : {}
      const answer = await kit.ask(other, { method: entry.method, path: concrete(entry), ...bearer })
      expect([entry.path, answer.status]).toEqual([entry.path, 403])
    }
    expect(handled()).toBe(before)
  })

  const strange = [
    '/',
    '/v1',
    '/v2/calls',
    '/V1/session',
    '/v1/Session',
    '/v1/session/',
    '//v1/session',
    '/v1//session',
    '/v1/./session',
    '/v1/x/../session',
    '/v1/..%2fsession',
    '/v1/%73ession',
    '/v1/session%00',
    '/v1/session;x=1',
    '/v1/session\\',
    '/v1/calls/%2e%2e',
    '/v1/calls/a/b',
    '/api/v1/agents',
    '/mcp/a/b',
    '/metrics',
    'http://127.0.0.1/v1/session',
  ]
  it.each(strange)('AC-2.1.4: %s is answered 403', async (path) => {
    const before = handled()
    const answer = await kit.ask('agent', { path, bearer: credential })
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_AUTHZ_UNMAPPED'])
    expect(handled()).toBe(before)
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'])(
    'AC-2.1.4: method %s on a known path is answered 403',
    async (method) => {
      const answer = await kit.ask('agent', { method, path: '/v1/session', bearer: credential })
      expect(answer.status).toBe(403)
    },
  )

  it('AC-2.1.3: an entry without justification does not load; those that are public are named at the start', async () => {
    const route: Route = {
      method: 'GET',
      path: '/v1/open',
      plane: 'agent',
      scope: 'public',
      summary: ' ',
      handle: () => Promise.resolve({ status: 200 }),
    }
    expect(() => new Matrix([route])).toThrow(/justification/)
    const notices: string[] = []
    const noticed = await startKit({ api: { notice: (line) => notices.push(line) } })
    await noticed.close()
    expect(notices).toHaveLength(2)
    expect(notices[0]).toMatch(/GET \/health is public: .{20}/)
  })

  it('T-002: an operator route that widens rights and does not say how presence is checked does not load', () => {
    const route: Route = {
      method: 'POST',
      path: '/api/v1/widen',
      plane: 'operator',
      scope: 'policy',
      summary: 'Widens something important.',
      handle: () => Promise.resolve({ status: 200 }),
    }
    expect(() => new Matrix([route])).toThrow(/presence/)
    expect(() => new Matrix([{ ...route, presence: 'route' }])).not.toThrow()
    expect(() => new Matrix([{ ...route, presence: 'route', path: '/v1/widen' }])).toThrow(/plane/)
    expect(
      () =>
        new Matrix([
          { ...route, presence: 'route' },
          { ...route, presence: 'route' },
        ]),
    ).toThrow(/Two routes/)
  })
})
