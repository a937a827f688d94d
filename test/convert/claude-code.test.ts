import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UNCLASSIFIED, type ToolForPolicy } from '@sallyport/core'
import { convertClaudeCode } from '../../packages/gateway/src/assurance/convert/claude-code.ts'
import { openFiles } from '../../packages/gateway/src/cli/policy/open-files.ts'
import { formatIssue } from '../../packages/gateway/src/control/policy/position.ts'
import { whyNot } from '../../packages/gateway/src/control/policy/prepared.ts'
import { CLAUDE_CODE_TOOLS } from '../../packages/gateway/src/hosts/tools/claude-code.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-convert-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const TOOLS: readonly ToolForPolicy[] = CLAUDE_CODE_TOOLS.map((definition) => ({
  id: `claude-code.${definition.name}`,
  server: 'claude-code',
  name: definition.name,
  elevated: false,
  annotation: { ...UNCLASSIFIED, effect: 'external' },
  annotated: true,
  definition,
}))

const SETTINGS = {
  permissions: {
    allow: [
      'Bash(npm test)',
      'Bash(npm run lint:*)',
      'Read(./src/**)',
      'Edit(//srv/app/docs/**)',
      'WebFetch(domain:docs.example.org)',
      'mcp__github__get_issue',
      'Read',
      'Skill(review)',
      // these open too much
      'Bash',
      'Bash(*)',
      'Bash(python:*)',
      'Bash(git * main)',
      'Write',
      'Edit(src/*.ts)',
      'WebFetch',
      'WebFetch(domain:*.example.org)',
      'mcp__github',
      'mcp__github__*',
      '*',
    ],
    ask: ['Bash(git push:*)', 'Write', 'mcp__github__create_issue', 'Agent(Explore)'],
    deny: [
      'Bash(curl:*)',
      'Read(./.env)',
      'Read(**/secrets/**)',
      'Read(~/.ssh/**)',
      'Edit(/.github/**)',
      'WebFetch(domain:evil.example.net)',
      'mcp__fs',
      'Odd(rule',
      '"quoted"',
    ],
    defaultMode: 'bypassPermissions',
    additionalDirectories: ['/srv'],
  },
  enableAllProjectMcpServers: true,
  env: { ANTHROPIC_API_KEY: 'x', ANTHROPIC_BASE_URL: 'https://x.example.net', EDITOR: 'vi' },
  sandbox: { enabled: true, network: { allowAllUnixSockets: true } },
  hooks: { Stop: [{ hooks: [{ type: 'command', command: 'x' }] }] },
  model: 'opus',
}

async function load(settings: unknown, options = {}, more: Readonly<Record<string, string>> = {}) {
  const conversion = convertClaudeCode(JSON.stringify(settings), { home: '/home/ana', project: '/srv/app', ...options })
  const folder = mkdtempSync(join(place, 'draft-'))
  for (const { name, text } of conversion.files) writeFileSync(join(folder, name), text)
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text)
  const { prepared } = await openFiles({ cwd: folder }, ['.'], { tools: TOOLS })
  return { ...conversion, prepared }
}

describe('permissions of Claude Code as a policy', () => {
  it('SYS-1 E-07: the draft is loaded by the real loader, and its tests are green', async () => {
    const { prepared } = await load(SETTINGS)
    expect(prepared.issues.filter(({ severity }) => severity === 'error').map(formatIssue)).toEqual([])
    expect(prepared.tests.failures).toEqual([])
    expect(whyNot(prepared)).toBeUndefined()
    expect(prepared.tests.passed).toBeGreaterThan(25)
    expect(prepared.unsupported).toEqual({})
  }, 20_000)

  it('SYS-1: every setting is accounted for, and what would open more is left out', () => {
    const { outcomes, files } = convertClaudeCode(JSON.stringify(SETTINGS), { home: '/home/ana', project: '/srv/app' })
    const of = (kind: string): readonly string[] =>
      outcomes
        .filter((one) => one.kind === kind)
        .map(({ setting }) => setting.replace(/^permissions\.(allow|ask|deny): /, '$1 '))
    expect(of('weakens')).toEqual([
      'allow Bash',
      'allow Bash(*)',
      'allow Bash(python:*)',
      'allow Bash(git * main)',
      'allow Write',
      'allow WebFetch',
      'allow WebFetch(domain:*.example.org)',
      'allow mcp__github',
      'allow mcp__github__*',
      'allow *',
      'permissions.defaultMode',
      'permissions.additionalDirectories',
      'enableAllProjectMcpServers',
      'env.ANTHROPIC_API_KEY',
      'env.ANTHROPIC_BASE_URL',
      'sandbox.network.allowAllUnixSockets',
    ])
    expect(of('no-equivalent')).toEqual([
      'deny Odd(rule',
      'deny "quoted"',
      'allow Edit(src/*.ts)',
      'env.EDITOR',
      'hooks.Stop.0.hooks.0.type',
      'hooks.Stop.0.hooks.0.command',
      'model',
    ])
    expect(of('covered')).toEqual(['sandbox.enabled'])
    expect(of('carried')).toHaveLength(8 + 4 + 7)
    expect(outcomes.every(({ note }) => note !== '')).toBe(true)
    for (const { setting, kind } of outcomes.slice(0, 10)) expect(files[0]?.text).toContain(`${kind}: ${setting}`)
  })

  it('SYS-1: an allowance lets nothing else through; text of a rule cannot leave its place', async () => {
    const evil = {
      permissions: {
        allow: ['Bash(echo "a\\" }; permit(principal,action,resource);)', 'Bash(ls -la:*)'],
        deny: ['Bash(x\n// y)', 'Read(//a"b\\c*)'],
      },
    }
    const { prepared, files } = await load(evil)
    expect(prepared.issues.filter(({ severity }) => severity === 'error').map(formatIssue)).toEqual([])
    expect(prepared.tests.failures).toEqual([])
    expect(files[0]?.text.match(/^permit/gm)).toHaveLength(2)
    expect(prepared.policies.filter(({ id }) => id.startsWith('claude-code.'))).toHaveLength(6)
  }, 20_000)

  it('T-116: an allowed command does not carry others, an allowed folder no way out of it, a host no other', async () => {
    const refused = (name: string, args: object): object => ({
      name: JSON.stringify(args).slice(0, 80),
      context: { principal: 'claude-code', trustLevel: 2 },
      toolCall: { name: `claude-code.${name}`, arguments: args },
      expected: { allowed: false },
    })
    const tests = [
      ...[
        'npm run lint; id',
        'npm run lint && id',
        'npm run lint | sh',
        'npm run lint $(id)',
        'npm run lint `id`',
        'npm run lint\nid',
        'npm run lint > /etc/x',
        'npm run linter',
        'npm test x',
        ' npm test',
        'curl https://x.example',
        'ls && curl https://x.example',
        'xargs curl',
        '/usr/bin/curl https://x.example',
      ].map((command) => refused('Bash', { command })),
      ...[
        '/srv/app/docs/../../../etc/passwd',
        '/srv/app/docs2/x',
        '/srv/app/docs',
        'docs/x',
        '/srv/app/docs/./../x',
      ].map((file_path) => refused('Edit', { file_path, old_string: 'a', new_string: 'b' })),
      ...['/srv/app/.env', '/srv/app/x/secrets/y', '/home/ana/.ssh/id_rsa'].map((file_path) =>
        refused('Read', { file_path }),
      ),
      ...[
        'https://docs.example.org.evil.net/',
        'https://docs.example.org@evil.net/',
        'https://x.docs.example.org/',
        'https://evil.example.net/',
      ].map((url) => refused('WebFetch', { url })),
      { ...refused('Agent', { prompt: 'x', subagent_type: 'Other' }) },
      { ...refused('Skill', { skill: 'another' }) },
      {
        ...refused('Read', { file_path: '/srv/app/src/a.ts' }),
        name: 'and an ordinary one',
        expected: { allowed: true },
      },
      {
        ...refused('Bash', { command: 'npm run lint -- --fix' }),
        name: 'and an ordinary command',
        expected: { allowed: true },
      },
      {
        ...refused('Bash', { command: 'git push origin main' }),
        name: 'and one that is asked about',
        expected: { allowed: false, requiresApproval: true },
      },
    ]
    const kinds = { effect: 'write', groups: ['group:fs'] }
    const tools = Object.fromEntries(CLAUDE_CODE_TOOLS.map(({ name }) => [`claude-code.${name}`, kinds]))
    const { prepared } = await load(
      SETTINGS,
      {},
      { 'more.test.yaml': JSON.stringify({ name: 'more', policyFile: 'claude-code.cedar', tools, tests }) },
    )
    expect(prepared.issues.filter(({ severity }) => severity === 'error').map(formatIssue)).toEqual([])
    expect(prepared.tests.failures.map(({ test, message }) => `${test}: ${message}`)).toEqual([])
  }, 20_000)

  it('SYS-1: where the home and the project are not known, what depends on them is left out', () => {
    const { outcomes } = convertClaudeCode(
      JSON.stringify({
        permissions: { allow: ['Read(./src/**)', 'Read(~/notes/**)'], deny: ['Read(./.env)', 'Read(~/.ssh/**)'] },
      }),
    )
    expect(outcomes.map(({ setting, kind }) => `${kind} ${setting}`)).toEqual([
      'carried permissions.deny: Read(./.env)',
      'no-equivalent permissions.deny: Read(~/.ssh/**)',
      'no-equivalent permissions.allow: Read(./src/**)',
      'no-equivalent permissions.allow: Read(~/notes/**)',
    ])
  })

  it('T-160: rules that are made to be slow are not', () => {
    const rules = [
      `mcp${'__a'.repeat(600)}(`,
      `Bash(${'*a'.repeat(900)})`,
      `Read(//${'**/'.repeat(600)}x)`,
      `${' '.repeat(1900)}x`,
      'x'.repeat(1_000_000),
    ]
    const start = performance.now()
    const { outcomes } = convertClaudeCode(JSON.stringify({ permissions: { deny: rules, allow: rules } }))
    expect(outcomes).toHaveLength(10)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('SYS-1: settings without rules give no files; what is no settings file is refused', () => {
    expect(convertClaudeCode('{"model":"x"}')).toMatchObject({ files: [], outcomes: [{ setting: 'model' }] })
    expect(() => convertClaudeCode('{"a"')).toThrow('The configuration is not valid.')
  })
})
