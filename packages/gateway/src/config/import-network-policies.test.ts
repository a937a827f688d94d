import type { Json } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { parseEgressFile } from './egress-rules.ts'
import { importNetworkPolicies } from './import-network-policies.ts'

const BINARIES = [{ path: '/usr/bin/curl' }]
const imported = (...endpoints: readonly Json[]) =>
  importNetworkPolicies({ network_policies: { one: { endpoints, binaries: BINARIES } } })
const REST = { host: 'api.example.com', port: 443, protocol: 'rest', enforcement: 'enforce' }

describe('policies that are taken over', () => {
  it.each([
    ['a tunnel', { host: 'a.example.com', port: 8443 }, { hosts: ['a.example.com:8443'] }],
    ['any depth', { host: '**.example.com' }, { hosts: ['*.example.com:443'] }],
    ['access', { ...REST, access: 'read-only' }, { allow: [{ methods: ['GET', 'HEAD', 'OPTIONS'] }] }],
    [
      'rules',
      {
        ...REST,
        rules: [{ allow: { method: '*', path: '/a/**/b/**' } }],
        deny_rules: [{ method: 'POST', path: '/a/**/b', query: { force: { any: ['yes', 'tr*'] } } }],
      },
      {
        allow: [{ paths: ['/a/*/**/b/**'] }],
        deny: [{ methods: ['POST'], paths: ['/a/**/b'], query: { force: ['yes', 'tr*'] } }],
      },
    ],
    [
      'tools',
      { ...REST, protocol: 'mcp', rules: [{ allow: { method: 'tools/call', tool: { any: ['search', 'web.**'] } } }] },
      { allow: [{ mcp: { methods: ['tools/call'], tools: ['search', 'web.*'] } }] },
    ],
    [
      'a WebSocket, as far as its first request',
      { ...REST, protocol: 'websocket', access: 'full' },
      { allow: [{ methods: ['GET'] }] },
    ],
  ] as const)('%s', (_what, endpoint, rule) => {
    const { rules } = imported(endpoint)
    expect(rules).toMatchObject({ one: rule })
    expect(() => parseEgressFile(JSON.stringify({ version: 1, rules }))).not.toThrow()
  })
})

describe('never is a policy wider than it was', () => {
  const rule = (allow: Json) => ({ ...REST, rules: [{ allow }] })
  it.each([
    ['a rule that is not wrapped', { ...REST, rules: [{ method: 'GET', path: '/a' }] }],
    ['a rule without a method', rule({ path: '/a' })],
    ['a rule without a path', rule({ method: 'GET' })],
    ['methods in a list', rule({ method: ['GET'], path: '/a' })],
    ['a query that has to be there', rule({ method: 'DELETE', path: '/a', query: { dry_run: 'true' } })],
    ['a class of signs', rule({ method: 'GET', path: '/a/[0-9]' })],
    ['a denied path with alternatives', { ...REST, access: 'full', deny_rules: [{ method: '*', path: '/a/{b,c}' }] }],
    [
      'a denied query with a class',
      { ...REST, access: 'full', deny_rules: [{ method: '*', path: '/a', query: { x: '[ab]' } }] },
    ],
    ['a rule that denies, and is no list', { ...REST, access: 'full', deny_rules: { method: '*', path: '/a' } }],
    ['a preset and rules', { ...rule({ method: 'GET', path: '/a' }), access: 'full' }],
    ['a preset that is not known', { ...rule({ method: 'GET', path: '/a' }), access: 'readonly' }],
    ['a preset of MCP', { ...REST, protocol: 'mcp', access: 'full' }],
    ['a tool of any method', { ...REST, protocol: 'mcp', rules: [{ allow: { tool: 'search' } }] }],
    ['a tool up to its dot', { ...REST, protocol: 'mcp', rules: [{ allow: { method: 'tools/call', tool: 'web.*' } }] }],
    ['a protocol that is no text', { ...REST, protocol: ['rest'], access: 'read-only' }],
    ['rules that nobody looks at', { ...rule({ method: 'GET', path: '/a' }), tls: 'skip' }],
    ['one path of a host', { ...REST, path: '/v1/**', access: 'full' }],
    ['one label', { host: '*.example.com', port: 443 }],
    ['any port', { host: 'api.example.com', port: '*' }],
  ])('%s is not taken over', (_what, endpoint) => {
    const { rules, notes } = imported(endpoint)
    expect(rules).toEqual({})
    expect(notes.join()).toContain('one: not taken over')
  })

  it.each([
    ['api.example.com', 'API.example.com', false],
    ['api.example.com', '*.example.com', false],
    ['**.example.com', '*-a.eu.example.com', false],
    ['api.example.com', 'example.com', true],
    ['api.example.com', '*.other.example', true],
  ])('%s may be what was denied for %s, which is left out: kept is %s', (host, other, kept) => {
    const left = { ...REST, host: other, deny_rules: [{ method: '*', path: '/x/[a]' }] }
    const { rules } = imported({ ...REST, host, access: 'full' }, left)
    expect(Object.keys(rules)).toEqual(kept ? ['one-1'] : [])
  })
  it('one does not take the place of another, and one without programs allows nothing', () => {
    const endpoints = [{ ...REST, access: 'full' }]
    const { rules } = importNetworkPolicies({
      network_policies: {
        'a b': { endpoints: [{ ...REST, host: 'b.example.com', access: 'read-only' }], binaries: BINARIES },
        'A B': { endpoints, binaries: BINARIES },
        nobody: { endpoints, binaries: [] },
      },
    })
    expect(Object.keys(rules)).toEqual(['a-b'])
    expect(rules['a-b']).toMatchObject({ hosts: ['b.example.com:443'] })
  })
})
