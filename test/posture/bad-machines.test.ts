import type { PostureSeverity } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { findingsOf, judge } from '../../packages/gateway/src/assurance/posture/check.ts'
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { riskyVariables } from '../../packages/gateway/src/assurance/posture/variables.ts'
import {
  advisory,
  came,
  deep,
  facts,
  FILE,
  files,
  filesWith,
  gateway,
  health,
  known,
  NOW,
  oneFile,
  peer,
  policy,
  profile,
  skill,
  skillWithout,
  yaml,
  type Changes,
} from './fixtures.ts'

/** `HB-118: no charter`, and with which severity which check has to fire on which machine. */
type Bad = readonly [name: string, severity: PostureSeverity, id: string, machine: Changes]

const YEAR = 365 * 86_400_000
const accept = (path: string): string =>
  `acknowledgeInsecure: { ${JSON.stringify(path)}: { reason: for a test, by: ana, expires: 2027-06-01 } }`
const lint = (rule: 'too-broad' | 'unreachable' | 'duplicate' | 'untested') =>
  policy({ lint: [{ rule, severity: 'warning', id: 'team.all', file: 'team.cedar', line: 3, message: 'It is so.' }] })
const opened = 'console: { port: 7443, bind: 0.0.0.0 }'
const onPurpose = 'gateway: { allowPublicBind: true }'
const server = (members: string): Changes => yaml(`servers: { one: { ${members} } }`)
const ENDLESS = `egress: { exceptions: { db.example.com: { addresses: [10.0.0.0/8], reason: for a test, by: ana, expires: 2027-06-01 } } }`

/** Machines that are bad in one way. Every check has at least one for each severity that it may report. */
const BAD: readonly Bad[] = [
  ['AC-2.3.1: exposed without opt-in', 'critical', 'gateway.public_bind', yaml(opened)],
  ['E-23: exposed on purpose', 'info', 'gateway.public_bind', yaml(`${onPurpose}\n${opened}`)],
  [
    'E-21: exposed in clear',
    'medium',
    'gateway.public_bind_no_tls',
    yaml(`gateway: { allowPublicBind: true, bind: 10.0.0.5, port: 7080 }`),
  ],
  [
    'AC-2.4.3: an exposed console that redirects',
    'medium',
    'gateway.control_ui_plain',
    yaml(`${onPurpose}\nconsole: { port: 7443, bind: 0.0.0.0, requireTls: false }`),
  ],
  ['AC-2.3.2: forwarded headers from nobody', 'medium', 'gateway.proxy_no_trusted', gateway({ forwardedSeen: true })],
  [
    'AC-2.4.4: a bypass of another product',
    'critical',
    'gateway.control_ui_insecure',
    yaml('', ['dangerouslyDisableDeviceAuth']),
  ],
  ['E-71: shadow mode, accepted', 'critical', 'config.insecure', yaml(`mode: shadow\n${accept('mode')}`)],
  [
    'E-71: no limits, accepted',
    'high',
    'config.insecure',
    yaml(`gateway: { rateLimit: { enabled: false } }\n${accept('gateway.rateLimit.enabled')}`),
  ],
  ['SEC-7.2: sessions of a year', 'low', 'config.weaker', yaml('session: { absoluteTimeout: 365d }')],
  ['SEC-7.2: passwords', 'low', 'config.weaker', yaml('console: { port: 7443, password: true }')],
  ['SEC-7.2: a console', 'info', 'config.weaker', yaml('console: { port: 7443 }')],
  [
    'E-71: it ends soon',
    'low',
    'config.acknowledgement',
    yaml(`mode: shadow\nacknowledgeInsecure: { mode: { reason: for a test, by: ana, expires: 2026-11-25 } }`),
  ],
  ['E-71: for nothing', 'info', 'config.acknowledgement', yaml(accept('mode'))],
  [
    'ND-7.1.b: a library before every program',
    'high',
    'config.dangerous_env',
    server('command: [x], env: { LD_PRELOAD: /tmp/a.so }'),
  ],
  [
    'ND-7.1.b: Node loads something first',
    'medium',
    'config.dangerous_env',
    server('command: [x], env: { NODE_OPTIONS: "--require /tmp/a.js" }'),
  ],
  [
    'ND-7.1.b: certificates are not checked here',
    'high',
    'config.dangerous_env',
    { environment: riskyVariables({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }) },
  ],
  [
    'ND-2.3.a: exposed and weak',
    'critical',
    'gateway.exposed_weak',
    yaml(`${onPurpose}\n${opened}\nmode: shadow\n${accept('mode')}`),
  ],
  ['ND-7.1.b: every host', 'high', 'gateway.hosts_wildcard', yaml('gateway: { allowedHosts: ["*"] }')],
  ['ND-7.1.b: every origin', 'high', 'gateway.hosts_wildcard', yaml('gateway: { allowedOrigins: ["null"] }')],
  [
    'ND-7.1.b: an origin in clear',
    'medium',
    'gateway.hosts_wildcard',
    yaml('gateway: { allowedOrigins: ["http://team.example.com"] }'),
  ],
  ['E-26: everybody is a proxy', 'high', 'gateway.proxies_wide', yaml('gateway: { trustedProxies: [0.0.0.0/0] }')],
  ['AC-2.1.5: an entry lets strangers in', 'critical', 'gateway.open_route', health('network.routes', 'critical')],
  [
    'AC-2.1.5: a route that no table has',
    'critical',
    'gateway.open_route',
    deep({ routes: known([came('GET /debug')]) }),
  ],
  ['HB-128: metadata can be reached', 'critical', 'gateway.metadata', health('network.metadata', 'critical')],
  ['SEC-7.4: it could not look', 'low', 'gateway.self_check', gateway({ unknown: [{ id: 'log', why: 'late' }] })],
  ['HB-24: the canary passes', 'critical', 'gateway.canary', deep({ canaries: known([came('mcp')]) })],
  ['HB-132: the log was changed', 'critical', 'logging.verify', deep({ log: known(came('log', 'Record 7 differs.')) })],
  ['HB-118: no charter', 'medium', 'identity.charter', { charters: [{ agent: 'coder' }] }],
  [
    'HB-118: a charter without boundaries',
    'medium',
    'identity.charter',
    { charters: [{ agent: 'coder', boundaries: 0 }] },
  ],
  ['HB-119: a skill without a scope', 'medium', 'identity.skill_scope', skillWithout('scope')],
  ['HB-120: programs run unasked', 'high', 'identity.approval_gate', policy({ unasked: ['running programs'] })],
  [
    'HB-120: Bash is not elevated',
    'high',
    'identity.approval_gate',
    yaml(`tools: { elevated: [exec, process] }\n${accept('tools.elevated')}`),
  ],
  [
    'HB-121: an agent with rights of an operator',
    'high',
    'identity.surface_separation',
    { agents: [{ name: 'coder', scopes: ['read', 'admin'], confined: true }] },
  ],
  [
    'HB-121: both surfaces in one network',
    'medium',
    'identity.surface_separation',
    yaml(
      'gateway: { allowPublicBind: true, bind: 10.0.0.5, port: 7080, tls: auto }\nconsole: { port: 7443, bind: 10.0.0.5 }',
    ),
  ],
  [
    'HB-18 E-91: strangers may delete',
    'high',
    'identity.public_tools',
    yaml('surfaces: { tools: { crm.delete_lead: { scope: external, effect: create, perHour: 9 } } }'),
  ],
  ['HB-122: a peer on no list', 'high', 'identity.a2a_allowlist', peer({ listed: false })],
  ['SEC-4.1: nobody holds it', 'high', 'identity.unclaimed', gateway({ claimed: false })],
  [
    'E-76: nobody holds it, and there is no agent',
    'info',
    'identity.unclaimed',
    { ...gateway({ claimed: false }), agents: [] },
  ],
  ['HB-123: a secret in a skill', 'high', 'data.secret_location', skill({ secrets: 2 })],
  [
    'HB-123: a key in the settings of a server',
    'high',
    'data.secret_location',
    server(`command: [x], env: { API_KEY: ${key()} }`),
  ],
  ['HB-123: a key in a comment', 'high', 'secrets.in_config', yaml(`# old: ${key()}\n`)],
  ['HB-59: secrets that ended', 'low', 'secrets.lifetime', health('secrets.ended', 'low')],
  [
    'HB-124: a rule that lets secrets out',
    'high',
    'data.output_sanitizer',
    yaml('egress: { rules: { a: { hosts: [a.example.com], secrets: record } } }'),
  ],
  [
    'HB-124: findings of secrets are ignored',
    'medium',
    'data.output_sanitizer',
    yaml(
      'suppressions: [{ rule: secret.*, scope: "server:one", owner: ana, reason: for a test, expires: 2027-01-01 }]',
    ),
  ],
  [
    'HB-124: results with the least inspection',
    'medium',
    'data.output_sanitizer',
    yaml('content: { results: { mail.read: { mode: minimal } } }'),
  ],
  [
    'HB-125: entries without a source',
    'medium',
    'data.memory_source',
    { memory: { tiers: [{ name: 'a', untagged: 3, erasable: true }] } },
  ],
  [
    'HB-126: a tier that deletion does not reach',
    'high',
    'data.gdpr_erasure',
    { memory: { tiers: [{ name: 'a', untagged: 0, erasable: false }] } },
  ],
  ['HB-127: terms that nobody accepted', 'medium', 'data.provider_terms', { providers: [{ name: 'vendor' }] }],
  ['HB-128: a whole network is excepted', 'medium', 'network.ssrf', yaml(ENDLESS)],
  ['HB-128: an exception for one address', 'low', 'network.ssrf', yaml(ENDLESS.replace('10.0.0.0/8', '10.0.0.7/32'))],
  ['HB-128: an exception that is over', 'low', 'network.ssrf', yaml(ENDLESS.replace('2027-06-01', '2026-11-01'))],
  [
    'HB-128: an address inside answers',
    'critical',
    'network.ssrf_probe',
    deep({ ssrf: known([came('http://127.0.0.1/')]) }),
  ],
  [
    'HB-129: an ending that anybody can have',
    'high',
    'network.egress_allowlist',
    yaml('egress: { rules: { a: { hosts: ["*.github.io"] } } }'),
  ],
  [
    'HB-129: every port',
    'medium',
    'network.egress_allowlist',
    yaml('egress: { rules: { a: { hosts: ["api.example.com:*"] } } }'),
  ],
  ['HB-130: a token in clear', 'high', 'network.a2a_tokens', peer({ tokenHashed: false })],
  ['HB-130: a token that never changed', 'medium', 'network.a2a_tokens', peer({ rotatedAt: NOW - YEAR })],
  ['HB-131: a server in clear', 'high', 'network.tls', server('url: "http://mcp.example.com/mcp"')],
  [
    'HB-131: alerts in clear',
    'medium',
    'network.tls',
    yaml('alerts: { sinks: { ops: { type: slack, url: "http://chat.example.com/hook" } } }'),
  ],
  [
    'HB-131: syslog in clear',
    'low',
    'network.tls',
    yaml('alerts: { sinks: { ops: { type: syslog, host: log.example.com } } }'),
  ],
  ['HB-132: the log was changed', 'critical', 'monitoring.tool_log', health('log.changed', 'critical')],
  [
    'HB-132: calls without a record',
    'critical',
    'monitoring.tool_log',
    yaml(`audit: { onWriteFailure: continue }\n${accept('audit.onWriteFailure')}`),
  ],
  ['HB-132: records for a season', 'low', 'monitoring.tool_log', yaml('audit: { retention: 90d }')],
  ['HB-132: records for a week', 'medium', 'monitoring.tool_log', yaml('audit: { retention: 7d }')],
  [
    'HB-132: reads without a record',
    'medium',
    'monitoring.tool_log',
    yaml('audit: { onWriteFailure: allow-low-risk }'),
  ],
  [
    'HB-133: denials are silent',
    'medium',
    'monitoring.skill_failures',
    yaml(`alerts: { onDeny: false }\n${accept('alerts.onDeny')}`),
  ],
  ['HB-133: nobody hears of alerts', 'medium', 'monitoring.skill_failures', health('alerts.sink.ops', 'medium')],
  ['SEC-5.2: alerts stay inside', 'info', 'monitoring.no_sink', yaml('')],
  ['HB-134: a skill that changed is on', 'high', 'monitoring.drift', skill({ drifted: true })],
  ['HB-134: a tool changed', 'low', 'monitoring.drift', gateway({ tools: [{ id: 'mail.send', state: 'drifted' }] })],
  ['HB-134: nobody watches', 'low', 'monitoring.drift', yaml('security: { monitoring: { enabled: false } }')],
  [
    'HB-135: a model is paid for without a budget',
    'medium',
    'monitoring.spend_budget',
    yaml('credentials: { llm: { preset: openai, category: write, agents: [coder] } }'),
  ],
  ['HB-135: no budget at all', 'info', 'monitoring.spend_budget', yaml('')],
  ['HB-146: nobody reads the log', 'low', 'monitoring.unreviewed', health('log.unreviewed', 'low')],
  ['HB-146: for a few days', 'info', 'monitoring.unreviewed', health('log.unreviewed', 'info')],
  ['HB-136: one waits for a review', 'info', 'supply.skill_review', skill({ state: 'quarantine' })],
  ['HB-136: nobody reviewed it', 'high', 'supply.skill_review', skillWithout('reviewedBy')],
  ['HB-137: instructions changed', 'high', 'supply.skill_hash', skill({ drifted: true })],
  ['HB-137: no pin', 'medium', 'supply.skill_hash', skill({ pinned: false })],
  ['HB-138: the newest of a package', 'medium', 'supply.mcp_allowlist', server('command: [npx, -y, some-server]')],
  [
    'HB-138: sampling for an untrusted server',
    'low',
    'supply.mcp_allowlist',
    server('command: [/opt/x], serverRequests: [sampling]'),
  ],
  [
    'HB-138: tools that nobody has seen',
    'info',
    'supply.mcp_allowlist',
    gateway({ tools: [{ id: 'a.b', state: 'unreviewed' }] }),
  ],
  ...(['critical', 'high', 'medium', 'low'] as const).map((severity): Bad => [
    `HB-139: an advisory that is ${severity}`,
    severity,
    'supply.dependency_review',
    advisory(severity),
  ]),
  [
    'ND-7.1.b: a server elsewhere is trusted',
    'medium',
    'plugins.trust',
    server('url: "https://mcp.example.com/", trust: trusted'),
  ],
  ['ND-7.1.b: a key of others', 'info', 'plugins.trust', yaml(`rules: { keys: ["${'A'.repeat(43)}="] }`)],
  ['T-057: a key that all can read', 'critical', 'fs.keys_open', files(oneFile('/s/keys/mac.key', 'key', 0o604))],
  ['T-057: a key that the group can read', 'high', 'fs.keys_open', files(oneFile('/s/keys/mac.key', 'key', 0o640))],
  ['ND-7.1.b: state that all can write', 'critical', 'fs.state_open', files(oneFile('/s', 'state', 0o777))],
  ['ND-7.1.b: state that all can read', 'high', 'fs.state_open', files(oneFile('/s', 'state', 0o755))],
  ['ND-7.1.b: state that the group can read', 'medium', 'fs.state_open', files(oneFile('/s', 'state', 0o750))],
  ['ND-7.1.b: a configuration that all can write', 'critical', 'fs.config_open', files(oneFile(FILE, 'config', 0o666))],
  ['ND-7.1.b: one that the group can write', 'high', 'fs.config_open', files(oneFile(FILE, 'config', 0o664))],
  ['ND-7.1.b: policies that all can write', 'high', 'fs.policy_open', files(oneFile('/p', 'policy', 0o666))],
  ['ND-7.1.b: policies that the group can write', 'medium', 'fs.policy_open', files(oneFile('/p', 'policy', 0o664))],
  ['ND-7.1.b: a token that all can write', 'critical', 'fs.login_open', files(oneFile('/t', 'login', 0o606))],
  ['ND-7.1.b: a token that all can read', 'high', 'fs.login_open', files(oneFile('/t', 'login', 0o644))],
  ['ND-7.1.b: a token that the group can read', 'medium', 'fs.login_open', files(oneFile('/t', 'login', 0o640))],
  ['ND-7.1.b: a log that all can write', 'high', 'fs.log_open', files(oneFile('/s/gateway.log', 'log', 0o666))],
  ['ND-7.1.b: a log that all can read', 'medium', 'fs.log_open', files(oneFile('/s/gateway.log', 'log', 0o644))],
  ['ND-7.1.b: a log that the group can read', 'low', 'fs.log_open', files(oneFile('/s/gateway.log', 'log', 0o640))],
  ['T-057: a file of somebody else', 'critical', 'fs.owner', files(oneFile('/s', 'state', 0o700, { uid: 1001 }))],
  ['T-057: a key that is a link', 'high', 'fs.symlink', files(oneFile('/s/keys/a', 'key', 0o600, { isLink: true }))],
  [
    'ND-7.1.b: a configuration that is a link',
    'medium',
    'fs.symlink',
    files(oneFile(FILE, 'config', 0o644, { isLink: true })),
  ],
  ['T-016: a directory above is open', 'high', 'fs.path', filesWith({ unsafePath: '/srv can be written by others.' })],
  [
    'ND-7.1.b: keys in Dropbox',
    'high',
    'fs.synced',
    filesWith({ synced: [{ path: '/home/ana/Dropbox/s', service: 'Dropbox' }] }),
  ],
  [
    'ND-7.1.b: configuration in iCloud',
    'medium',
    'fs.synced',
    filesWith({ synced: [{ path: FILE, service: 'iCloud' }] }),
  ],
  [
    'T-057: state in a repository',
    'high',
    'fs.in_workspace',
    filesWith({ inWorkspace: [{ path: '/w/s', workspace: '/w' }] }),
  ],
  ['AC-5.5.1: it does not load', 'high', 'policy.invalid', policy({ problem: 'team.cedar:3:1 unknown action' })],
  [
    'ND-5.5.a: a test is red',
    'high',
    'policy.failing_tests',
    policy({ failing: [{ file: 'a.test.yaml', line: 2, test: 'denies' }] }),
  ],
  ['SEC-5.3: a rule that never decides', 'low', 'policy.unreachable', lint('unreachable')],
  ['SEC-5.3: a rule twice', 'low', 'policy.shadowed', lint('duplicate')],
  ['SEC-5.3: a rule for everything', 'high', 'policy.too_broad', lint('too-broad')],
  ['SEC-5.3: a rule without a test', 'low', 'policy.untested', lint('untested')],
  ['SEC-5.3: a rule for no tool', 'info', 'policy.waiting', policy({ waiting: [{ id: 'a', for: ['b.c'] }] })],
  ['E-52: nothing was chosen', 'info', 'policy.minimal', policy({ sources: ['preset:minimal'] })],
  [
    'AC-3.2.4: a bypass of everything',
    'high',
    'tools.wildcard',
    yaml('content: { bypass: [{ owner: ana, reason: only for a test, expires: 2027-01-01 }] }'),
  ],
  ['ND-7.1.b: a star in the address book', 'medium', 'tools.wildcard', yaml('flow: { known: ["*@example.com"] }')],
  [
    'AC-3.2.4: a bypass of one tool',
    'medium',
    'tools.wildcard',
    yaml('content: { bypass: [{ tool: desk.note, owner: ana, reason: only for a test, expires: 2027-01-01 }] }'),
  ],
  ['SEC-5.3: policies do not fit', 'low', 'tools.blocked', health('policy.blocked', 'low')],
  [
    'ND-7.1.b: a browser for everybody',
    'high',
    'browser.remote_debug',
    server('command: [chrome, --remote-debugging-address=0.0.0.0, --remote-debugging-port=9222]'),
  ],
  [
    'ND-7.1.b: a browser for this machine',
    'medium',
    'browser.remote_debug',
    server('command: [chrome, --remote-debugging-port=9222]'),
  ],
  ['ND-7.2.a: an open channel', 'high', 'channels.admission', { channels: [{ name: 'chat', admission: 'open' }] }],
  ['ND-7.1.b: many who answer', 'low', 'channels.approvers', yaml(manyApprovers())],
  ['ND-7.1.b: a small model', 'high', 'models.weak', { models: [{ name: 'tiny', legacy: false, size: 3 }] }],
  ['ND-7.1.b: an old model', 'medium', 'models.weak', { models: [{ name: 'old', legacy: true, size: 200 }] }],
  [
    'T-042: a hook that nobody waits for',
    'high',
    'hooks.unenforced',
    gateway({ unenforced: ['coder on x: unenforced'] }),
  ],
  ['ND-7.1.b: tags of secrets', 'low', 'logging.redaction', yaml('redaction: { tagged: true }')],
  ['T-164: heads beside the log', 'info', 'logging.heads', yaml('')],
  [
    'SYS-1: an agent under this account',
    'high',
    'isolation.level',
    {
      level: { level: 'L0', because: ['the gateway runs under this account'] },
      agents: [{ name: 'a', scopes: [], confined: false }],
    },
  ],
  [
    'E-76: no agent yet',
    'info',
    'isolation.level',
    { level: { level: 'L0', because: ['the gateway runs under this account'] }, agents: [] },
  ],
  ['SEC-6: servers without a sandbox', 'medium', 'isolation.server_unconfined', health('isolation.servers', 'medium')],
  ['SEC-6: a sandbox that shows keys', 'high', 'isolation.profile_wide', profile({ readable: ['/home/ana/.ssh'] })],
  [
    'SEC-6: a sandbox that shows an engine',
    'high',
    'isolation.profile_wide',
    profile({ readable: ['/var/run/docker.sock'] }),
  ],
  ['SEC-6: a sandbox that is given a secret', 'medium', 'isolation.profile_wide', profile({ env: ['GITHUB_TOKEN'] })],
  ['HB-142: only the sandbox is on', 'high', 'isolation.sandbox_only', yaml(`mode: shadow\n${accept('mode')}`)],
  [
    'HB-142: everything is allowed, unasked',
    'high',
    'isolation.sandbox_only',
    {
      ...yaml(`tools: { elevated: [] }\n${accept('tools.elevated')}`),
      ...policy({
        unasked: ['running programs'],
        lint: [{ rule: 'too-broad', severity: 'warning', id: 'a', file: 'a', line: 1, message: 'x' }],
      }),
    },
  ],
  [
    'SEC-6.3: something got out',
    'critical',
    'isolation.sandbox_probe',
    deep({ sandbox: known([came('files/read-outside')]) }),
  ],
]

/** A key that looks issued, put together here so that no scanner of this repository finds it. */
function key(): string {
  return ['ghp', 'R7mQ2xVb9KtLp4WzN8sYc1HdJf6GaE3uTo5i'].join('_')
}

function manyApprovers(): string {
  const names = Array.from({ length: 12 }, (_, at) => `p${at}`)
  return `approvals: { webhook: { url: "https://a.example.com/", secret: "\${env:HOOK}", approvers: [${names.join(', ')}] } }`
}

/** Findings that need a listener without a credential, which no configuration of ours can make; see binding.test.ts of core. */
const ELSEWHERE = new Set(['gateway.bind_no_auth', 'gateway.public_bind_no_auth'])

const found = (machine: Changes): readonly string[] =>
  findingsOf(judge(POSTURE_CHECKS, facts(machine))).map(({ id, severity }) => `${severity} ${id}`)

describe('machines that are bad in one way', () => {
  test.each(BAD)('%s is %s %s', (_name, severity, id, machine) => {
    expect(found(machine)).toContain(`${severity} ${id}`)
  })

  test('ND-7.1.b: every check has a machine that makes it fire, for each severity that it may report', () => {
    const missing = POSTURE_CHECKS.filter(({ id }) => !ELSEWHERE.has(id)).flatMap(({ id, severities: may }) => {
      const tried = BAD.flatMap(([, severity, of]) => (of === id ? [severity] : []))
      const untried = may.filter((one) => !tried.includes(one))
      const undeclared = tried.filter((one) => !may.includes(one))
      return untried.length + undeclared.length === 0 ? [] : [{ id, untried, undeclared }]
    })
    expect(missing).toEqual([])
    expect(BAD.filter(([, , id]) => !POSTURE_CHECKS.some((one) => one.id === id))).toEqual([])
  })

  test('AC-2.3.4: every finding says why it matters and what to do, and never repeats a secret', () => {
    for (const [, , , machine] of BAD)
      for (const { remediation, why = '', detail } of findingsOf(judge(POSTURE_CHECKS, facts(machine)))) {
        expect(remediation.length).toBeGreaterThan(9)
        expect(why.length).toBeGreaterThan(9)
        expect(detail).not.toContain('R7mQ2xVb9KtLp4')
      }
  })
})
