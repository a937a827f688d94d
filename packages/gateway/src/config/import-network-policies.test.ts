import type { JsonObject } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseEgressFile } from './egress-rules.ts'
import { importNetworkPolicies } from './import-network-policies.ts'

const imported = (policies: string) =>
  importNetworkPolicies({ network_policies: parse(policies) as JsonObject } satisfies JsonObject)

/** One endpoint with these members besides. */
const endpoint = (members: string) =>
  imported(`one: { endpoints: [{ host: api.corp.example, port: 443, ${members} }] }`)

describe('HB-45: network policies of OpenShell and NemoClaw', () => {
  it('come over as rules that can be read again', () => {
    const { rules, notes } = imported(`
      github:
        name: github
        binaries: [{ path: /usr/bin/git }]
        endpoints:
          - { host: api.github.com, port: 443, protocol: rest, enforcement: enforce, access: read-only }
          - host: github.com
            ports: [443, 8443]
            protocol: rest
            enforcement: enforce
            rules:
              - allow: { method: GET, path: "/acme/**/info/refs", query: { service: git-upload-pack } }
              - allow: { method: POST, path: "/acme/*/git-upload-pack" }
            deny_rules:
              - { method: POST, path: "/acme/secret/**" }
      plain: { endpoints: [{ host: "*.pkgs.example", port: 443 }] }
    `)
    expect(parseEgressFile(stringify({ version: 1, rules })).rules.map(({ name }) => name)).toEqual([
      'github-1',
      'github-2',
      'plain',
    ])
    expect(rules).toMatchObject({
      'github-1': { hosts: ['api.github.com:443'], allow: [{ methods: ['GET', 'HEAD', 'OPTIONS'] }] },
      'github-2': {
        hosts: ['github.com:443', 'github.com:8443'],
        allow: [
          { methods: ['GET'], paths: ['/acme/**/info/refs'], query: { service: ['git-upload-pack'] } },
          { methods: ['POST'], paths: ['/acme/*/git-upload-pack'] },
        ],
        deny: [{ methods: ['POST'], paths: ['/acme/secret/**'] }],
      },
      plain: { hosts: ['*.pkgs.example:443'] },
    })
    expect(notes.join('\n')).toMatch(/github: it names programs/)
  })

  it.each([
    ['GraphQL', 'protocol: graphql, enforcement: enforce, access: read-only', { graphql: { operations: ['query'] } }],
    [
      'fields of GraphQL',
      'protocol: graphql, enforcement: enforce, rules: [{ allow: { operation_type: mutation, fields: [addStar] } }]',
      { graphql: { operations: ['mutation'], fields: ['addStar'] } },
    ],
    [
      'tools of MCP',
      'protocol: mcp, enforcement: enforce, rules: [{ allow: { method: tools/call, tool: { any: [search, read] } } }]',
      { mcp: { methods: ['tools/call'], tools: ['search', 'read'] } },
    ],
  ])('%s', (_what, members, shape) => {
    const { rules, notes } = endpoint(members)
    expect(rules['one']?.allow).toEqual([shape])
    expect(notes).toEqual([])
    parseEgressFile(stringify({ version: 1, rules }))
  })

  it.each([
    ['a protocol that is not known', 'protocol: grpc, enforcement: enforce, access: full'],
    ['a member of an endpoint that may narrow it', 'path: /mcp'],
    ['a member of a rule that may narrow it', 'protocol: rest, rules: [{ allow: { method: GET, headers: { a: b } } }]'],
    ['a * within a segment', 'protocol: rest, rules: [{ allow: { method: GET, path: "/repo-*/x" } }]'],
    ['an access that is not known', 'protocol: rest, access: some'],
    ['nothing that is allowed', 'protocol: rest, rules: []'],
    ['messages of a WebSocket', 'protocol: websocket, rules: [{ allow: { method: WEBSOCKET_TEXT, path: /x } }]'],
    ['a denial with what has no counterpart', 'protocol: rest, access: full, deny_rules: [{ method: GET, sni: x }]'],
  ])('T-115: is never wider than it was: left out, and said so: %s', (_what, members) => {
    const { rules, notes } = endpoint(members)
    expect(rules).toEqual({})
    expect(notes.join('\n')).toMatch(/one: not taken over: .+/)
  })

  it.each([
    ['no host', 'one: { endpoints: [{ port: 443 }] }'],
    ['a host that is everything', 'one: { endpoints: [{ host: "*", port: 443 }] }'],
    ['a port that is none', 'one: { endpoints: [{ host: a.example, port: 99999 }] }'],
    ['an endpoint that is none', 'one: { endpoints: [text] }'],
  ])('gives no rule for %s', (_what, policies) => {
    const { rules, notes } = imported(policies)
    expect(rules).toEqual({})
    expect(notes).toHaveLength(1)
  })

  it('gives two policies two rules, though their names become one', () => {
    const { rules, notes } = imported(`
      A: { endpoints: [{ host: a.example, port: 443 }] }
      a: { endpoints: [{ host: b.example, port: 443 }] }
    `)
    expect(Object.values(rules).flatMap(({ hosts }) => hosts)).toEqual(['a.example:443', 'b.example:443'])
    expect(notes).toEqual([])
  })
})
