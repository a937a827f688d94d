import { beforeAll, describe, expect, test } from 'vitest'
import { evaluate, type JsonObject, type PolicyBundle } from '@sallyport/core'
import { ToolRegistry } from '../../packages/gateway/src/control/catalogue/registry.ts'
import { bundleOf, request, tool } from './fixtures.ts'

const MAIL = tool('mail.send', { effect: 'external', args: { to: 'sink', cc: 'sink', body: 'content' } })
const FETCH = tool('web.fetch', { effect: 'read', groups: ['group:web'], args: { url: 'sink' } })
const WRITE = tool('fs.write', {
  effect: 'write',
  groups: ['group:fs'],
  args: { path: 'selector', content: 'content' },
})
const TOOLS = new Map([MAIL, FETCH, WRITE].map((each) => [each.id, each]))

/** What the documentation tells operators to write. */
const POLICY = `
@id("recipients") permit (principal, action == Action::"mail.send", resource)
when { ["ana@corp.example", "desk@corp.example"].containsAll(context.facts.addresses) }
unless { context.facts.addresses.isEmpty() || context.facts.hostUnresolved };

@id("hosts") permit (principal, action == Action::"web.fetch", resource)
when {
  ["docs.example.org", "api.example.org"].containsAll(context.facts.hosts) &&
  [443].containsAll(context.facts.ports) && ["https"].containsAll(context.facts.schemes) &&
  context.facts.urlSigns.isEmpty()
}
unless { context.facts.hosts.isEmpty() || context.facts.hostUnresolved };

@id("paths") permit (principal, action == Action::"fs.write", resource)
when { ["inside"].containsAll(context.facts.where) && context.facts.places.isEmpty() }
unless { context.facts.where.isEmpty() || context.facts.pathUnresolved };
`

const disk = {
  home: '/home/ana',
  look: (path: string) =>
    path === '/work/out' ? ({ kind: 'link', target: '/srv/other' } as const) : ({ kind: 'plain' } as const),
}
const registry = new ToolRegistry(undefined, disk)
registry.runsHere('fs')
let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await bundleOf(POLICY, [...TOOLS.values()])
})

function outcomeOf(id: string, args: JsonObject): string {
  const of = TOOLS.get(id) ?? MAIL
  const { facts } = registry.describe(of, args, '/work')
  return evaluate(bundle, request(id, { args, facts })).outcome
}

describe('HB-20: parameters are checked against lists before anything runs', () => {
  test.each([
    ['mail.send', { to: 'ana@corp.example', body: 'hi' }],
    ['mail.send', { to: ['Desk <desk@corp.example>', 'ANA@corp.example'] }],
    ['web.fetch', { url: 'https://docs.example.org/a?b=c' }],
    ['web.fetch', { url: 'https://DOCS.example.org.:443/' }],
    ['fs.write', { path: 'src/a.ts', content: '/etc/passwd' }],
  ])('on the list: %s %j', (id, args) => {
    expect(outcomeOf(id, args)).toBe('allow')
  })

  test.each([
    ['mail.send', { to: 'eve@evil.example' }],
    ['mail.send', { to: 'ana@corp.example', cc: 'eve@evil.example' }],
    ['mail.send', { to: 'ana@corp.example.evil.example' }],
    ['mail.send', { to: 'ana@corp.example, eve@evil.example' }],
    ['mail.send', { to: 'ana@corp.example', extra: 'eve@evil.example' }],
    ['mail.send', { to: 'everybody' }],
    ['mail.send', {}],
    ['web.fetch', { url: 'https://docs.example.org.evil.example/' }],
    ['web.fetch', { url: 'https://docs.example.org@evil.example/' }],
    ['web.fetch', { url: 'https://docs.example.org:8443/' }],
    ['web.fetch', { url: 'http://docs.example.org/' }],
    ['web.fetch', { url: 'https:\\\\evil.example\\docs.example.org' }],
    ['web.fetch', { url: 'https://docs.example.org/ https://evil.example/' }],
    ['web.fetch', { url: 'docs' }],
    ['fs.write', { path: '../b/a.ts' }],
    ['fs.write', { path: '/etc/cron.d/x' }],
    ['fs.write', { path: 'out/a.ts' }],
    ['fs.write', { path: '.git/hooks/pre-commit' }],
    ['fs.write', { content: 'x' }],
  ])('not on it: %s %j', (id, args) => {
    expect(outcomeOf(id, args)).toBe('deny')
  })
})
