import { describe, expect, it } from 'vitest'
import { OPENCLAW_RULES } from '../../packages/gateway/src/assurance/posture/hosts/table/openclaw/rules.ts'
import { APPROVAL_RULES } from '../../packages/gateway/src/assurance/posture/hosts/table/openclaw/tools.ts'
import { machine, wrapped } from './home.ts'

const BAD = `{
  // comments and single quotes: JSON5
  gateway: {
    bind: 'lan',
    auth: { mode: 'none', token: 'short' },
    trustedProxies: ['0.0.0.0/0'],
    allowRealIpFallback: true,
    controlUi: {
      dangerouslyDisableDeviceAuth: true,
      allowInsecureAuth: true,
      dangerouslyAllowHostHeaderOriginFallback: true,
      allowedOrigins: ['*'],
    },
    tailscale: { mode: 'funnel' },
    tools: { allow: ['exec'] },
    nodes: { allowCommands: ['system.run'] },
  },
  discovery: { mdns: { mode: 'full' } },
  hooks: {
    token: 'short', path: '/', allowRequestSessionKey: true, allowedAgentIds: ['*'],
    gmail: { allowUnsafeExternalContent: true },
  },
  channels: {
    telegram: { dmPolicy: 'open', groupPolicy: 'open', allowFrom: ['*'], dangerouslyAllowNameMatching: true },
  },
  commands: { bash: true, useAccessGroups: false },
  agents: {
    defaults: {
      model: { primary: 'openai/gpt-3.5-turbo' },
      sandbox: {
        mode: 'off', workspaceAccess: 'rw',
        docker: {
          network: 'host', binds: ['/var/run/docker.sock:/var/run/docker.sock'],
          seccompProfile: 'unconfined', apparmorProfile: 'unconfined', dangerouslyAllowExternalBindSources: true,
        },
      },
    },
    list: [{ id: 'main', sandbox: { mode: 'non-main' } }],
  },
  tools: {
    profile: 'full', allow: ['*'],
    exec: { security: 'full', ask: 'off', host: 'gateway', safeBins: ['python3'], applyPatch: { workspaceOnly: false } },
    fs: { workspaceOnly: false },
    elevated: { enabled: true, allowFrom: { telegram: ['*'] } },
  },
  logging: { redactSensitive: 'off' },
  browser: { cdpUrl: 'http://browser.example.net:9222', noSandbox: true, ssrfPolicy: { dangerouslyAllowPrivateNetwork: true } },
  plugins: { entries: { voice: { enabled: true } }, installs: { voice: { spec: '@x/voice' } } },
  env: { vars: { NODE_OPTIONS: '--require /tmp/x.js' } },
  mcp: { servers: { files: { command: 'npx', args: ['files'] } } },
}`

const GOOD = `{
  gateway: { bind: 'loopback', auth: { mode: 'token', token: '\${OPENCLAW_GATEWAY_TOKEN}' }, controlUi: { allowedOrigins: ['http://localhost:18789'] } },
  agents: { defaults: { sandbox: { mode: 'all', workspaceAccess: 'none', docker: { network: 'none', binds: ['/work/a:/work/a:ro'] } }, model: { primary: 'anthropic/claude-opus-4-6' } } },
  tools: { profile: 'coding', exec: { security: 'allowlist', ask: 'on-miss', host: 'sandbox', safeBins: ['uniq'] }, elevated: { enabled: false } },
  channels: { telegram: { dmPolicy: 'pairing', groupPolicy: 'allowlist', allowFrom: ['12345'] } },
  logging: { redactSensitive: 'tools' },
  plugins: { allow: ['voice'], entries: { voice: { enabled: true } }, installs: { voice: { spec: '@x/voice@1.2.3' } } },
  mcp: { servers: { files: ${JSON.stringify(wrapped)} } },
}`

describe('OpenClaw', () => {
  it('SYS-1 E-29 AC-2.4.4: every check has a configuration that makes it fire, with a line', async () => {
    const bad = machine({
      '.openclaw/openclaw.json': BAD,
      '.openclaw/exec-approvals.json': {
        version: 1,
        defaults: { security: 'full', ask: 'off', askFallback: 'full', autoAllowSkills: true },
        agents: { main: { allowlist: [{ id: '1', pattern: '/bin/zsh' }] } },
      },
    })
    const found = await bad.findings()
    const ids = new Set(found.map(({ id }) => id))
    // two need a gateway of another form, two a configuration that says nothing, one the gateway's own token, one open groups alone
    const other = ['loopback_no_auth', 'trusted_proxy_auth', 'exec_full', 'exec_default', 'group_open', 'sandbox_off']
    const known = new Set([...OPENCLAW_RULES, ...APPROVAL_RULES].map(({ id }) => id))
    expect([...known].filter((id) => !ids.has(id) && !other.includes(id.slice('openclaw.'.length)))).toEqual([])
    expect(found.find(({ id }) => id === 'openclaw.device_auth_disabled')).toMatchObject({
      severity: 'critical',
      line: 9,
      fix: { kind: 'remove', at: ['gateway', 'controlUi', 'dangerouslyDisableDeviceAuth'] },
    })
    expect(found.find(({ id }) => id === 'openclaw.insecure_auth')).toMatchObject({ severity: 'medium', line: 10 })
    expect(found.find(({ id }) => id === 'hosts.mcp_bypass')?.severity).toBe('high')
  })

  it.each([
    ['openclaw.loopback_no_auth', `{ gateway: { auth: { mode: 'none' } } }`],
    ['openclaw.trusted_proxy_auth', `{ gateway: { auth: { mode: 'trusted-proxy' } } }`],
    ['openclaw.exec_full', `{ tools: { exec: { security: 'full', ask: 'always' } } }`],
    ['openclaw.exec_default', `{}`],
    ['openclaw.sandbox_off', `{}`],
    ['openclaw.group_open', `{ channels: { slack: { accounts: { a: { groupPolicy: 'open' } } } } }`],
    ['openclaw.dm_open', `{ channels: { discord: { dm: { policy: 'open' } } } }`],
    ['openclaw.exec_full_unasked', `{ agents: { list: [{ tools: { exec: { security: 'full', ask: 'off' } } }] } }`],
  ])('SYS-1: %s', async (id, text) => {
    expect((await machine({ '.openclaw/openclaw.json': text }).findings()).map((finding) => finding.id)).toContain(id)
  })

  it('SYS-1: a careful configuration has nothing above info', async () => {
    expect(await machine({ '.openclaw/openclaw.json': GOOD }).audit()).toEqual(['info hosts.unprotected OpenClaw'])
  })

  it('SYS-1: what is included counts, the nearer file wins, and circles are found', async () => {
    const layered = machine({
      '.openclaw/openclaw.json': `{ $include: './base.json5', gateway: { $include: ['gw.json5'], bind: 'loopback' } }`,
      '.openclaw/base.json5': `{ logging: { redactSensitive: 'off' }, gateway: { bind: 'lan' } }`,
      '.openclaw/gw.json5': `{ controlUi: { allowInsecureAuth: true } }`,
    })
    const ids = (await layered.findings()).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['openclaw.redact_off', 'openclaw.insecure_auth']))
    expect(ids).not.toContain('openclaw.public_bind')
    const circle = machine({
      '.openclaw/openclaw.json': `{ $include: 'a.json5' }`,
      '.openclaw/a.json5': `{ $include: 'openclaw.json' }`,
    })
    expect((await circle.findings()).map(({ id }) => id)).toContain('hosts.unreadable')
    const gone = machine({ '.openclaw/openclaw.json': `{ $include: 'gone.json5' }` })
    expect((await gone.findings()).map(({ id }) => id)).toContain('hosts.unreadable')
  })

  it('T-130: credentials that others can read', async () => {
    const { chmodSync } = await import('node:fs')
    const open = machine({ '.openclaw/openclaw.json': GOOD, '.openclaw/credentials/telegram-allowFrom.json': '{}' })
    chmodSync(`${open.home}/.openclaw/credentials/telegram-allowFrom.json`, 0o644)
    expect(await open.findings()).toContainEqual(
      expect.objectContaining({
        id: 'hosts.secret_in_config',
        severity: 'high',
        fix: expect.objectContaining({ kind: 'mode', mode: 0o600 }),
      }),
    )
  })
})
