import { describe, expect, it } from 'vitest'
import {
  actionModel,
  buildBundle,
  cedarSchema,
  evaluate,
  explain,
  possible,
  toCedarRequest,
  type PolicyBundle,
} from '@sallyport/core'
import { asPermit, foreignEngines } from '../../packages/gateway/src/control/policy/foreign-engine.ts'
import { bundleOf, cedarEngine, request, sourcesOf, tool } from './fixtures.ts'

const FS = tool(
  'fs.read',
  { effect: 'read', groups: ['group:fs'] },
  { path: { type: 'string' }, n: { type: 'integer' } },
  ['n'],
)
const MAIL = tool('mail.send', { effect: 'external' }, { to: { type: 'array', items: { type: 'string' } } })
const PERMIT = '@id("all") permit (principal, action, resource);'
const ASK = (id: string, extra = '', when = ''): string =>
  `@id("${id}") @decision("approve") ${extra} forbid (principal, action, resource) ${when} unless { context.approved };`

/** A bundle whose buckets may be answered by stock Cedar. */
async function withStockEngine(text: string, prefix: string): Promise<PolicyBundle> {
  const cedar = await cedarEngine()
  const actions = [actionModel(FS), actionModel(MAIL)]
  const shapes = buildBundle({ digest: '', version: '', policies: [], actions })
  const { engine } = foreignEngines(cedar, cedarSchema(actions), prefix, (r) => toCedarRequest(shapes, r))
  return buildBundle({ digest: 'd', version: 'v', policies: sourcesOf(cedar, text), actions, foreign: engine })
}

describe('combination', () => {
  it('E-53 AC-5.1.2: deny beats approval beats allow, and no permit is a deny', async () => {
    const n = { args: { n: 1 } }
    expect(evaluate(await bundleOf('', [FS]), request('fs.read', n))).toMatchObject({
      outcome: 'deny',
      code: 'SP_POLICY_DENIED',
      determining: [],
    })
    expect(evaluate(await bundleOf(PERMIT, [FS]), request('fs.read', n))).toMatchObject({
      outcome: 'allow',
      determining: ['all'],
    })
    const ask = await bundleOf(`${PERMIT} ${ASK('human')}`, [FS])
    expect(evaluate(ask, request('fs.read', n))).toMatchObject({
      outcome: 'ask',
      code: 'SP_APPROVAL_REQUIRED',
      determining: ['human'],
    })
    expect(evaluate(ask, request('fs.read', { ...n, approved: true }))).toMatchObject({ outcome: 'allow' })
    const hard = await bundleOf(
      `${PERMIT} ${ASK('human')} @id("never") @severity("high") forbid (principal, action, resource);`,
      [FS],
    )
    for (const approved of [false, true]) {
      expect(evaluate(hard, request('fs.read', { ...n, approved }))).toMatchObject({
        outcome: 'deny',
        determining: ['never'],
        severity: 'high',
      })
    }
  })

  it('AC-5.3.1: asking alone never allows: without a permit an ask is a deny', async () => {
    expect(evaluate(await bundleOf(ASK('human'), [FS]), request('fs.read', { args: { n: 1 } }))).toMatchObject({
      outcome: 'deny',
    })
  })

  it('HB-145: demands merge to the strictest: largest quorum, shortest time, worst severity, common approvers', async () => {
    const text = `${PERMIT} ${ASK('a', '@quorum("2") @ttl("600") @severity("low") @approvers("ana,bob")')}
      ${ASK('b', '@ttl("60") @severity("high") @approvers("bob,eve") @remember("never")')}`
    expect(evaluate(await bundleOf(text, [FS]), request('fs.read', { args: { n: 1 } })).demand).toEqual({
      approvers: ['bob'],
      quorum: 2,
      ttlSeconds: 60,
      severity: 'high',
      remember: false,
    })
    const nobody = `${PERMIT} ${ASK('a', '@approvers("ana")')} ${ASK('b', '@approvers("eve")')}`
    expect(evaluate(await bundleOf(nobody, [FS]), request('fs.read', { args: { n: 1 } }))).toMatchObject({
      outcome: 'deny',
      determining: ['a', 'b'],
    })
  })

  it('HB-60: an error is a deny, never skipped, where stock Cedar skips the failing forbid and allows', async () => {
    const text = `${PERMIT} @id("guard") forbid (principal, action, resource) when { context.args.n * 9007199254740991 > 5 };`
    const bundle = await bundleOf(text, [FS])
    expect(evaluate(bundle, request('fs.read', { args: { n: 1025 } }))).toMatchObject({
      outcome: 'deny',
      code: 'SP_POLICY_ERROR',
      determining: ['guard'],
    })
    const cedar = await cedarEngine()
    cedar.prepareSchema('skip', cedarSchema([actionModel(FS)]))
    cedar.preparePolicies('skip', { all: PERMIT, guard: sourcesOf(cedar, text)[1]!.text })
    const stock = cedar.decide('skip', 'skip', toCedarRequest(bundle, request('fs.read', { args: { n: 1025 } })))
    expect(stock).toMatchObject({ decision: 'allow', errors: ['guard'] })
  })

  it('HB-60: a failing permit or ask denies as well, and a failing permit is not hidden by another one', async () => {
    const broken = 'when { context.args.n + 9007199254740991 > 0 }'
    for (const text of [
      `${PERMIT} permit (principal, action, resource) ${broken};`,
      `${PERMIT} ${ASK('ask', '', broken)}`,
    ]) {
      expect(evaluate(await bundleOf(text, [FS]), request('fs.read', { args: { n: 1 } }))).toMatchObject({
        code: 'SP_POLICY_ERROR',
      })
    }
  })

  it('AC-5.1.2: arguments of another type than the schema says are a deny, not a guess', async () => {
    const bundle = await bundleOf(`permit (principal, action, resource) when { context.args.n > 0 };`, [FS])
    for (const n of ['1', 1.5, null, [1], { a: 1 }] as const) {
      expect(evaluate(bundle, request('fs.read', { args: { n } }))).toMatchObject({
        outcome: 'deny',
        code: 'SP_POLICY_ERROR',
      })
    }
    expect(evaluate(bundle, request('fs.read', { args: {} }))).toMatchObject({ code: 'SP_POLICY_ERROR' })
  })

  it('T-081: inherited members are no attributes: constructor and toString are not there', async () => {
    const odd = tool('fs.read', {}, { constructor: { type: 'string' }, toString: { type: 'string' } })
    const bundle = await bundleOf(
      'permit (principal, action, resource) when { context.args has constructor || context.args has toString };',
      [odd],
    )
    expect(evaluate(bundle, request('fs.read', { args: {} }))).toMatchObject({ outcome: 'deny', determining: [] })
    expect(evaluate(bundle, request('fs.read', { args: { constructor: 'x' } }))).toMatchObject({ outcome: 'allow' })
  })

  it('E-52: an unknown tool is denied', async () => {
    expect(evaluate(await bundleOf(PERMIT, [FS]), request('fs.rm'))).toMatchObject({
      outcome: 'deny',
      code: 'SP_POLICY_ERROR',
    })
  })

  it('HB-61: advice names the count, and explain names the near miss', async () => {
    const text = `${PERMIT} ${ASK('bulk', '@advice("{tool} on {server} reaches {count}.")', 'when { context.facts.count >= 20 }')}`
    const bundle = await bundleOf(text, [MAIL])
    expect(evaluate(bundle, request('mail.send', { facts: { count: 50 }, tool: { name: 'send' } })).reason).toBe(
      'send on mail reaches 50.',
    )
    const { trace } = explain(bundle, request('mail.send', { facts: { count: 3 } }))
    expect(trace.find(({ id }) => id === 'bulk')).toMatchObject({
      result: 'not-matched',
      nearMiss: true,
      stoppedAt: 'when 1',
    })
  })

  it('E-53: stock Cedar reading the same bundle denies wherever we ask', async () => {
    const text = `${PERMIT} ${ASK('human', '', 'when { context.labels.tainted }')}`
    const bundle = await bundleOf(text, [MAIL])
    const cedar = await cedarEngine()
    cedar.prepareSchema('ask', cedarSchema([actionModel(MAIL)]))
    cedar.preparePolicies('ask', Object.fromEntries(bundle.policies.map(({ meta, source }) => [meta.id, source.text])))
    for (const tainted of [true, false]) {
      const call = request('mail.send', { labels: { tainted } })
      const stock = cedar.decide('ask', 'ask', toCedarRequest(bundle, call)).decision
      expect(evaluate(bundle, call).outcome === 'ask').toBe(tainted)
      expect(stock).toBe(tainted ? 'deny' : 'allow')
    }
  })
})

describe('buckets', () => {
  it('SEC-5.1: integers beyond 2^53 reach stock Cedar as they are written', async () => {
    const text = `${PERMIT}
      // "forbid" in a comment and an annotation are not the effect
      @id("edge") @advice("forbid (") // forbid
      forbid (principal, action == Action::"fs.read", resource) when { context.args.n + 2 == 9007199254740993 };
      @id("max") forbid (principal, action == Action::"fs.read", resource) when { context.args.n > 9223372036854775806 };`
    const bundle = await withStockEngine(text, 'exact')
    const ask = (n: number) => evaluate(bundle, request('fs.read', { args: { n, path: '/a' } }))
    expect(ask(9007199254740991)).toMatchObject({ outcome: 'deny', determining: ['edge'] })
    expect(ask(9007199254740990)).toMatchObject({ outcome: 'allow', determining: ['all'] })
  })

  it('SEC-5.1: what does not begin with a policy is not asked about', () => {
    expect(asPermit('@id("a\\"b") @alert // x\n forbid(principal, action, resource);')).toContain(' permit(principal')
    for (const text of ['', 'forbidden (principal, action, resource);', '"permit"', '@id("forbid" permit (']) {
      expect(() => asPermit(text)).toThrow(/does not begin/)
    }
  })

  it('SEC-5.1: a construct the compiler lacks is answered by stock Cedar, with the same combination', async () => {
    const text = `${PERMIT} ${ASK('human', '', 'when { context.labels.tainted }')}
      @id("net") forbid (principal, action == Action::"mail.send", resource) when { ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) && context.facts.count > 5 };`
    const bundle = await withStockEngine(text, 'fallback')
    expect([...bundle.buckets].filter(([, b]) => b.foreign !== undefined).map(([id]) => id)).toEqual(['mail.send'])
    expect(evaluate(bundle, request('mail.send'))).toMatchObject({ outcome: 'allow', determining: ['all'] })
    expect(evaluate(bundle, request('mail.send', { facts: { count: 6 } }))).toMatchObject({
      outcome: 'deny',
      determining: ['net'],
    })
    expect(evaluate(bundle, request('mail.send', { labels: { tainted: true } }))).toMatchObject({
      outcome: 'ask',
      determining: ['human'],
    })
    const without = buildBundle({
      digest: 'd',
      version: 'v',
      policies: sourcesOf(await cedarEngine(), text),
      actions: [actionModel(FS), actionModel(MAIL)],
    })
    expect(evaluate(without, request('mail.send'))).toMatchObject({ outcome: 'deny', code: 'SP_POLICY_ERROR' })
  })

  it('T-160: pathological patterns, sets and arguments stay fast, and what costs too much is a deny', async () => {
    const big = tool(
      'fs.read',
      {},
      {
        text: { type: 'string' },
        a: { type: 'array', items: { type: 'string' } },
        b: { type: 'array', items: { type: 'string' } },
      },
      ['text', 'a', 'b'],
    )
    const stars = `*${'a*'.repeat(40)}b`
    const bundle = await bundleOf(
      `permit (principal, action, resource) when { context.args.text like "${stars}" || context.args.a.containsAll(context.args.b) || context.args.a == context.args.b };`,
      [big],
    )
    const list = Array.from({ length: 50_000 }, (_, i) => `item ${i}`)
    const args = { text: 'a'.repeat(200_000), a: list, b: [...list].reverse() }
    const started = process.cpuUsage()
    expect(evaluate(bundle, request('fs.read', { args }))).toMatchObject({ outcome: 'deny', code: 'SP_POLICY_ERROR' })
    expect(process.cpuUsage(started).user).toBeLessThan(500_000)
    const many = Array.from(
      { length: 400 },
      () => `permit (principal, action, resource) when { context.args.text like "*x*y*z" };`,
    ).join('\n')
    const heavy = await bundleOf(many, [big])
    const from = process.cpuUsage()
    const decision = evaluate(heavy, request('fs.read', { args: { text: 'x'.repeat(3_000_000), a: [], b: [] } }))
    expect(decision).toMatchObject({ outcome: 'deny', code: 'SP_POLICY_ERROR' })
    expect(process.cpuUsage(from).user).toBeLessThan(500_000)
  })

  it('T-160: text that would overflow the parser is refused with its place', async () => {
    const cedar = await cedarEngine()
    for (const body of [
      `${'('.repeat(5000)}true${')'.repeat(5000)}`,
      `${'!'.repeat(50_000)}true`,
      Array(20_000).fill('true').join(' && '),
    ]) {
      const parts = cedar.split(`permit (principal, action, resource) when { ${body} };`)
      expect(parts).toMatchObject({ ok: false })
    }
    expect(cedar.split('permit (principal, action, resource);')).toMatchObject({ ok: true })
  })

  it('T-160: the engine survives thousands of calls in one process (a deoptimizer fault of V8 in Node 20 ended it)', async () => {
    const cedar = await cedarEngine()
    for (let at = 0; at < 7_000; at++) {
      const when = at % 2 === 0 ? `["a", "b"].contains(context.session.key)` : `context.facts.count > ${at}`
      expect(
        cedar.parse(
          `@id("p${at}") permit (principal, action == Action::"s${at % 50}.t${at}", resource) when { ${when} };`,
        ).ok,
      ).toBe(true)
    }
  }, 120_000)

  it('TM-DISC-001: a tool that no arguments could ever get allowed is not possible', async () => {
    const exec = { ...tool('sh.exec', { effect: 'external', groups: ['group:runtime'] }), annotated: false }
    const head = (action: string): Pick<ReturnType<typeof request>, 'principal' | 'action' | 'resource'> =>
      request(action)
    const bundle = await bundleOf(
      `permit (principal, action in Action::"read", resource) when { context.args has path };
       permit (principal, action in Action::"external", resource) when { context.tool.annotated };
       forbid (principal == Agent::"eve", action, resource);`,
      [FS, MAIL, exec],
    )
    expect(possible(bundle, head('fs.read'))).toBe(true)
    expect(possible(bundle, head('mail.send'))).toBe(true)
    expect(possible(bundle, head('sh.exec'))).toBe(false)
    expect(possible(bundle, head('nope.x'))).toBe(false)
    expect(possible(bundle, request('fs.read', {}, 'eve'))).toBe(false)
  })
})
