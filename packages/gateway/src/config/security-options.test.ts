import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfig } from './load.ts'
import { configSchema } from './schema.ts'
import { SECURITY_OPTIONS } from './security-options.ts'
import { logWeakenings, weakenings } from './weakenings.ts'

const NOW = Date.parse('2026-11-29')
const sources = { env: {}, stateDir: '/state', now: NOW }
const parse = (text: string) => parseConfig(`version: 1\n${text}\n`, 'sallyport.yaml', sources).config
const accepted = (path: string, expires = '2099-01-31') =>
  `acknowledgeInsecure: { ${JSON.stringify(path)}: { reason: measuring, by: ana, expires: ${expires} } }`
const named = (path: string): string =>
  path
    .replace('content.gate.NAME', 'content.gate.group:runtime')
    .replace('content.code.NAME', 'content.code.group:fs')
    .replace('servers.NAME', 'servers.desk')

/** Settings that say what there is, where it is, or how much of it: not how well it is protected. */
const NEUTRAL: readonly string[] = [
  ...[
    'version',
    'acknowledgeInsecure',
    'store',
    'gateway.port',
    'gateway.tls',
    'gateway.limits',
    'gateway.allowedHosts',
  ],
  ...['gateway.rateLimit', 'console.name', 'console.url', 'console.oidc', 'servers', 'content.results', 'flow.known'],
  ...['approvals.ttl', 'approvals.wait', 'approvals.maxPending', 'presence.aaguids', 'presence.roots', 'alerts'],
  ...['audit.checkpoint', 'policy.retention', 'egress.rules', 'egress.files', 'egress.blocked', 'egress.limits'],
  ...[
    'credentials',
    'vault',
    'metrics',
    'health',
    'budgets',
    'registries',
    'skills.watch',
    'skills.interval',
    'security',
    'surfaces',
  ],
]
/** Settings whose default is not the strictest there is; docs/reference/secure-defaults.md says why. */
const NOT_STRICTEST = [
  'skills.unknown',
  'tools.pinning',
  'sandbox.wrapped',
  'presence.attestation',
  'policy.fourEyes',
  'egress.unknown',
]

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
}
const leaves = (node: Node, path: string): readonly string[] =>
  node.properties === undefined
    ? [path]
    : Object.entries(node.properties).flatMap(([name, one]) => leaves(one, path === '' ? name : `${path}.${name}`))

describe('SEC-7.2: settings that can be weaker', () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Node
  const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}.`)

  test('AC-7.2.1: every setting is either in the table, or known to weaken nothing', () => {
    const table = SECURITY_OPTIONS.map(({ path }) => path.replace(/\.NAME.*/, ''))
    const unknown = leaves(schema, '').filter(
      (path) => ![...table, ...NEUTRAL, ...NOT_STRICTEST].some((top) => isBelow(path, top)),
    )
    expect(unknown).toEqual([])
    const stale = [...NEUTRAL, ...NOT_STRICTEST].filter((top) => !leaves(schema, '').some((path) => isBelow(path, top)))
    expect(stale).toEqual([])
  })

  test('AC-7.2.1, AC-7.2.5: by default nothing is weaker than it can be', () => {
    expect(weakenings(configSchema.parse({ version: 1 }))).toEqual([])
    expect(weakenings(parse('servers: { desk: { command: [desk] } }'))).toEqual([])
  })

  test.each(SECURITY_OPTIONS)('AC-7.2.2: $path ($answer) is noticed when it is weaker', ({ path, answer, example }) => {
    const text = answer === 'acknowledge' ? `${example}\n${accepted(named(path))}` : example
    const found = weakenings(parse(text)).find(({ option }) => option.path === path && option.answer === answer)
    expect(found?.option.example).toBe(example)
    const lines: string[] = []
    logWeakenings(
      parse(text),
      (line) => lines.push(line),
      (line) => lines.push(line),
    )
    expect(lines.join('\n')).toContain(`${found?.path} is weaker than its default.`)
  })

  test.each(SECURITY_OPTIONS)('AC-7.2.3: $path says what a weaker value lets happen', ({ why, strict }) => {
    expect(why).toMatch(/^\S.{18,}\.$/)
    expect(strict.length).toBeGreaterThan(3)
  })

  const refused = SECURITY_OPTIONS.filter(({ answer }) => answer === 'acknowledge')
  test.each(refused)('AC-7.2.4, E-71: $path does not start without an acknowledgement', ({ path, example }) => {
    const insecure = expect.objectContaining({ code: 'SP_CONFIG_INSECURE' })
    expect(() => parse(example)).toThrow(insecure)
    expect(() => parse(`${example}\n${accepted('some.other')}`)).toThrow(insecure)
    expect(() => parse(`${example}\n${accepted(named(path), '2026-11-27')}`)).toThrow(insecure)
    expect(() => parse(`${example}\n${accepted(named(path), '2026-11-29')}`)).not.toThrow()
  })

  test('E-71: an acknowledgement covers one member of a map and not its neighbours', () => {
    const gate = (group: string) => `${JSON.stringify(group)}: { action: warn, severityThreshold: low }`
    const text = `content: { gate: { ${gate('group:fs')}, ${gate('group:web')} } }\n${accepted('content.gate.group:fs')}`
    expect(() => parse(text)).toThrow('content.gate.group:web')
  })

  test('E-71: a gate as strict as its built-in line weakens nothing', () => {
    expect(weakenings(parse('content: { gate: { "group:web": { action: block, severityThreshold: low } } }'))).toEqual(
      [],
    )
    const mail = 'content: { gate: { "group:messaging": { action: allow, severityThreshold: critical } } }'
    expect(weakenings(parse(mail))).toEqual([])
  })

  test('E-71: an acknowledgement of what is as strict as by default is said to be idle', () => {
    const lines: string[] = []
    logWeakenings(
      parse(accepted('mode')),
      (line) => lines.push(line),
      () => undefined,
    )
    expect(lines).toEqual([expect.stringContaining('acknowledgeInsecure names mode')])
  })
})

describe('what other products leave open', () => {
  test.each([
    ['a bind to all addresses', () => configSchema.parse({ version: 1 }).gateway.bind, '127.0.0.1'],
    ['a console', () => configSchema.parse({ version: 1 }).console.port, undefined],
    ['elevated tools', () => configSchema.parse({ version: 1 }).tools.elevated, ['exec', 'process', 'Bash']],
    ['whoever comes', () => configSchema.parse({ version: 1 }).policies, ['preset:minimal']],
    ['tools without a sandbox', () => configSchema.parse({ version: 1 }).sandbox.mode, 'auto'],
  ])('ND-7.2.a: %s needs to be asked for', (_what, value, strict) => expect(value()).toEqual(strict))
})
