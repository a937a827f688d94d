import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EgressRuleText, JsonObject } from '@sallyport/core'
import { Servers, webStage, type WebStage } from './stage.ts'

/** A key of a well-known form that was never one. */
const SECRET = `ghp_${'A1b2C3d4E5f6G7h8I9j0'.repeat(2).slice(0, 36)}`
const NAMES = { 'page.test': [['127.0.0.1']], 'other.test': [['127.0.0.1']] }
const servers = new Servers()
const got: string[] = []
let port = 0

beforeAll(async () => {
  port = await servers.http((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '' } = request
      got.push(`${method} ${url} ${Buffer.concat(chunks).toString()}`.trim())
      const to = new URL(url, 'http://page.test').searchParams.get('to')
      if (to !== null) response.writeHead(307, { location: to }).end()
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('fine')
    })
  })
})
beforeEach(() => void (got.length = 0))
afterAll(() => servers.close())

type Rules = Readonly<Record<string, EgressRuleText>>
const ONLY_A: Rules = { a: { hosts: ['page.test:*'], allow: [{ methods: ['GET'], paths: ['/a'] }] } }

function stage(rules: Rules, onAsk?: (host: string) => void): WebStage {
  const hosts = ['page.test:*']
  const how = webStage(
    {
      web_fetch: { hosts: [...hosts, 'other.test:*'] },
      http: { hosts, methods: ['GET', 'POST', 'DELETE'] },
      webhook: { targets: { desk: { url: `http://page.test:${port}/hook` } } },
    },
    NAMES,
    { inside: ['page.test:*', 'other.test:*'], ...(onAsk === undefined ? {} : { onAsk }) },
  )
  how.setRules(rules)
  return how
}
const said = async (how: WebStage, tool: string, args: JsonObject): Promise<string> => {
  const { code, result } = await how.run(tool, args)
  return code ?? String(result?.structuredContent.status)
}
const at = (path: string, host = 'page.test'): string => `http://${host}:${port}${path}`

describe('HB-45 HB-72: requests of tools are judged as those of sandboxes are', () => {
  test.each([
    ['web_fetch', { path: '/a' }, '200'],
    ['http', { path: '/a' }, '200'],
    ['http', { path: '/a', method: 'POST' }, 'SP_EGRESS_RULE request_methods'],
    ['http', { path: '/a', method: 'DELETE' }, 'SP_EGRESS_RULE request_methods'],
    ['http', { path: '/b' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '/b' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '/a/../b' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '/a/%2e%2e/b' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '/a%2f..%2fb' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '//a' }, 'SP_EGRESS_RULE request_paths'],
    ['web_fetch', { path: '/A' }, 'SP_EGRESS_RULE request_paths'],
    ['webhook', {}, 'SP_EGRESS_RULE request_methods'],
  ])(
    'GET /a and nothing else: %s %j is %s',
    async (tool, { path, method }: { path?: string; method?: string }, how) => {
      const staged = stage(ONLY_A)
      const args = path === undefined ? { target: 'desk', payload: {} } : { url: at(path) }
      expect(await said(staged, tool, { ...args, ...(method === undefined ? {} : { method }) })).toBe(how)
      const isOut = how === '200'
      expect(got).toEqual(isOut ? ['GET /a'] : [])
      const attempt = { verdict: isOut ? 'allowed' : 'refused', rule: 'a', method: method ?? (path ? 'GET' : 'POST') }
      expect(staged.attempts).toMatchObject([attempt])
      // what is refused by its head alone is not even looked up
      expect(staged.asked).toEqual(isOut ? ['page.test'] : [])
    },
  )

  test('HB-70: a redirect is a request of its own', async () => {
    expect(await said(stage(ONLY_A), 'web_fetch', { url: at('/a?to=/b') })).toBe('SP_EGRESS_RULE request_paths')
    expect(got).toEqual(['GET /a?to=/b'])
    got.length = 0
    const elsewhere: Rules = { other: { hosts: ['other.test:*'], allow: [{ paths: ['/open'] }] } }
    expect(await said(stage(elsewhere), 'web_fetch', { url: at(`/a?to=${at('/shut', 'other.test')}`) })).toBe(
      'SP_EGRESS_RULE request_paths',
    )
    expect(got).toHaveLength(1)
    expect(await said(stage(elsewhere), 'web_fetch', { url: at(`/a?to=${at('/open', 'other.test')}`) })).toBe('200')
  })

  test('rules that change on the way hold for the next hop', async () => {
    const how = stage({}, () => how.setRules(ONLY_A))
    expect(await said(how, 'web_fetch', { url: at('/x?to=/b') })).toBe('SP_EGRESS_RULE request_paths')
    expect(got).toEqual(['GET /x?to=/b'])
  })

  test('they take from what a tool may ask, and add nothing', async () => {
    const more: Rules = { more: { hosts: ['other.test:*'] }, looks: { hosts: ['other.test:*'], allow: [{}] } }
    expect(await said(stage(more), 'http', { url: at('/', 'other.test') })).toBe('SP_EGRESS_REFUSED not_allowlisted')
    const how = stage({})
    how.setRules({}, ['page.test:*'])
    expect(await said(how, 'http', { url: at('/') })).toBe('SP_EGRESS_REFUSED blocked')
    how.setRules({}, [], ['127.0.0.0/8'])
    expect(await said(how, 'http', { url: at('/') })).toMatch(/^SP_EGRESS_REFUSED ip_/)
    expect(got).toEqual([])
  })

  test('they are those of its server', async () => {
    const rules = (agent: string): Rules => ({ a: { ...ONLY_A['a'], agents: [agent] } })
    expect(await said(stage(rules('server:other')), 'http', { url: at('/b') })).toBe('200')
    expect(await said(stage(rules('server:web')), 'http', { url: at('/b') })).toBe('SP_EGRESS_RULE request_paths')
  })
})

describe('HB-45 HB-52: query and body are looked into', () => {
  const rule = (parts: EgressRuleText): Rules => ({ a: { hosts: ['page.test:*'], ...parts } })
  const post = async (rules: Rules, body: string, type?: string): Promise<string> =>
    said(stage(rules), 'http', {
      ...{ url: at('/a'), method: 'POST', body },
      ...(type === undefined ? {} : { headers: { 'Content-Type': type } }),
    })

  test('members of the query', async () => {
    const query = rule({ allow: [{ query: { page: ['*'] } }] })
    expect(await said(stage(query), 'http', { url: at('/a?page=1') })).toBe('200')
    expect(await said(stage(query), 'http', { url: at('/a?page=1&all=1') })).toBe('SP_EGRESS_RULE request_query')
  })

  test('types of bodies, and a body that does not say its own is of none', async () => {
    const types = rule({ allow: [{ types: ['text/plain'] }] })
    expect(await post(types, 'hello', 'text/plain; charset=utf-8')).toBe('200')
    expect(await post(types, '{}', 'application/json')).toBe('SP_EGRESS_RULE request_types')
    const denied = rule({ deny: [{ types: ['application/json'] }] })
    for (const odd of [undefined, 'application/json, text/plain', 'text/plain application/json', 'json']) {
      expect(await post(types, '{}', odd)).toBe('SP_EGRESS_RULE request_types')
      expect(await post(denied, '{}', odd)).toBe('SP_EGRESS_RULE request_denied')
    }
    expect(await post(denied, 'hello', 'text/plain')).toBe('200')
  })

  test('operations, length and secrets', async () => {
    const graphql = rule({ allow: [{ graphql: { operations: ['query'] } }] })
    expect(await post(graphql, '{"query":"{ viewer { login } }"}', 'application/json')).toBe('200')
    expect(await post(graphql, '{"query":"mutation { drop { id } }"}', 'application/json')).toBe(
      'SP_EGRESS_RULE request_graphql',
    )
    expect(await post(rule({ allow: [{}], bodyBytes: 8 }), 'x'.repeat(9))).toBe('SP_EGRESS_RULE too_large')
    got.length = 0
    expect(await post(rule({ allow: [{}] }), `token ${SECRET}`)).toBe('SP_EGRESS_RULE secret')
    expect(await said(stage(rule({ allow: [{}] })), 'web_fetch', { url: at(`/${SECRET}`) })).toBe(
      'SP_EGRESS_RULE secret',
    )
    expect(got).toEqual([])
    expect(await post(rule({ allow: [{}], secrets: 'mask' }), `token ${SECRET}`)).toBe('200')
    expect(got).toEqual([`POST /a token ${'*'.repeat(SECRET.length)}`])
  })
})
