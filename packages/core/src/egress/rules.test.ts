import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatches } from './glob.ts'
import { EGRESS_PRESETS, type EgressPreset } from './presets.ts'
import type { RequestFacts } from './requests.ts'
import { egressRuleOf, judgeRequest, lookingInto, needBody, rulesOf, type EgressRuleText } from './rules.ts'

const facts = (given: Partial<RequestFacts>): RequestFacts => ({
  ...{ method: 'GET', path: '/', search: '', type: undefined },
  ...given,
})
const rules = (given: EgressRuleText) => egressRuleOf('r', { hosts: ['api.example.com'], ...given })
const judge = (given: EgressRuleText, asked: Partial<RequestFacts>) => {
  const verdict = judgeRequest(rules(given), facts(asked))
  return verdict.ok ? 'allowed' : verdict.reason
}

describe('HB-45: what no rule allows is refused, and the refusal says what was nearest', () => {
  const given: EgressRuleText = {
    allow: [
      { methods: ['GET'], paths: ['/repos/acme/**'] },
      { methods: ['POST'], paths: ['/search'], types: ['application/json'] },
    ],
    deny: [{ paths: ['/repos/acme/secret/**'] }],
  }
  it.each([
    [{ path: '/repos/acme/shop' }, 'allowed'],
    [{ method: 'HEAD', path: '/repos/acme/shop' }, 'request_methods'],
    [{ method: 'get', path: '/repos/acme/shop' }, 'request_methods'],
    [{ path: '/repos/acme/secret/x' }, 'request_denied'],
    [{ path: '/repos/other/shop' }, 'request_paths'],
    [{ path: '/repos/acme/../other' }, 'request_denied'],
    [{ path: '/repos/acme/%2e%2e/other' }, 'request_denied'],
    [{ method: 'POST', path: '/search', type: 'application/json' }, 'allowed'],
    [{ method: 'POST', path: '/search', type: 'text/plain' }, 'request_types'],
  ] as const)('%j: %s', (asked, said) => expect(judge(given, asked)).toBe(said))

  it('without `allow` what is not denied may pass', () => {
    expect(judge({ deny: [{ methods: ['DELETE'] }] }, { method: 'POST' })).toBe('allowed')
    expect(judge({ deny: [{ methods: ['DELETE'] }] }, { method: 'DELETE' })).toBe('request_denied')
  })

  it('another rule cannot allow what one denies', () => {
    const both = [...rules({ allow: [{}] }), ...rules({ deny: [{ paths: ['/a'] }] })]
    expect(judgeRequest(both, facts({ path: '/a' }))).toMatchObject({ reason: 'request_denied' })
  })
})

describe('T-116: what is denied is denied however a server may read it', () => {
  const given: EgressRuleText = { deny: [{ paths: ['/admin/**', '/keys', '/v1/Secret'] }] }
  it.each([
    '/admin/x',
    '/ADMIN/x',
    '/%61dmin/x',
    '//admin/x',
    '/./admin/x',
    '/x/../admin/y',
    '/x%2f..%2fadmin/y',
    '/admin;a=b/x',
    '/%ff/x',
    '/%ef%bd%81dmin/x',
    '/keys/',
    '/v1/sEcret',
    `/x${'/x'.repeat(300)}`,
  ])('%s', (path) => expect(judge(given, { path })).toBe('request_denied'))
  it.each(['/', '/administration/x', '/v1/keys', '/a%20b'])('%s is another', (path) =>
    expect(judge(given, { path })).toBe('allowed'),
  )

  it.each(['?Admin=1', '?admin[]=1', '?admin[0]=1', '?%20admin=1', '?admin%00x=1', '?a=1;admin=1'])('%s', (search) =>
    expect(judge({ deny: [{ query: { admin: ['*'] } }] }, { search })).toBe('request_denied'),
  )

  it('a request that says that it is of another method, and is not allowed as another either', () => {
    const posted = { method: 'POST', overrides: ['DELETE'] }
    expect(judge({ deny: [{ methods: ['DELETE'] }] }, posted)).toBe('request_denied')
    expect(judge({ allow: [{ methods: ['POST'] }] }, posted)).toBe('request_methods')
    expect(judge({ allow: [{ methods: ['POST', 'DELETE'] }] }, posted)).toBe('allowed')
  })

  it('a call whose tool cannot be told', () => {
    const deny: EgressRuleText = { deny: [{ mcp: { methods: ['tools/call'], tools: ['send'] } }] }
    expect(judge(deny, { mcp: [{ method: 'tools/call' }] })).toBe('request_denied')
    expect(judge(deny, { mcp: [{ method: 'tools/call', tool: 'search' }] })).toBe('allowed')
  })
})

describe('rules on the query', () => {
  const given: EgressRuleText = { allow: [{ query: { page: ['*'], sort: ['name', 'date'] } }] }
  it.each([
    ['', 'allowed'],
    ['?page=1&sort=date', 'allowed'],
    ['?page=1&page=2', 'allowed'],
    ['?sort=size', 'request_query'],
    ['?sort=name&sort=size', 'request_query'],
    ['?page=1&callback=x', 'request_query'],
    ['?page=1;callback=x', 'request_query'],
    ['?page=1%3Bcallback=x', 'allowed'],
    ['?%70age=1', 'allowed'],
    ['?__proto__=1', 'request_query'],
  ])('%s: %s', (search, said) => expect(judge(given, { search })).toBe(said))

  it('a denied member is denied however it is spelt, and among others', () => {
    const deny: EgressRuleText = { deny: [{ query: { admin: ['*'] } }] }
    expect(judge(deny, { search: '?a=1&%61dmin=true' })).toBe('request_denied')
    expect(judge(deny, { search: '?a=1' })).toBe('allowed')
  })
})

describe('rules on GraphQL operations and MCP calls', () => {
  const graphql: EgressRuleText = { allow: [{ graphql: { operations: ['query'], fields: ['repository', 'view*'] } }] }
  const mcp: EgressRuleText = { allow: [{ mcp: { methods: ['initialize', 'tools/*'], tools: ['search'] } }] }

  it('every operation and every field has to be of the rule', () => {
    const query = { kind: 'query', fields: ['repository'] } as const
    expect(judge(graphql, { graphql: [query] })).toBe('allowed')
    expect(judge(graphql, { graphql: [query, { kind: 'mutation', fields: ['repository'] }] })).toBe('request_graphql')
    expect(judge(graphql, { graphql: [{ kind: 'query', fields: ['viewer', 'users'] }] })).toBe('request_graphql')
    expect(judge(graphql, { graphql: [{ kind: 'query', fields: [] }] })).toBe('request_graphql')
  })
  it('what cannot be read is allowed by nothing and denied by everything', () => {
    expect(judge(graphql, {})).toBe('request_graphql')
    expect(judge(mcp, {})).toBe('request_mcp')
    expect(judge({ deny: [{ mcp: { methods: ['tools/call'] } }] }, {})).toBe('request_denied')
    expect(judge({ deny: [{ graphql: { operations: ['mutation'] } }] }, {})).toBe('request_denied')
  })
  it('a batch is allowed when all of it is', () => {
    const call = (tool: string) => ({ method: 'tools/call', tool })
    expect(judge(mcp, { mcp: [{ method: 'initialize' }, call('search')] })).toBe('allowed')
    expect(judge(mcp, { mcp: [call('search'), call('send')] })).toBe('request_mcp')
    expect(judge(mcp, { mcp: [{ method: 'tools/call' }] })).toBe('request_mcp')
    expect(judge(mcp, { mcp: [{ method: 'resources/read' }] })).toBe('request_mcp')
  })
  it('only they need the body', () => {
    expect(needBody(rules(mcp))).toBe(true)
    expect(needBody(rules({ deny: [{ graphql: { operations: ['mutation'] } }] }))).toBe(true)
    expect(needBody(rules({ allow: [{ methods: ['POST'] }] }))).toBe(false)
  })
})

describe('whose rules they are', () => {
  it('a rule without agents is for everyone, one without requests is a tunnel', () => {
    const all = [...rules({}), ...rules({ agents: ['a'], allow: [{}] })]
    expect(rulesOf(all, 'b')).toHaveLength(1)
    expect(lookingInto(rulesOf(all, 'b'), 'api.example.com', 443)).toEqual([])
    expect(lookingInto(rulesOf(all, 'a'), 'api.example.com', 443)).toHaveLength(1)
    expect(lookingInto(rulesOf(all, 'a'), 'api.example.com', 80)).toEqual([])
  })
  it('a rule that names no host is none', () => {
    expect(() => egressRuleOf('r', { allow: [{}] })).toThrow(RangeError)
    expect(() => egressRuleOf('r', { hosts: [] })).toThrow(RangeError)
  })
})

describe('presets', () => {
  it.each(Object.keys(EGRESS_PRESETS) as EgressPreset[])('%s looks into every host it names', (preset) => {
    for (const rule of egressRuleOf('p', { preset })) expect(rule.requests?.allow.length).toBeGreaterThan(0)
  })
  it('settings of a rule replace those of its preset', () => {
    const [rule] = egressRuleOf('p', { preset: 'npm', agents: ['a'], secrets: 'record', deny: [{ methods: ['GET'] }] })
    expect(rule).toMatchObject({ agents: ['a'], requests: { secrets: 'record', deny: [{ methods: ['GET'] }] } })
  })
  it('github is read, not written', () => {
    const github = egressRuleOf('p', { preset: 'github' })
    const said = (host: string, asked: Partial<RequestFacts>) =>
      judgeRequest(lookingInto(github, host, 443), facts(asked)).ok
    const pack = { method: 'POST', path: '/acme/shop.git/git-upload-pack' }
    expect(said('github.com', { path: '/acme/shop.git/info/refs', search: '?service=git-upload-pack' })).toBe(true)
    expect(said('github.com', pack)).toBe(true)
    expect(said('github.com', { ...pack, path: '/acme/shop.git/git-receive-pack' })).toBe(false)
    expect(said('api.github.com', { method: 'POST', path: '/gists' })).toBe(false)
    const mutation = [{ kind: 'mutation', fields: ['addStar'] }] as const
    expect(said('api.github.com', { method: 'POST', path: '/graphql', graphql: mutation })).toBe(false)
  })
})

describe('patterns with *', () => {
  it('say what a regular expression with .* says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, (glob, given) => {
        const expression = glob.replace(/[.]/g, '\\.').replaceAll('*', '.*')
        expect(globMatches([glob], given)).toBe(new RegExp(`^${expression}$`, 's').test(given))
      }),
    )
  })
})
