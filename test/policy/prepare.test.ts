import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sha256, type ToolForPolicy } from '@sallyport/core'
import { formatIssue } from '../../packages/gateway/src/control/policy/position.ts'
import { prepare, type PrepareOptions } from '../../packages/gateway/src/control/policy/prepare.ts'
import { whyNot, type Prepared } from '../../packages/gateway/src/control/policy/prepared.ts'
import { readSources, type SourceFile } from '../../packages/gateway/src/control/policy/sources.ts'
import { cedarEngine, PRESETS, tool } from './fixtures.ts'

const file = (path: string, text: string): SourceFile => ({
  path,
  origin: 'file',
  language: path.endsWith('.cedar') ? 'cedar' : 'yaml',
  text,
  digest: sha256(text),
  real: `/${path}`,
  owned: true,
})
const TOOLS: readonly ToolForPolicy[] = [
  tool('fs.read', { effect: 'read', groups: ['group:fs'] }, { path: { type: 'string' } }, ['path']),
  tool('mail.send', { effect: 'external' }, { to: { type: 'string' } }, ['to']),
]
const CHECK: PrepareOptions['check'] = { budgetMs: 5000, requests: 4, every: 'policy' }
async function prepared(files: readonly SourceFile[], options: Partial<PrepareOptions> = {}): Promise<Prepared> {
  const all: PrepareOptions = { tools: TOOLS, extent: 'change', check: CHECK, seed: 7, ...options }
  return prepare(files, all, { cedar: await cedarEngine(), monotonic: () => performance.now() })
}
const errors = (made: Prepared): readonly string[] =>
  made.issues.filter(({ severity }) => severity === 'error').map(formatIssue)

describe('bad policies are refused with their place', () => {
  it('AC-5.1.1: a typo in Cedar text gives file, line and column, with multi-byte text before it', async () => {
    const text =
      '// version: 1.0\n// é😀\n@id("a")\npermit (principal, action, resource)\nwhen { context.sesion.key == "é" };\n'
    expect(errors(await prepared([file('team.cedar', text)]))).toEqual([
      expect.stringMatching(/^team\.cedar:5:8 attribute `?sesion.* \[a\]$/),
    ])
    expect(errors(await prepared([file('x.cedar', '// é\npermit (principal, action resource);')]))[0]).toMatch(
      /^x\.cedar:2:27 unexpected token/,
    )
  })

  it('AC-5.1.1: a typo is found before any server is there', async () => {
    const text = 'permit (principal, action in Action::"group:fs", resource) when { context.labels.taintd };'
    expect(errors(await prepared([file('x.cedar', text)], { tools: [] }))[0]).toMatch(/^x\.cedar:1:67 .*taintd/)
  })

  it('AC-5.1.1: a server of which only its methods are known is not inspected yet', async () => {
    const policy = file(
      'team.cedar',
      '// version: 1.0\n@id("a") permit (principal, action == Action::"mail.send", resource);',
    )
    const known = tool('mail.mcp:prompts/list', { effect: 'read' })
    expect(errors(await prepared([policy], { tools: [known] }))).toEqual([])
    const other = tool('mail.sent', { effect: 'read' })
    expect(errors(await prepared([policy], { tools: [known, other] }))).toEqual([
      expect.stringContaining('did you mean "mail.sent"?'),
    ])
  })

  it('AC-5.1.1: a misspelt tool is an error with a suggestion, a server that is not inspected yet a warning', async () => {
    const wrong = await prepared([file('x.cedar', '\n forbid (principal, action == Action::"mail.sned", resource);')])
    expect(errors(wrong)).toEqual(['x.cedar:2:39 unknown action "mail.sned" (did you mean "mail.send"?)'])
    const group = await prepared([file('x.cedar', 'forbid (principal, action in Action::"group:runtme", resource);')])
    expect(errors(group)[0]).toContain('did you mean "group:runtime"?')
    const later = await prepared([
      file(
        'x.cedar',
        '@id("gh") forbid (principal, action == Action::"github.push", resource) when { context.args.branch == "main" };',
      ),
    ])
    expect(whyNot(later)).toBeUndefined()
    expect(later.inactive).toEqual({ gh: ['github.push'] })
    const github = tool('github.push', { effect: 'external' }, { branch: { type: 'string' } }, ['branch'])
    const now = await prepared(
      [
        file(
          'x.cedar',
          later.issues.length > 0
            ? '@id("gh") forbid (principal, action == Action::"github.push", resource) when { context.args.branch == "main" };'
            : '',
        ),
      ],
      { tools: [...TOOLS, github] },
    )
    expect(now.inactive).toEqual({})
    expect(now.policies.map(({ id }) => id)).toContain('gh')
  })

  it('T-049: a new tool that the policies in force do not fit is blocked alone', async () => {
    const text =
      '@id("w") forbid (principal, action in Action::"group:fs", resource) when { context.args.path like "/etc/*" };'
    const odd = tool('odd.read', { effect: 'read', groups: ['group:fs'] }, { path: { type: 'integer' } }, ['path'])
    const strict = await prepared([file('x.cedar', text)], { tools: [...TOOLS, odd] })
    expect(whyNot(strict)).toMatchObject({ code: 'SP_POLICY_INVALID' })
    const lenient = await prepared([file('x.cedar', text)], { tools: [...TOOLS, odd], extent: 'in-force' })
    expect(whyNot(lenient)).toBeUndefined()
    expect(Object.keys(lenient.blocked)).toEqual(['odd.read'])
    const start = await prepared([file('x.cedar', text)], { tools: [...TOOLS, odd], extent: 'start' })
    expect(whyNot(start)).toBeUndefined()
    expect(Object.keys(start.blocked)).toEqual(['odd.read'])
  })

  it('T-049: at a start no tool keeps a policy out, and what is wrong with the policy itself still does', async () => {
    const start = (text: string): Promise<Prepared> => prepared([file('x.cedar', text)], { extent: 'start' })
    expect(whyNot(await start('forbid (principal, action == Action::"mail.later", resource);'))).toBeUndefined()
    for (const [text, problem] of [
      ['permit (principal, action in Action::"group:fs", resource) when { context.labels.taintd };', /taintd/],
      ['permit (principal, action in Action::"group:runtme", resource);', /group:runtime/],
      ['permit (principal, action, resource) when { context.sesion.key == "a" };', /sesion/],
    ] as const) {
      expect(whyNot(await start(text))).toMatchObject({
        code: 'SP_POLICY_INVALID',
        text: expect.stringMatching(problem),
      })
    }
  })

  it.each([
    [
      '@decision("aprove") forbid (principal, action, resource) unless { context.approved };',
      '@decision knows only "approve"',
    ],
    [
      '@decison("approve") forbid (principal, action, resource) unless { context.approved };',
      'unknown annotation @decison',
    ],
    ['@decision("approve") permit (principal, action, resource);', 'belongs on a forbid'],
    ['@decision("approve") forbid (principal, action, resource);', 'needs `unless { context.approved }`'],
    ['forbid (principal, action, resource) unless { context.approved };', 'needs @decision("approve")'],
    ['@quorum("0") forbid (principal, action, resource);', '@quorum'],
    ['@ttl("5m") forbid (principal, action, resource);', '@ttl'],
    ['@severity("urgent") forbid (principal, action, resource);', '@severity'],
    [
      '@id("a") permit (principal, action, resource); @id("a") forbid (principal, action, resource);',
      'is taken by x.cedar:1',
    ],
    ['permit (principal == ?principal, action, resource);', 'templates have no place here'],
  ])('AC-5.1.1: refuses %s', async (text, message) => {
    expect(errors(await prepared([file('x.cedar', text)]))[0]).toContain(message)
  })

  it.each([
    [
      'version: "1.0"\nenforcement: mandatory\nrules:\n  - name: a\n    denny: [exec]\n',
      'p.yaml:5:5 unknown key "denny" (did you mean "deny"?)',
    ],
    ['version: 1.10\nenforcement: mandatory\n', 'p.yaml:1:1 must be string'],
    ['version: "1"\nenforcement: mandatory\n', 'p.yaml:1:1 must be two numbers'],
    ['enforcement: mandatory\n', "p.yaml:1:1 must have required property 'version'"],
    ['version: "1.0"\nenforcement: sometimes\n', 'p.yaml:2:1 must be one of mandatory, advisory'],
    [
      'version: "1.0"\nenforcement: mandatory\nrules:\n  - name: a\n    profile: codng\n',
      'p.yaml:5:5 unknown profile codng',
    ],
    [
      'version: "1.0"\nenforcement: mandatory\nrules:\n  - name: a\n    deny: ["group:runtme"]\n',
      'p.yaml:5:5 unknown group group:runtme',
    ],
    ['version: "1.0"\nenforcement: mandatory\nrules:\n  - name: a\n', 'p.yaml:4:5 rule a does nothing'],
    ['version: "1.0"\nenforcement: advisory\n', 'p.yaml:2:1 advisory decides nothing'],
    ['version: "1.0"\nenforcement: mandatory\ndefault: full\n', 'p.yaml:3:1 profile full restricts nothing'],
    ['version: "1.0"\nversion: "2.0"\nenforcement: mandatory\n', 'p.yaml:2:1 Map keys must be unique'],
    ['version: &v "1.0"\nenforcement: mandatory\ndescription: *v\n', 'p.yaml:1:1 anchors and aliases'],
    ['version: "1.0"\nenforcement: mandatory\nrules: [\n', 'p.yaml:'],
    [
      'version: "1.0"\nenforcement: mandatory\nrules:\n  - name: a\n    deny: [fs.raed]\n',
      'unknown action "fs.raed" (did you mean "fs.read"?)',
    ],
  ])('AC-5.1.1 E-53: refuses %j', async (text, message) => {
    expect(errors(await prepared([file('p.yaml', text)]))[0]).toContain(message)
  })

  it('AC-5.5.2: a red test refuses the load and names the test', async () => {
    const tests =
      'name: t\ntests:\n  - name: mail goes out\n    toolCall: { name: message }\n    expected: { allowed: true }\n'
    const made = await prepared([
      file('x.cedar', 'permit (principal, action in Action::"read", resource);'),
      file('x.test.yaml', tests),
    ])
    expect(whyNot(made)).toEqual({
      code: 'SP_POLICY_TEST_FAILED',
      text: expect.stringMatching(/^x\.test\.yaml:3:5 mail goes out: expected allowed, got deny/) as string,
    })
  })
})

describe('the YAML form', () => {
  it('ND-5.1.b ND-5.5.a: the reference rules pass the reference cases', async () => {
    const files = await readSources({ sources: ['examples'], baseDir: PRESETS, presetsDir: PRESETS })
    const made = await prepared(files)
    expect(whyNot(made)).toBeUndefined()
    expect(made.tests).toMatchObject({ failures: [] })
    expect(made.tests.passed).toBeGreaterThanOrEqual(8)
  })

  it('ND-5.1.a: compiles to the same Cedar text every time', async () => {
    const text =
      'version: "1.0"\nenforcement: mandatory\ndefault: minimal\nrules:\n  - name: r\n    match: { sessionKey: "hook:*", tool: [exec, "fs.*"] }\n    deny: [group:runtime, fs.read]\n    severity: high\n'
    const [a, b] = [await prepared([file('p.yaml', text)]), await prepared([file('p.yaml', text)])]
    expect(a.policies.map((p) => p.text)).toEqual(b.policies.map((p) => p.text))
    expect(a.policies.map((p) => p.text).join('\n')).toMatchInlineSnapshot(`
      "// default profile minimal
      @id("p.default.minimal")
      permit (principal, action, resource)
      when { (["session_status"].contains(context.tool.name)) };

      // rule r
      @id("r.deny")
      @severity("high")
      @advice("Rule r denies {tool}.")
      forbid (principal, action, resource)
      when { context.session.key like "hook:*" && ((resource == Server::"fs") || ["exec"].contains(context.tool.name)) && (action in [Action::"group:runtime"] || action == Action::"fs.read") };
      "
    `)
  })

  it('E-53: rules in any order decide the same', async () => {
    const rules = [
      '  - { name: a, allow: [group:fs] }',
      '  - { name: b, deny: [fs.read] }',
      '  - { name: c, requireApproval: [group:fs] }',
    ]
    const head = 'version: "1.0"\nenforcement: mandatory\nrules:\n'
    const expected =
      'name: t\ntests:\n  - { name: x, toolCall: { name: fs.read }, expected: { allowed: false, requiresApproval: false, policy: b.deny } }\n  - { name: y, toolCall: { name: read }, expected: { allowed: false, requiresApproval: true } }\n'
    for (const order of [rules, [...rules].reverse()]) {
      const made = await prepared([
        file('p.yaml', head + order.join('\n')),
        file('p.test.yaml', expected + 'tools: { fs.read: { effect: read, groups: ["group:fs"] } }\n'),
      ])
      expect(whyNot(made)).toBeUndefined()
    }
  })

  it('E-52: advisory rules are reported and decide nothing', async () => {
    const text =
      'version: "1.0"\nenforcement: advisory\nacknowledge: [advisory]\nrules:\n  - { name: r, deny: [exec] }\n'
    const tests =
      'name: t\ntests:\n  - { name: x, toolCall: { name: exec }, expected: { allowed: true, reason: "advisory: r.deny" } }\n'
    const made = await prepared([file('p.yaml', text), file('p.test.yaml', tests)])
    expect(whyNot(made)).toBeUndefined()
    expect(made.tests.passed).toBe(1)
  })
})

describe('the reference', () => {
  it('AC-5.1.1: its examples load, and its test is green', async () => {
    const text = readFileSync(new URL('../../docs/reference/policy.md', import.meta.url), 'utf8')
    const blocks = (language: string): readonly string[] =>
      [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, body]) => body ?? '')
    const [lists = '', payments = ''] = blocks('cedar')
    const [, policy = '', tests = ''] = blocks('yaml')
    const made = await prepared([
      file('lists.cedar', lists),
      file('payments.cedar', payments),
      file('other.yaml', policy),
      file('payments.test.yaml', tests),
    ])
    expect(whyNot(made)).toBeUndefined()
    expect(made.tests.passed).toBe(1)
  })
})

describe('presets', () => {
  it('AC-5.5.1 E-04: their tests are green and cover every denial and every rule, each both ways', async () => {
    const files = await readSources({
      sources: ['preset:balanced', 'preset:open', 'preset:locked-down', 'preset:minimal'],
      baseDir: PRESETS,
      presetsDir: PRESETS,
    })
    const made = await prepared(files, { check: { budgetMs: 30_000, requests: 40, every: 'bucket' } })
    expect(whyNot(made)).toBeUndefined()
    expect(made.selfCheck.disagreements).toEqual([])
    const thin = made.tests.coverage.filter(({ fired, quiet }) => fired === 0 || quiet === 0).map(({ id }) => id)
    expect(thin).toEqual([])
    expect(made.tests.coverage.length).toBe(made.policies.length)
  })

  it('ND-1.3.b ND-5.1.c E-18: groups, risks and profiles are those of the specification', async () => {
    const { TOOL_GROUPS, PROFILES } = await import('@sallyport/core')
    expect(
      Object.fromEntries(Object.entries(TOOL_GROUPS).map(([g, { risk, tools }]) => [g, [risk, ...Object.keys(tools)]])),
    ).toEqual({
      'group:memory': ['low', 'memory_search', 'memory_get'],
      'group:web': ['medium', 'web_search', 'web_fetch'],
      'group:fs': ['high', 'read', 'write', 'edit', 'apply_patch'],
      'group:runtime': ['critical', 'exec', 'process'],
      'group:sessions': [
        'medium',
        'sessions_list',
        'sessions_history',
        'sessions_send',
        'sessions_spawn',
        'session_status',
      ],
      'group:ui': ['high', 'browser', 'canvas'],
      'group:automation': ['high', 'cron', 'gateway'],
      'group:messaging': ['medium', 'message'],
      'group:nodes': ['critical', 'nodes'],
    })
    expect(PROFILES).toEqual({
      minimal: ['session_status'],
      coding: ['group:fs', 'group:runtime', 'group:sessions', 'group:memory', 'image'],
      messaging: ['group:messaging', 'sessions_list', 'sessions_history', 'sessions_send', 'session_status'],
      full: ['group:all'],
    })
  })
})
