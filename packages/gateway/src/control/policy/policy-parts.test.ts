import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256, type Json, type JsonObject } from '@sallyport/core'
import { cedarEngine, folder, memoryStore, PRESETS, tool } from '../../../../../test/policy/fixtures.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { Agreements } from './agreements.ts'
import type { Cedar } from './cedar.ts'
import { editFiles, rebase } from './drafts/edit.ts'
import { createPolicyHistory, type PolicyChange, type PolicyHistory } from './history.ts'
import { readForProfile, readPolicyFile, type ReadFile } from './read-policies.ts'
import { recordedCall, withLabels, type ToolsNow } from './recorded.ts'
import { runPolicyTests } from './run-tests.ts'
import { readSources, watchedPaths, type SourceFile } from './sources.ts'
import type { Issue } from './position.ts'

let cedar: Cedar
beforeAll(async () => {
  cedar = await cedarEngine()
})

const PERMIT = '// version: 1.0\n@id("read") permit (principal, action in Action::"read", resource);\n'

describe('T-049: where policies are read from', () => {
  const read = (sources: readonly string[], baseDir: string, presetsDir = PRESETS) =>
    readSources({ sources, baseDir, presetsDir })

  test.each([
    ['preset:balancd', /did you mean preset:balanced/],
    ['preset:qqqqqqqqqqqqqqqq', /known are .*balanced/],
    ['missing.cedar', /does not exist/],
    ['/dev/null', /not a file/],
    ['large.cedar', /larger than 4 MiB/],
    ['latin.cedar', /UTF-8/],
    ['many', /more than 2000 files/],
  ])('%s is refused', async (source, reason) => {
    const dir = folder({ 'large.cedar': '' })
    truncateSync(join(dir, 'large.cedar'), 4 * 1024 * 1024 + 1)
    writeFileSync(join(dir, 'latin.cedar'), Buffer.from([0x2f, 0x2f, 0xff, 0xfe]))
    if (source === 'many') {
      mkdirSync(join(dir, 'many'))
      for (let count = 0; count <= 2_000; count++) symlinkSync('../latin.cedar', join(dir, 'many', `${count}.cedar`))
    }
    await expect(read([source], dir)).rejects.toMatchObject({
      code: 'SP_POLICY_INVALID',
      message: expect.stringMatching(reason) as string,
    })
  })

  test('files outside are named in full, hidden ones and those of packages are left, each file is read once', async () => {
    const outside = folder({
      'team.cedar': PERMIT,
      '.hidden.cedar': 'x',
      'node_modules/a.cedar': 'x',
      '.git/b.cedar': 'x',
      'notes.txt': 'x',
    })
    const dir = folder({ 'own.yaml': '' })
    const files = await read([outside, join(outside, 'team.cedar'), 'own.yaml'], dir)
    expect(files.filter(({ origin }) => origin === 'file').map(({ path }) => path)).toEqual([
      join(outside, 'team.cedar'),
      'own.yaml',
    ])
    expect(watchedPaths({ sources: ['preset:x', 'own.yaml'], baseDir: dir, presetsDir: PRESETS })).toEqual([
      join(dir, 'own.yaml'),
    ])
  })

  test('a preset need not bring tests', async () => {
    const presets = folder({ 'base.cedar': PERMIT, 'base.test.yaml': '', 'lone.cedar': PERMIT })
    const files = await read(['preset:lone'], presets, presets)
    expect(files.map(({ path }) => path)).toEqual(['preset:base.cedar', 'preset:base.test.yaml', 'preset:lone.cedar'])
  })
})

const source = (path: string, text: string): SourceFile => ({
  ...{
    path,
    origin: 'file',
    language: path.endsWith('.cedar') ? 'cedar' : 'yaml',
    text,
    digest: sha256(text),
    real: '',
  },
  owned: true,
})
function readFiles(files: Readonly<Record<string, string>>): { files: readonly ReadFile[]; issues: readonly Issue[] } {
  const issues: Issue[] = []
  const read = Object.entries(files).map(([path, text]) => readPolicyFile(source(path, text), cedar, new Map(), issues))
  return { files: read, issues }
}

describe('what is wrong with a policy is said with its place', () => {
  test.each([
    ['a template', '@id("t") permit (principal == ?principal, action, resource);', /templates have no place/],
    [
      'too deep',
      `@id("t") permit (principal, action, resource) when { ${'('.repeat(200)}true${')'.repeat(200)} };`,
      /nested too deeply/,
    ],
    [
      'too long',
      `@id("t") permit (principal, action, resource) when { ${'true && '.repeat(5_000)}true };`,
      /too many operators/,
    ],
    ['no policy', 'permit (principal, action resource);', /unexpected/],
    ['a bracket that does not close', '@id("t") permit (principal, action, resource', /unexpected end|expected/],
    ['an annotation that says nothing', '@id("t") @kind("whatever") permit (principal, action, resource);', /kind/],
  ])('Cedar: %s', (_, text, reason) => {
    const { issues } = readFiles({ 'team.cedar': `// version: 1.0\n${text}\n` })
    expect(issues.filter(({ severity }) => severity === 'error')[0]?.message).toMatch(reason)
  })

  test.each([
    ['a list', '- a\n', /expected a mapping/],
    ['nothing', '', /expected a mapping/],
    ['a word that is nearly right', 'version: "1.0"\nruls: []\n', /did you mean/],
    ['a word from elsewhere', 'version: "1.0"\nqqqqqqqqqqqqqqqqqq: []\nrules: []\n', /known are/],
  ])('YAML: %s', (_, text, reason) => {
    expect(
      readFiles({ 'team.yaml': text })
        .issues.map(({ message }) => message)
        .join('\n'),
    ).toMatch(reason)
  })

  test('a file without a version is warned about, one whose version is none as well', () => {
    const text = '// team\n// version: one\n\n@id("a") permit (principal, action, resource);\n'
    const { files, issues } = readFiles({ 'team.cedar': text })
    expect([files[0]?.version, issues.map(({ severity }) => severity)]).toEqual(['0.0', ['warning']])
  })

  test('the engine says what it cannot do', () => {
    expect(cedar.format('permit (')).toBe('permit (')
    expect(cedar.format(PERMIT)).toContain('permit')
    expect(cedar.split('permit (').ok).toBe(false)
    expect(cedar.parse('permit (').ok).toBe(false)
    expect(cedar.validate({ '': 7 } as never, {}).ok).toBe(false)
    expect(cedar.validate({} as never, { a: 'permit (' }).ok).toBe(false)
    expect(() => cedar.preparePolicies('bad', { a: 'permit (' })).toThrow(/unexpected|expected/)
    expect(() => cedar.decide('unheard', 'of', { principal: 1 } as never)).toThrow(/\w/)
    // a trap inside the engine, or what it cannot even take, is a fault like any other
    expect(cedar.parse(Symbol('x') as never)).toMatchObject({ ok: false })
  })
})

describe('ND-5.5.a: tests of policies', () => {
  const TOOLS = 'tools: { fs.read: { effect: read }, fs.put: { effect: write } }\n'
  const run = (
    tests: string,
    head = '',
    files: Readonly<Record<string, string>> = { 'dir/team.cedar': PERMIT },
  ): ReturnType<typeof runPolicyTests> => {
    const text = `name: t\n${head}${TOOLS}tests:\n${tests}`
    const read = readFiles({ ...files, 'dir/sub/team.test.yaml': text })
    expect(read.issues.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([])
    return runPolicyTests(read.files, cedar, new Map())
  }
  const one = (expected: string, call = 'fs.read'): string =>
    `  - { name: a, toolCall: { name: ${call} }, expected: { ${expected} } }\n`

  test.each([
    ['allowed: true', 'fs.read'],
    ['allowed: true, policy: read', 'fs.read'],
    ['allowed: false, requiresApproval: false', 'fs.put'],
    ['allowed: false, reason: No policy allows', 'fs.put'],
    ['allowed: false', 'unheard_of'],
  ])('green: %s of %s', (expected, call) => {
    const report = run(one(expected, call))
    expect([report.passed, report.failures]).toEqual([1, []])
  })

  test.each([
    ['allowed: false', 'fs.read', /expected not allowed, got allow by read/],
    ['allowed: true', 'fs.put', /expected allowed, got deny by no policy/],
    ['allowed: true, requiresApproval: true', 'fs.read', /expected an approval to be required/],
    ['allowed: false, requiresApproval: true', 'fs.put', /expected an approval to be required/],
    ['allowed: false, reason: something else', 'fs.put', /expected a reason with/],
    ['allowed: true, policy: other', 'fs.read', /expected other to decide/],
  ])('red: %s of %s', (expected, call, message) => {
    const { failures, results, passed } = run(one(expected, call))
    expect([failures[0]?.message, results[0]?.ok, passed]).toEqual([expect.stringMatching(message), false, 0])
  })

  test('the file that a test names is found from where it lies, or said to be missing', () => {
    expect(run(one('allowed: true'), 'policyFile: ./../team.cedar\n').passed).toBe(1)
    const missing = run(one('allowed: true'), 'policyFile: ../other.cedar\n')
    expect(missing.failures[0]?.message).toMatch(/other\.cedar is not among the loaded policies/)
    expect(missing.results[0]).toMatchObject({ by: [], ok: false })
    expect(missing.results[0]).not.toHaveProperty('got')
  })

  test('context says more of a call: labels, flow, facts and session', () => {
    const rules = `${PERMIT}@id("write") permit (principal, action in Action::"write", resource);
@id("ask") @decision("approve") @severity("low") forbid (principal, action in Action::"write", resource)
when { context.labels.tainted } unless { context.approved };\n`
    const outcome = (labels: string): unknown =>
      run(
        `  - { name: a, context: { ${labels}, principal: ana, flow: { anchored: true }, surface: cli }, toolCall: { name: fs.put, arguments: { a: 1 } }, expected: { allowed: false } }\n`,
        '',
        { 'dir/sub/team.cedar': rules },
      ).results[0]?.got
    expect(['labels: { integrity: 0 }', 'labels: { tainted: true }', 'labels: { integrity: 3 }'].map(outcome)).toEqual([
      'ask',
      'ask',
      'allow',
    ])
  })

  test('a document that is not whole for a profile is not run', () => {
    const document = { version: '1.0', profile: 'unheard', rules: [] } as never
    expect(() => readForProfile(source('team.yaml', ''), document, 'unheard', cedar, new Map())).toThrow(/\w/)
  })
})

describe('the history of policies', () => {
  const DAY = 86_400_000
  const change = (number: number, more: Partial<PolicyChange> = {}): PolicyChange => ({
    ...{
      number,
      timestamp: new Date(number * DAY).toISOString(),
      action: 'update',
      source: 'api',
      actor: 'operator:ana',
    },
    ...{ previousVersion: '', newVersion: '', digest: `d${number}`, diff: {} as never, widening: [], valid: true },
    ...more,
  })
  const snapshot = (of: PolicyChange) => ({ change: of, files: [], highest: {} })
  let now: number
  let history: PolicyHistory
  const made = (): void => {
    now = 0
    history = createPolicyHistory(
      memoryStore(),
      () => now,
      () => String(++now),
      DAY,
    )
  }

  test('a number is given once, and what was in force is found by its digest', async () => {
    made()
    expect(await history.byDigest('d1')).toBeUndefined()
    expect(await history.add(snapshot(change(1)))).toBe(true)
    expect(await history.add(snapshot(change(1)))).toBe(false)
    expect(await history.add(snapshot(change(2)))).toBe(true)
    await history.addRefused(change(0, { digest: 'd9', valid: false, timestamp: change(2).timestamp }))
    expect((await history.byDigest('d1'))?.change.number).toBe(1)
    expect(await history.byDigest('d9')).toBeUndefined()
  })

  test.each([
    [{}, [2, 0, 1]],
    [{ from: 2 * DAY }, [2, 0]],
    [{ to: DAY }, [1]],
    [{ valid: false }, [0]],
    [{ actor: 'operator:ben' }, [1]],
    [{ action: 'revert' }, []],
    [{ limit: 1 }, [2]],
  ])('changes that fit %j', async (query, numbers) => {
    made()
    await history.add(snapshot(change(1, { actor: 'operator:ben' })))
    await history.add(snapshot(change(2)))
    await history.addRefused(change(0, { valid: false, timestamp: change(2).timestamp }))
    expect((await history.list(query)).map(({ number }) => number)).toEqual(numbers)
  })

  test('what is too old is taken away; what is in force stays', async () => {
    made()
    for (const number of [1, 2]) await history.add(snapshot(change(number)))
    expect(await history.prune()).toBe(0)
    now = 2 * DAY
    expect(await history.prune()).toBe(1)
    expect((await history.latest())?.change.number).toBe(2)
    expect(await history.staged.get()).toBeUndefined()
    await history.staged.clear()
    for (const number of [3, 4]) await history.staged.set(snapshot(change(number)))
    expect((await history.staged.get())?.change.number).toBe(4)
  })
})

describe('T-049: agreements', () => {
  const clock = { now: () => 1_000 }
  test('of two gateways at once none is lost; a row that never stands still is an error', async () => {
    const store = memoryStore()
    expect(
      await new Agreements(
        contended(store, 'staged', 3, (row) => ({ ...row, body: { by: ['operator:ben'] } })),
        clock,
      ).add('x', 'operator:ana'),
    ).toEqual(['operator:ben', 'operator:ana'])
    await expect(new Agreements(contended(store, 'staged'), clock).add('y', 'operator:ana')).rejects.toMatchObject({
      code: 'SP_STORE_UNAVAILABLE',
    })
  })

  test('a row that holds no list counts as nobody, and so does one whose day is over', async () => {
    const store = memoryStore()
    const row = {
      kind: 'staged',
      id: `agreed:${sha256('x')}`,
      state: 'agreed',
      expiresAt: 9e9,
      body: { by: 'operator:eve' },
    } as const
    await store.put(row, 0)
    expect(await new Agreements(store, clock).add('x', 'operator:ana')).toEqual(['operator:ana'])
    expect(await new Agreements(store, { now: () => 1_000 + 86_400_000 }).add('x', 'operator:ben')).toEqual([
      'operator:ben',
    ])
  })
})

describe('calls of the log', () => {
  const READ = tool('fs.read', { effect: 'read' })
  const tools: ToolsNow = {
    find: (id) => (id === READ.id ? READ : undefined),
    describe: (_tool, _args, cwd = '') => ({ facts: { cwd }, effect: 'read' }) as never,
  }
  const RECORD: JsonObject = {
    ...{ kind: 'decision', policyDecision: 'allowed', toolName: 'fs.read', parameters: { path: 'a' }, bundle: 'b' },
    ...{ agentId: 'coder', auditId: 'x', timestamp: 't', sessionId: 's', labels: { integrity: 1, confidentiality: 2 } },
  }

  test.each<[string, JsonObject]>([
    ['not a decision', { kind: 'release' }],
    ['a gate before policy decided', { bundle: '' }],
    ['an outcome that is none', { policyDecision: 'unheard' }],
    ['no outcome', { policyDecision: 7 }],
    ['no arguments', { parameters: ['a'] }],
    ['a tool that is gone', { toolName: 'fs.write' }],
  ])('not asked again: %s', (_, more) => {
    expect(recordedCall({ ...RECORD, ...more }, tools)).toBeUndefined()
  })

  test.each<[Json, Json, readonly [number, number, boolean], readonly string[]]>([
    [{ integrity: 1, confidentiality: 2 }, ['read'], [1, 2, true], ['read']],
    ['none', 'read', [3, 0, false], []],
    [{ integrity: 9, confidentiality: -1 }, [7], [3, 0, false], ['7']],
    [{ integrity: 1.5 }, [], [3, 0, false], []],
  ])('labels %j and rules %j', (labels, policyRule, expected, by) => {
    const call = recordedCall({ ...RECORD, labels, policyRule }, tools)
    const { integrity, confidentiality, tainted } = call?.request.context.labels ?? {}
    expect([integrity, confidentiality, tainted]).toEqual(expected)
    expect(call?.by).toEqual(by)
  })

  test('the directory it was judged in counts, and other labels may be tried', () => {
    const call = recordedCall({ ...RECORD, judged: { cwd: '/work' } }, tools)
    if (call === undefined) throw new Error('no call')
    expect(call.request.context.facts).toEqual({ cwd: '/work' })
    expect(withLabels(call.request, { integrity: 3 }).context).toMatchObject({
      labels: { integrity: 3, confidentiality: 2, tainted: false },
    })
    expect(withLabels(call.request, { confidentiality: 0 }).context.flow.seenConfidential).toBe(false)
  })
})

describe('files of a draft', () => {
  const file = (path: string, text: string) => ({ path, origin: 'file' as const, language: 'cedar' as const, text })
  const FILES = [
    file('a.cedar', '1'),
    file('b.cedar', '2'),
    { ...file('preset:balanced.cedar', '3'), origin: 'preset' as const },
  ]

  test.each([
    ['preset:base.cedar', 'x'],
    ['none.cedar', undefined],
    ['../a.cedar', 'x'],
    ['a//b.cedar', 'x'],
    ['.hidden.cedar', 'x'],
    ['/etc/a.cedar', 'x'],
    ['a.txt', 'x'],
  ])('T-049: %s is not edited', (path, text) => {
    expect(() => editFiles(FILES, [{ path, text }])).toThrow(expect.objectContaining({ code: 'SP_API_INVALID' }))
  })

  test('files are added, changed and taken away; the same text changes nothing', () => {
    const edited = editFiles(FILES, [
      { path: 'a.cedar' },
      { path: 'b.cedar', text: '2' },
      { path: 'preset:balanced.cedar', text: '4' },
      { path: 'sub/c.yaml', text: '5' },
    ])
    expect(edited.map(({ path, origin, language, text }) => [path, origin, language, text])).toEqual([
      ['b.cedar', 'file', 'cedar', '2'],
      ['preset:balanced.cedar', 'file', 'cedar', '4'],
      ['sub/c.yaml', 'file', 'yaml', '5'],
    ])
  })

  test.each([
    ['mine alone', ['2'], ['1'], ['1'], ['2'], []],
    ['theirs alone', ['1'], ['1'], ['3'], ['3'], []],
    ['both the same', ['2'], ['1'], ['2'], ['2'], []],
    ['both', ['2'], ['1'], ['3'], ['2'], ['a.cedar']],
    ['mine is gone', [], ['1'], ['1'], [], []],
    ['theirs is gone', ['1'], ['1'], [], [], []],
  ])('on top of what is in force now: %s', (_, draft, base, live, result, conflicts) => {
    const of = (texts: readonly string[]) => texts.map((text) => file('a.cedar', text))
    const rebased = rebase(of(draft), of(base), of(live))
    expect([rebased.files.map(({ text }) => text), rebased.conflicts]).toEqual([result, conflicts])
  })
})
