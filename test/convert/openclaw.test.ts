import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { convertOpenClaw } from '../../packages/gateway/src/assurance/convert/openclaw.ts'
import { sampleTools } from '../../packages/gateway/src/cli/policy/sample-tools.ts'
import { openFiles } from '../../packages/gateway/src/cli/policy/open-files.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { formatIssue } from '../../packages/gateway/src/control/policy/position.ts'
import { whyNot } from '../../packages/gateway/src/control/policy/prepared.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-convert-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const TOKEN = ['ghp_', 'Ab3dEf6hIj9kLmN0pQrS', 'tUvWxYz12345678'].join('')
const CONFIG = `{
  // everything open
  gateway: {
    port: 18789, bind: 'lan', auth: { mode: 'none', token: 'abc' }, trustedProxies: ['10.0.0.1'],
    controlUi: { dangerouslyDisableDeviceAuth: true, allowInsecureAuth: true, allowedOrigins: ['*'] },
  },
  channels: {
    telegram: { dmPolicy: 'open', groupPolicy: 'open', allowFrom: ['*'], botToken: 'x' },
    slack: { accounts: { a: { dmPolicy: 'pairing', groupPolicy: 'allowlist' } } },
  },
  tools: {
    profile: 'coding', allow: ['read', 'exec', 'group:media'], deny: ['browser', 'group:automation'],
    exec: { security: 'full', ask: 'off', host: 'gateway', safeBins: ['python3'] },
    elevated: { enabled: true, allowFrom: { telegram: ['*'] } },
  },
  agents: {
    defaults: { sandbox: { mode: 'off', workspaceAccess: 'rw', docker: { network: 'host', binds: ['/:/host'] } }, model: { primary: 'x' } },
    list: [{ id: 'family', tools: { profile: 'messaging', deny: ['message'], exec: { security: 'deny' } } }, { id: 'all', tools: { profile: 'full', allow: ['*'] } }],
  },
  mcp: { servers: {
    github: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-github@2025.4.8'], env: { GITHUB_TOKEN: '${TOKEN}', LOG: 'info', HOME_: '\${HOME}' } },
    GitHub: { url: 'https://mcp.example.net/mcp', headers: { Authorization: 'Bearer x', 'X-Team': 'a' } },
    odd: { args: [] },
    leak: { command: 'x', args: ['--token=${TOKEN}'] },
  } },
  hooks: { token: 'x', gmail: { allowUnsafeExternalContent: true } },
  logging: { redactSensitive: 'off' },
  somethingNew: { a: 1 },
}`

const SAMPLE = {
  name: 'sample',
  context: { trustLevel: 2 },
  toolCall: { name: 'x.exec', arguments: { command: 'uname' } },
  expected: { allowed: false },
}

async function load(text: string, more: object = {}) {
  const conversion = convertOpenClaw(text)
  const folder = mkdtempSync(join(place, 'draft-'))
  for (const { name, text: body } of conversion.files)
    if (name !== 'sallyport.yaml') writeFileSync(join(folder, name), body)
  // a test without a policy of its name runs against all
  const all = {
    name: 'all',
    tools: {
      'x.exec': { effect: 'external', groups: ['group:runtime'] },
      'x.read': { effect: 'read', groups: ['group:fs'] },
    },
    tests: [SAMPLE],
    ...more,
  }
  writeFileSync(join(folder, 'all.test.yaml'), JSON.stringify(all))
  const { prepared } = await openFiles({ cwd: folder }, 'tests' in more ? ['preset:balanced', '.'] : ['.'], {
    tools: sampleTools(),
  })
  const { config } = parseConfig(conversion.files[0]?.text ?? '', join(folder, 'sallyport.yaml'), {
    env: {},
    stateDir: folder,
    now: 0,
  })
  return { ...conversion, prepared, config }
}

describe('a configuration of OpenClaw', () => {
  it('SYS-1: the drafts are loaded by the real loaders, and the tests are green', async () => {
    const { prepared, config } = await load(CONFIG)
    expect(prepared.issues.filter(({ severity }) => severity === 'error').map(formatIssue)).toEqual([])
    expect(prepared.tests.failures).toEqual([])
    expect(whyNot(prepared)).toBeUndefined()
    expect(config).toMatchObject({
      gateway: { bind: '127.0.0.1', trustedProxies: ['10.0.0.1'] },
      policies: ['preset:balanced', './openclaw.yaml'],
      servers: {
        github: {
          command: ['npx', '-y', '@modelcontextprotocol/server-github@2025.4.8'],
          env: { LOG: 'info' },
          trust: 'untrusted',
        },
        'github-2': { url: 'https://mcp.example.net/mcp', headers: { 'X-Team': 'a' } },
      },
    })
    expect(Object.keys(config.servers)).toEqual(['github', 'github-2'])
    expect(config.acknowledgeInsecure).toEqual({})
  }, 20_000)

  it('SYS-1 E-29: every setting has an outcome; what weakens is left out and named', () => {
    const { outcomes, files } = convertOpenClaw(CONFIG)
    const of = (kind: string): readonly string[] =>
      outcomes.filter((one) => one.kind === kind).map(({ setting }) => setting)
    expect(of('weakens')).toEqual(
      expect.arrayContaining([
        'gateway.bind',
        'gateway.auth.mode',
        'gateway.controlUi.dangerouslyDisableDeviceAuth',
        'gateway.controlUi.allowInsecureAuth',
        'gateway.controlUi.allowedOrigins',
        'channels.telegram.dmPolicy',
        'channels.telegram.groupPolicy',
        'channels.telegram.allowFrom',
        'tools.exec.security',
        'tools.exec.ask',
        'tools.exec.host',
        'tools.exec.safeBins',
        'tools.elevated.enabled',
        'tools.elevated.allowFrom.telegram',
        'agents.defaults.sandbox.mode',
        'agents.defaults.sandbox.workspaceAccess',
        'agents.defaults.sandbox.docker.network',
        'agents.defaults.sandbox.docker.binds',
        'agents.list.1.tools.profile',
        'agents.list.1.tools.allow',
        'mcp.servers.github.GITHUB_TOKEN',
        'mcp.servers.GitHub.Authorization',
        'hooks.gmail.allowUnsafeExternalContent',
        'logging.redactSensitive',
      ]),
    )
    expect(of('carried')).toEqual([
      'tools.profile',
      'tools.allow',
      'tools.deny',
      'agents.list.0.id',
      'agents.list.0.tools.profile',
      'agents.list.0.tools.deny',
      'agents.list.0.tools.exec.security',
      'agents.list.1.id',
      'mcp.servers.github',
      'mcp.servers.GitHub',
      'gateway.trustedProxies',
    ])
    expect(of('no-equivalent')).toEqual(
      expect.arrayContaining([
        'somethingNew.a',
        'mcp.servers.odd',
        'mcp.servers.leak',
        'gateway.auth.token',
        'channels.telegram.botToken',
      ]),
    )
    expect(files.map(({ text }) => text).join('\n')).not.toContain(TOKEN)
    expect(files[0]?.text).toContain('# weakens: gateway.bind.')
  })

  it('SYS-1 T-178: everything open gives a draft that is closed', async () => {
    const open = `{ gateway: { bind: '0.0.0.0', auth: { mode: 'none' }, trustedProxies: ['0.0.0.0/0'] }, tools: { profile: 'full', exec: { security: 'full', ask: 'off' } }, channels: { irc: { groupPolicy: 'open', dmPolicy: 'open' } } }`
    const asked = { ...SAMPLE, name: 'asked', expected: { allowed: false, requiresApproval: true } }
    const inGroup = {
      ...SAMPLE,
      name: 'group',
      context: { trustLevel: 2, channel: 'irc', chatType: 'group' },
      expected: { allowed: false, requiresApproval: false, policy: 'groups-of-irc.deny' },
    }
    const stranger = {
      name: 'stranger',
      context: { trustLevel: 2, channel: 'irc', chatType: 'direct' },
      toolCall: { name: 'x.read', arguments: {} },
      expected: { allowed: false, requiresApproval: false },
    }
    const reads = { ...stranger, name: 'reads', context: { trustLevel: 2 }, expected: { allowed: true } }
    const { prepared, config } = await load(open, { tests: [asked, inGroup, stranger, reads] })
    expect(prepared.tests.failures.map(({ test, message }) => `${test}: ${message}`)).toEqual([])
    expect(whyNot(prepared)).toBeUndefined()
    expect(config.gateway).toMatchObject({ bind: '127.0.0.1', trustedProxies: [], allowPublicBind: false })
  }, 20_000)

  it.each([
    [
      'names that would write YAML',
      `{ channels: { 'x: {': { groupPolicy: 'open' } }, agents: { list: [{ id: 'a"\\n- b', tools: { deny: ['*'] } }] }, tools: { deny: ['x"', '*'], allow: ['group:unknown'] } }`,
    ],
    [
      'the same name twice',
      `{ agents: { list: [{ id: 'a', tools: { deny: ['exec'] } }, { id: 'A', tools: { deny: ['exec'] } }] } }`,
    ],
    ['nothing', '{}'],
    [
      'odd types',
      '{ tools: [], channels: 3, agents: { list: {} }, mcp: { servers: [] }, gateway: { trustedProxies: "x" } }',
    ],
  ])(
    'SYS-1: %s',
    async (_name, text) => {
      const { prepared } = await load(text)
      expect(prepared.issues.filter(({ severity }) => severity === 'error').map(formatIssue)).toEqual([])
      expect(prepared.tests.failures).toEqual([])
    },
    20_000,
  )
})
