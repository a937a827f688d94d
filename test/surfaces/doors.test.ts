import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import type { MatrixEntry } from '../../packages/gateway/src/ingress/api/matrix.ts'
import { surfacesOf } from '../../packages/gateway/src/ingress/api/matrix.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { ask } from '../api/kit.ts'
import { EVERY_TOOL, openHouse, UNLIMITED, type House } from './house.ts'

let house: House
let table: readonly MatrixEntry[]
beforeAll(async () => {
  house = await openHouse({
    gateway: { rateLimit: UNLIMITED },
    credentials: {
      mail: {
        category: 'external',
        agents: ['desk'],
        base: 'https://mail.example.com',
        inject: { bearer: true },
        env: { MAIL_URL: 'base' },
      },
    },
  })
  table = tableOfEntries()
}, 120_000)
afterAll(() => house.close())

const concrete = ({ path }: { path: string }): string => path.replaceAll(/:[a-zA-Z]+/g, 'x')
const send = (socket: 'agent' | 'operator', method: string, path: string, bearer?: string, headers = {}) =>
  ask(
    { socketPath: join(house.state, 'run', `${socket}.sock`) },
    {
      method,
      path,
      headers,
      ...(bearer === undefined ? {} : { bearer }),
      ...(method === 'POST' || method === 'PUT' ? { body: {} } : {}),
    },
  )

/** Everything that strangers have besides calling and listing tools is how they come to that. */
const OPEN = [
  'POST /v1/token',
  'GET /v1/session',
  'POST /v1/calls',
  'GET /v1/calls/:id',
  'GET /v1/tools',
  'GET /mcp',
  'POST /mcp',
  'DELETE /mcp',
]

describe('HB-83, T-173: every route of the gateway, asked by an agent that strangers talk to', () => {
  test('eight are open, and the table says which', () => {
    expect(table.length).toBeGreaterThan(100)
    const open = table.filter(({ visitors }) => visitors === true).map(({ method, path }) => `${method} ${path}`)
    expect(open.sort()).toEqual([...OPEN].sort())
  })

  test('HB-55: all others of the agents’ plane answer 403, before anything else is looked at', async () => {
    const closed = table.filter(
      ({ plane, visitors, scope }) => plane === 'agent' && visitors !== true && scope !== 'public',
    )
    expect(closed.length).toBeGreaterThan(8)
    for (const entry of closed) {
      const answer = await send('agent', entry.method, concrete(entry), house.credential('visitor'))
      expect([entry.path, answer.status, answer.body?.code]).toEqual([entry.path, 403, 'SP_SURFACE_SCOPE'])
      const home = await send('agent', entry.method, concrete(entry), house.credential('coder'))
      expect([entry.path, home.body?.code]).not.toEqual([entry.path, 'SP_SURFACE_SCOPE'])
    }
  })

  test('HB-55: none of the operators’ plane is there for its credential, on either socket', async () => {
    const theirs = table.filter(({ plane, scope }) => plane === 'operator' && scope !== 'public')
    expect(theirs.length).toBeGreaterThan(80)
    for (const entry of theirs) {
      const path = concrete(entry)
      for (const bearer of [house.credential('visitor'), house.key('visitor')]) {
        const over = await send('operator', entry.method, path, bearer)
        const code = surfacesOf(entry).includes('socket') ? 'SP_API_HEADER' : 'SP_AUTHZ_UNMAPPED'
        expect([path, over.status >= 400, over.body?.code]).toEqual([path, true, code])
      }
      const across = await send('agent', entry.method, path, house.credential('visitor'))
      const isShared = table.some((one) => one.plane === 'agent' && one.path === entry.path)
      const code = isShared ? 'SP_SURFACE_SCOPE' : 'SP_AUTHZ_UNMAPPED'
      expect([path, across.status, across.body?.code]).toEqual([path, 403, code])
    }
  }, 120_000)

  test('HB-55, HB-22: what is lent to the house is not lent to strangers', () => {
    const { broker, envOf } = house.gateway.credentials
    expect(Object.keys(envOf('desk'))).toContain('MAIL_URL')
    expect(Object.keys(envOf('visitor'))).not.toContain('MAIL_URL')
    expect(broker.hostsOf('desk')).toHaveLength(1)
    expect(broker.hostsOf('visitor')).toEqual([])
  })

  test('T-173: such a refusal raises an alert', async () => {
    await send('agent', 'POST', '/v1/hooks/claude-code', house.credential('visitor'))
    await expect
      .poll(async () =>
        (await house.records()).some((one) => one.kind === 'alert' && one['name'] === 'surface.crossed'),
      )
      .toBe(true)
  })
})

describe('HB-82: nothing changes whom an agent faces', () => {
  const surface = async (bearer: string, headers = {}) =>
    (await send('agent', 'GET', '/v1/session', bearer, headers)).body as { readonly surface: string }

  test.each([
    ['a header', { 'sallyport-surface': 'admin' }],
    ['a session of the house', { 'sallyport-session': 'desk' }],
    ['a purpose', { 'sallyport-purpose': 'admin' }],
  ])('%s does not', async (_, headers) => {
    expect((await surface(house.credential('visitor'), headers)).surface).toBe('public')
  })

  test.each([{ surface: 'admin' }, { effects: ['read'], surface: 'local' }, { agent: 'desk' }, { sub: 'desk' }])(
    'an exchange with %j does not',
    async (body) => {
      const answer = await house.ask('/v1/token', body, house.key('visitor'))
      expect([answer.status, answer.body.code]).toEqual([422, 'SP_API_INVALID'])
    },
  )

  test('an exchange gives a credential of the same surface', async () => {
    const { body } = await house.ask('/v1/token', { effects: ['read'] }, house.key('visitor'))
    expect((await surface(body.credential)).surface).toBe('public')
  })

  test('T-173: session ids of others, over HTTP and over MCP, are not theirs', async () => {
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-06-18',
        capabilities: { experimental: { surface: 'admin' } },
        clientInfo: { name: 'desk', version: '1', surface: 'admin' },
      },
    }
    const accept = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' }
    const desk = await house.ask('/mcp', hello, house.credential('desk'), accept)
    const session = String(desk.headers['mcp-session-id'])
    const list = {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/list',
      params: { surface: 'admin', _meta: { surface: 'admin' } },
    }
    const stolen = await house.ask('/mcp', list, house.credential('visitor'), { ...accept, 'mcp-session-id': session })
    expect(stolen.status).toBe(404)
    const own = await house.ask('/mcp', hello, house.credential('visitor'), accept)
    const mine = await house.ask('/mcp', list, house.credential('visitor'), {
      ...accept,
      'mcp-session-id': String(own.headers['mcp-session-id']),
    })
    for (const tool of EVERY_TOOL.filter((id) => id.startsWith('office.')))
      expect(mine.text).not.toContain(tool.replace('.', '__'))
  })

  test('HB-82: an agent is not enrolled again, nor changed, nor brought back with another surface', async () => {
    const { agents } = house.gateway.identity
    await expect(agents.add({ name: 'visitor', by: 'test', surface: 'admin' })).rejects.toMatchObject({
      code: 'SP_AGENT_EXISTS',
    })
    const rotated = await agents.rotateKey('visitor', 'test')
    expect(rotated.agent.surface).toBe('public')
    await agents.setTrust('visitor', 2, 'test')
    await agents.add({ name: 'gone', by: 'test', surface: 'public' })
    await agents.revoke('gone', 'test')
    await expect(agents.add({ name: 'gone', by: 'test', surface: 'admin' })).rejects.toMatchObject({
      code: 'SP_AGENT_EXISTS',
    })
    expect(agents.get('visitor')?.surface).toBe('public')
  })

  test('HB-82: who faces strangers cannot vouch for what they say', async () => {
    const wanted = { name: 'voucher', by: 'test', surface: 'public', scopes: ['read', 'execute', 'vouch'] } as const
    await expect(house.gateway.identity.agents.add(wanted)).rejects.toMatchObject({ code: 'SP_AUTHZ_GRANT' })
  })

  test('HB-7: a stored surface that nobody knows is no agent at all', async () => {
    const { store, identity } = house.gateway
    await identity.agents.add({ name: 'odd', by: 'test' })
    const row = await store.get('agent', 'odd')
    await store.put({ ...row!, expiresAt: 0, body: { ...row!.body, surface: 'Public' } }, row!.version)
    await identity.agents.refresh('odd')
    expect(identity.agents.get('odd')).toBeUndefined()
  })
})
