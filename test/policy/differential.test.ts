import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  actionModel,
  buildBundle,
  cedarSchema,
  collectPools,
  evaluate,
  generateRequest,
  match,
  SallyportError,
  seeded,
  toCedarRequest,
  type CompiledPolicy,
  type PolicyBundle,
  type PolicyRequest,
} from '@sallyport/core'
import { foreignEngines } from '../../packages/gateway/src/control/policy/foreign-engine.ts'
import type { Cedar } from '../../packages/gateway/src/control/policy/cedar.ts'
import { cedarEngine, sourcesOf, tool } from './fixtures.ts'

const string = { type: 'string' }
const integer = { type: 'integer' }
const TOOLS = [
  tool(
    'fs.read',
    { effect: 'read', groups: ['group:fs'] },
    { path: string, limit: integer, deep: { type: 'boolean' } },
    ['path'],
  ),
  tool(
    'fs.write',
    { effect: 'write', groups: ['group:fs'] },
    { path: string, tags: { type: 'array', items: string }, n: integer },
    ['path', 'n'],
  ),
  tool(
    'mail.send',
    { effect: 'external', groups: ['group:messaging'], irreversible: true },
    {
      to: { type: 'array', items: string },
      n: integer,
      m: integer,
      opt: { type: 'object', properties: { cc: string, deep: { type: 'object', properties: { 'x y': integer } } } },
    },
    ['to', 'n', 'm'],
  ),
]
const ACTIONS = TOOLS.map(actionModel)
const SCHEMA = cedarSchema(ACTIONS)

let cedar: Cedar
beforeAll(async () => {
  cedar = await cedarEngine()
})

/** Conditions by type, as text: most are well typed, a few go wrong at run time on purpose. */
const word = fc.constantFrom('', 'a', '/etc/passwd', '/work/x', 'x y', 'é😀', 'hook:1', '*', 'a\\b', 'q"q')
const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
const { bool } = fc.letrec((tie) => ({
  long: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer({ min: -30, max: 30 }).map(String),
    fc.constantFrom('9007199254740991', '-9007199254740991'),
    fc.constantFrom(
      'context.facts.count',
      'context.args.n',
      'context.labels.integrity',
      'context.session.trustLevel',
      'context.args.m',
    ),
    fc
      .tuple(tie('long'), fc.constantFrom('+', '-', '*'), tie('long'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    tie('long').map((a) => `(-${String(a).startsWith('-') ? `(${String(a)})` : String(a)})`),
    fc
      .tuple(tie('bool'), tie('long'), tie('long'))
      .map(([c, a, b]) => `(if ${String(c)} then ${String(a)} else ${String(b)})`),
  ),
  text: fc.oneof(
    word.map(quote),
    fc.constantFrom(
      'context.session.key',
      'context.tool.name',
      'context.args.path',
      'context.session.channel',
      'context.args.opt.cc',
    ),
  ),
  strings: fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 4 }).map((items) => `[${items.map(quote).join(', ')}]`),
    fc.constantFrom(
      'context.facts.hosts',
      'context.facts.paths',
      'context.tool.groups',
      'context.args.to',
      'context.args.tags',
      'context.facts.protected',
    ),
  ),
  entity: fc.constantFrom(
    'principal',
    'action',
    'resource',
    'Agent::"coder"',
    'Server::"fs"',
    'Action::"fs.read"',
    'Action::"read"',
    'Action::"group:fs"',
    'Action::"stateChange"',
  ),
  record: fc.oneof(
    fc.constantFrom(
      'context.labels',
      'context.args',
      'context.args.opt',
      '{a: 1, b: {c: ["x"]}}',
      '{b: {c: ["x", "x"]}, a: 1}',
    ),
    fc.tuple(tie('long'), tie('text')).map(([a, b]) => `{n: ${String(a)}, "x y": ${String(b)}}`),
  ),
  bool: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'true',
      'false',
      'context.approved',
      'context.labels.tainted',
      'context.tool.elevated',
      'context.args.deep',
    ),
    fc
      .tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    tie('bool').map((a) => `(!${String(a)})`),
    fc
      .tuple(tie('long'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('long'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    fc
      .tuple(tie('text'), fc.constantFrom('==', '!='), tie('text'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    fc
      .tuple(tie('record'), fc.constantFrom('==', '!='), tie('record'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    fc
      .tuple(tie('strings'), fc.constantFrom('==', '!='), tie('strings'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    fc
      .tuple(tie('text'), fc.constantFrom('*', 'hook:*', '*a*', '/work/*', '\\*', '*😀', 'a*b*c', '**'))
      .map(([a, p]) => `(${String(a)} like "${p}")`),
    fc.tuple(tie('strings'), tie('text')).map(([a, b]) => `${String(a)}.contains(${String(b)})`),
    fc
      .tuple(tie('strings'), fc.constantFrom('containsAll', 'containsAny'), tie('strings'))
      .map(([a, op, b]) => `${String(a)}.${op}(${String(b)})`),
    tie('strings').map((a) => `${String(a)}.isEmpty()`),
    fc
      .tuple(tie('entity'), fc.constantFrom('in', '==', '!='), tie('entity'))
      .map(([a, op, b]) => `(${String(a)} ${op} ${String(b)})`),
    fc
      .tuple(tie('entity'), tie('entity'), tie('entity'))
      .map(([a, b, c]) => `(${String(a)} in [${String(b)}, ${String(c)}])`),
    fc.tuple(tie('entity'), fc.constantFrom('Agent', 'Server', 'User')).map(([a, t]) => `(${String(a)} is ${t})`),
    fc
      .tuple(
        fc.constantFrom('context.args', 'context', 'context.args.opt', 'principal'),
        fc.constantFrom('path', 'args.opt.cc', 'opt.deep', '"x y"', 'approved', 'to'),
      )
      .map(([a, b]) => `(${a} has ${b})`),
    fc
      .tuple(tie('bool'), tie('bool'), tie('bool'))
      .map(([c, a, b]) => `(if ${String(c)} then ${String(a)} else ${String(b)})`),
  ),
}))
const scope = fc.record({
  effect: fc.constantFrom('permit', 'forbid'),
  principal: fc.constantFrom(
    'principal',
    'principal == Agent::"coder"',
    'principal is Agent',
    'principal in Agent::"coder"',
    'principal is User',
  ),
  action: fc.constantFrom(
    'action',
    'action == Action::"fs.read"',
    'action in Action::"read"',
    'action in [Action::"stateChange", Action::"group:fs"]',
    'action in Action::"irreversible"',
    'action in Action::"group:openclaw"',
  ),
  resource: fc.constantFrom('resource', 'resource == Server::"mail"', 'resource in Server::"fs"', 'resource is Server'),
})
const policy = fc
  .record({ scope, when: fc.option(bool.map(String)), unless: fc.option(bool.map(String)) })
  .map(({ scope: s, when, unless }) => {
    const conditions = `${when === null ? '' : ` when { ${when} }`}${unless === null ? '' : ` unless { ${unless} }`}`
    return `${s.effect} (${s.principal}, ${s.action}, ${s.resource})${conditions};`
  })

function build(text: string): PolicyBundle | undefined {
  const parts = cedar.split(text)
  if (!parts.ok) return undefined
  try {
    return buildBundle({ digest: 'd', version: 'v', policies: sourcesOf(cedar, text), actions: ACTIONS })
  } catch (error) {
    // `forbid … unless { context.approved }` without its annotation is refused.
    if (error instanceof SallyportError) return undefined
    throw error
  }
}

let names = 0
function both(bundle: PolicyBundle, requests: readonly PolicyRequest[]): void {
  const engines = foreignEngines(cedar, SCHEMA, `differential${names++ % 4}`, (r) => toCedarRequest(bundle, r))
  for (const action of ACTIONS) {
    const members: CompiledPolicy[] = [...bundle.policies]
    const stock = engines.engine(action, members)
    for (const request of requests.filter((r) => r.action === action.id)) {
      const ours = match(bundle, request, 'everything')
      if (ours.overflow) continue
      const theirs = stock(request)
      const ids = (list: readonly string[]): readonly string[] => [...new Set(list)].sort()
      const matched = [...ours.forbids, ...ours.asks, ...ours.permits].map(({ meta }) => meta.id)
      expect(
        { matched: ids(matched), failed: ids(ours.errors.map(({ meta }) => meta.id)) },
        JSON.stringify(request),
      ).toEqual({
        matched: ids(theirs.matched),
        failed: ids(theirs.failed),
      })
    }
  }
}

describe('two engines', () => {
  it('SEC-5.1 HB-60: closures and stock Cedar agree on random policies and random requests', () => {
    let compared = 0
    fc.assert(
      fc.property(fc.array(policy, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 1e9 }), (texts, seed) => {
        const bundle = build(texts.join('\n'))
        if (bundle === undefined || bundle.policies.some((p) => p.unsupported !== undefined)) return
        const rng = seeded(seed)
        const pools = collectPools(bundle.policies.map((p) => p.source.est))
        const requests = Array.from({ length: 12 }, (_, i) => generateRequest(ACTIONS[i % ACTIONS.length]!, pools, rng))
        compared += requests.length
        both(bundle, requests)
      }),
      { numRuns: 400, endOnFailure: false, interruptAfterTimeLimit: 60_000 },
    )
    expect(compared).toBeGreaterThan(500)
  }, 120_000)

  it('E-53: the order of policies never changes a decision', () => {
    fc.assert(
      fc.property(fc.array(policy, { minLength: 2, maxLength: 8 }), fc.integer({ min: 1, max: 1e9 }), (texts, seed) => {
        const withIds = texts.map((text, i) => `@id("p${i}") ${text}`)
        const bundle = build(withIds.join('\n'))
        const turned = build([...withIds].reverse().join('\n'))
        if (bundle === undefined || turned === undefined) return
        const rng = seeded(seed)
        const pools = collectPools(bundle.policies.map((p) => p.source.est))
        for (const action of ACTIONS) {
          const request = generateRequest(action, pools, rng)
          const [a, b] = [evaluate(bundle, request), evaluate(turned, request)]
          expect(b.outcome).toBe(a.outcome)
          expect([...b.determining].sort()).toEqual([...a.determining].sort())
        }
      }),
      { numRuns: 80, interruptAfterTimeLimit: 60_000 },
    )
  }, 120_000)
})
