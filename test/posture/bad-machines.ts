import type { PostureSeverity } from '@sallyport/core'
import { riskyVariables } from '../../packages/gateway/src/assurance/posture/variables.ts'
import {
  advisory,
  came,
  deep,
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

/** `HB-118: no charter` → severity and machine on which the check of that id has to fire. */
export type Bad = readonly [name: string, severity: PostureSeverity, machine: Changes]

const YEAR = 365 * 86_400_000
const accept = (path: string): string =>
  `acknowledgeInsecure: { ${JSON.stringify(path)}: { reason: for a test, by: ana, expires: 2027-06-01 } }`
const lint = (rule: 'too-broad' | 'unreachable' | 'duplicate' | 'untested') =>
  policy({ lint: [{ rule, severity: 'warning', id: 'team.all', file: 'team.cedar', line: 3, message: 'It is so.' }] })
const opened = 'console: { port: 7443, bind: 0.0.0.0 }'
const onPurpose = 'gateway: { allowPublicBind: true }'
const server = (members: string): Changes => yaml(`servers: { one: { ${members} } }`)
const ENDLESS = `egress: { exceptions: { db.example.com: { addresses: [10.0.0.0/8], reason: for a test, by: ana, expires: 2027-06-01 } } }`

/** Machines that are bad in one way, by check. Every check has at least one for each severity that it may report. */
export const BAD: Readonly<Record<string, readonly Bad[]>> = {
  'gateway.bind_no_auth': [],
  'gateway.public_bind_no_auth': [],
  'gateway.public_bind': [
    ['AC-2.3.1: exposed without opt-in', 'critical', yaml(opened)],
    ['E-23: exposed on purpose', 'info', yaml(`${onPurpose}\n${opened}`)],
  ],
  'gateway.public_bind_no_tls': [
    ['E-21: exposed in clear', 'medium', yaml(`gateway: { allowPublicBind: true, bind: 10.0.0.5, port: 7080 }`)],
  ],
  'gateway.control_ui_plain': [
    [
      'AC-2.4.3: an exposed console that redirects',
      'medium',
      yaml(`${onPurpose}\nconsole: { port: 7443, bind: 0.0.0.0, requireTls: false }`),
    ],
  ],
  'gateway.proxy_no_trusted': [['AC-2.3.2: forwarded headers from nobody', 'medium', gateway({ forwardedSeen: true })]],
  'gateway.control_ui_insecure': [
    ['AC-2.4.4: a bypass of another product', 'critical', yaml('', ['dangerouslyDisableDeviceAuth'])],
  ],
  'config.insecure': [
    ['E-71: shadow mode, accepted', 'critical', yaml(`mode: shadow\n${accept('mode')}`)],
    [
      'E-71: no limits, accepted',
      'high',
      yaml(`gateway: { rateLimit: { enabled: false } }\n${accept('gateway.rateLimit.enabled')}`),
    ],
  ],
  'config.weaker': [
    ['SEC-7.2: sessions of a year', 'low', yaml('session: { absoluteTimeout: 365d }')],
    ['SEC-7.2: passwords', 'low', yaml('console: { port: 7443, password: true }')],
    ['SEC-7.2: a console', 'info', yaml('console: { port: 7443 }')],
  ],
  'config.acknowledgement': [
    [
      'E-71: it ends soon',
      'low',
      yaml(`mode: shadow\nacknowledgeInsecure: { mode: { reason: for a test, by: ana, expires: 2026-11-25 } }`),
    ],
    ['E-71: for nothing', 'info', yaml(accept('mode'))],
  ],
  'config.dangerous_env': [
    ['ND-7.1.b: a library before every program', 'high', server('command: [x], env: { LD_PRELOAD: /tmp/a.so }')],
    [
      'ND-7.1.b: Node loads something first',
      'medium',
      server('command: [x], env: { NODE_OPTIONS: "--require /tmp/a.js" }'),
    ],
    [
      'ND-7.1.b: certificates are not checked here',
      'high',
      { environment: riskyVariables({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }) },
    ],
  ],
  'gateway.exposed_weak': [
    ['ND-2.3.a: exposed and weak', 'critical', yaml(`${onPurpose}\n${opened}\nmode: shadow\n${accept('mode')}`)],
  ],
  'gateway.hosts_wildcard': [
    ['ND-7.1.b: every host', 'high', yaml('gateway: { allowedHosts: ["*"] }')],
    ['ND-7.1.b: every origin', 'high', yaml('gateway: { allowedOrigins: ["null"] }')],
    ['ND-7.1.b: an origin in clear', 'medium', yaml('gateway: { allowedOrigins: ["http://team.example.com"] }')],
  ],
  'gateway.proxies_wide': [['E-26: everybody is a proxy', 'high', yaml('gateway: { trustedProxies: [0.0.0.0/0] }')]],
  'gateway.open_route': [
    ['AC-2.1.5: an entry lets strangers in', 'critical', health('network.routes', 'critical')],
    ['AC-2.1.5: a route that no table has', 'critical', deep({ routes: known([came('GET /debug')]) })],
  ],
  'gateway.metadata': [['HB-128: metadata can be reached', 'critical', health('network.metadata', 'critical')]],
  'gateway.self_check': [['SEC-7.4: it could not look', 'low', gateway({ unknown: [{ id: 'log', why: 'late' }] })]],
  'gateway.canary': [['HB-24: the canary passes', 'critical', deep({ canaries: known([came('mcp')]) })]],
  'logging.verify': [
    ['HB-132: the log was changed', 'critical', deep({ log: known(came('log', 'Record 7 differs.')) })],
  ],
  'identity.charter': [
    ['HB-118: no charter', 'medium', { charters: [{ agent: 'coder' }] }],
    ['HB-118: a charter without boundaries', 'medium', { charters: [{ agent: 'coder', boundaries: 0 }] }],
  ],
  'identity.skill_scope': [['HB-119: a skill without a scope', 'medium', skillWithout('scope')]],
  'identity.approval_gate': [
    ['HB-120: programs run unasked', 'high', policy({ unasked: ['running programs'] })],
    ['HB-120: Bash is not elevated', 'high', yaml(`tools: { elevated: [exec, process] }\n${accept('tools.elevated')}`)],
  ],
  'identity.surface_separation': [
    [
      'HB-121: an agent with rights of an operator',
      'high',
      { agents: [{ name: 'coder', scopes: ['read', 'admin'], confined: true }] },
    ],
    [
      'HB-121: both surfaces in one network',
      'medium',
      yaml(
        'gateway: { allowPublicBind: true, bind: 10.0.0.5, port: 7080, tls: auto }\nconsole: { port: 7443, bind: 10.0.0.5 }',
      ),
    ],
  ],
  'identity.a2a_allowlist': [['HB-122: a peer on no list', 'high', peer({ listed: false })]],
  'identity.unclaimed': [
    ['SEC-4.1: nobody holds it', 'high', gateway({ claimed: false })],
    ['E-76: nobody holds it, and there is no agent', 'info', { ...gateway({ claimed: false }), agents: [] }],
  ],
  'data.secret_location': [
    ['HB-123: a secret in a skill', 'high', skill({ secrets: 2 })],
    ['HB-123: a key in the settings of a server', 'high', server(`command: [x], env: { API_KEY: ${key()} }`)],
  ],
  'secrets.in_config': [['HB-123: a key in a comment', 'high', yaml(`# old: ${key()}\n`)]],
  'secrets.lifetime': [['HB-59: secrets that ended', 'low', health('secrets.ended', 'low')]],
  'data.output_sanitizer': [
    [
      'HB-124: a rule that lets secrets out',
      'high',
      yaml('egress: { rules: { a: { hosts: [a.example.com], secrets: record } } }'),
    ],
    [
      'HB-124: findings of secrets are ignored',
      'medium',
      yaml(
        'suppressions: [{ rule: secret.*, scope: "server:one", owner: ana, reason: for a test, expires: 2027-01-01 }]',
      ),
    ],
    [
      'HB-124: results with the least inspection',
      'medium',
      yaml('content: { results: { mail.read: { mode: minimal } } }'),
    ],
  ],
  'data.memory_source': [
    ['HB-125: entries without a source', 'medium', { memory: { tiers: [{ name: 'a', untagged: 3, erasable: true }] } }],
  ],
  'data.gdpr_erasure': [
    [
      'HB-126: a tier that deletion does not reach',
      'high',
      { memory: { tiers: [{ name: 'a', untagged: 0, erasable: false }] } },
    ],
  ],
  'data.provider_terms': [['HB-127: terms that nobody accepted', 'medium', { providers: [{ name: 'vendor' }] }]],
  'network.ssrf': [
    ['HB-128: a whole network is excepted', 'medium', yaml(ENDLESS)],
    ['HB-128: an exception for one address', 'low', yaml(ENDLESS.replace('10.0.0.0/8', '10.0.0.7/32'))],
    ['HB-128: an exception that is over', 'low', yaml(ENDLESS.replace('2027-06-01', '2026-11-01'))],
  ],
  'network.ssrf_probe': [
    ['HB-128: an address inside answers', 'critical', deep({ ssrf: known([came('http://127.0.0.1/')]) })],
  ],
  'network.egress_allowlist': [
    ['HB-129: an ending that anybody can have', 'high', yaml('egress: { rules: { a: { hosts: ["*.github.io"] } } }')],
    ['HB-129: every port', 'medium', yaml('egress: { rules: { a: { hosts: ["api.example.com:*"] } } }')],
  ],
  'network.a2a_tokens': [
    ['HB-130: a token in clear', 'high', peer({ tokenHashed: false })],
    ['HB-130: a token that never changed', 'medium', peer({ rotatedAt: NOW - YEAR })],
  ],
  'network.tls': [
    ['HB-131: a server in clear', 'high', server('url: "http://mcp.example.com/mcp"')],
    [
      'HB-131: alerts in clear',
      'medium',
      yaml('alerts: { sinks: { ops: { type: slack, url: "http://chat.example.com/hook" } } }'),
    ],
    ['HB-131: syslog in clear', 'low', yaml('alerts: { sinks: { ops: { type: syslog, host: log.example.com } } }')],
  ],
  'monitoring.tool_log': [
    ['HB-132: the log was changed', 'critical', health('log.changed', 'critical')],
    [
      'HB-132: calls without a record',
      'critical',
      yaml(`audit: { onWriteFailure: continue }\n${accept('audit.onWriteFailure')}`),
    ],
    ['HB-132: records for a season', 'low', yaml('audit: { retention: 90d }')],
    ['HB-132: records for a week', 'medium', yaml('audit: { retention: 7d }')],
    ['HB-132: reads without a record', 'medium', yaml('audit: { onWriteFailure: allow-low-risk }')],
  ],
  'monitoring.skill_failures': [
    ['HB-133: denials are silent', 'medium', yaml(`alerts: { onDeny: false }\n${accept('alerts.onDeny')}`)],
    ['HB-133: nobody hears of alerts', 'medium', health('alerts.sink.ops', 'medium')],
  ],
  'monitoring.no_sink': [['SEC-5.2: alerts stay inside', 'info', yaml('')]],
  'monitoring.drift': [
    ['HB-134: a skill that changed is on', 'high', skill({ drifted: true })],
    ['HB-134: a tool changed', 'low', gateway({ tools: [{ id: 'mail.send', state: 'drifted' }] })],
    ['HB-134: nobody watches', 'low', yaml('security: { monitoring: { enabled: false } }')],
  ],
  'monitoring.spend_budget': [
    [
      'HB-135: a model is paid for without a budget',
      'medium',
      yaml('credentials: { llm: { preset: openai, category: write, agents: [coder] } }'),
    ],
    ['HB-135: no budget at all', 'info', yaml('')],
  ],
  'monitoring.unreviewed': [
    ['HB-146: nobody reads the log', 'low', health('log.unreviewed', 'low')],
    ['HB-146: for a few days', 'info', health('log.unreviewed', 'info')],
  ],
  'supply.skill_review': [['HB-136: nobody reviewed it', 'high', skillWithout('reviewedBy')]],
  'supply.skill_hash': [
    ['HB-137: instructions changed', 'high', skill({ drifted: true })],
    ['HB-137: no pin', 'medium', skill({ pinned: false })],
  ],
  'supply.mcp_allowlist': [
    ['HB-138: the newest of a package', 'medium', server('command: [npx, -y, some-server]')],
    ['HB-138: sampling for an untrusted server', 'low', server('command: [/opt/x], serverRequests: [sampling]')],
    ['HB-138: tools that nobody has seen', 'info', gateway({ tools: [{ id: 'a.b', state: 'unreviewed' }] })],
  ],
  'supply.dependency_review': (['critical', 'high', 'medium', 'low'] as const).map((severity): Bad => [
    `HB-139: an advisory that is ${severity}`,
    severity,
    advisory(severity),
  ]),
  'plugins.trust': [
    ['ND-7.1.b: a server elsewhere is trusted', 'medium', server('url: "https://mcp.example.com/", trust: trusted')],
    ['ND-7.1.b: a key of others', 'info', yaml(`rules: { keys: ["${'A'.repeat(43)}="] }`)],
  ],
  'fs.keys_open': [
    ['T-057: a key that all can read', 'critical', files(oneFile('/s/keys/mac.key', 'key', 0o604))],
    ['T-057: a key that the group can read', 'high', files(oneFile('/s/keys/mac.key', 'key', 0o640))],
  ],
  'fs.state_open': [
    ['ND-7.1.b: state that all can write', 'critical', files(oneFile('/s', 'state', 0o777))],
    ['ND-7.1.b: state that all can read', 'high', files(oneFile('/s', 'state', 0o755))],
    ['ND-7.1.b: state that the group can read', 'medium', files(oneFile('/s', 'state', 0o750))],
  ],
  'fs.config_open': [
    ['ND-7.1.b: a configuration that all can write', 'critical', files(oneFile(FILE, 'config', 0o666))],
    ['ND-7.1.b: one that the group can write', 'high', files(oneFile(FILE, 'config', 0o664))],
  ],
  'fs.policy_open': [
    ['ND-7.1.b: policies that all can write', 'high', files(oneFile('/p', 'policy', 0o666))],
    ['ND-7.1.b: policies that the group can write', 'medium', files(oneFile('/p', 'policy', 0o664))],
  ],
  'fs.login_open': [
    ['ND-7.1.b: a token that all can write', 'critical', files(oneFile('/t', 'login', 0o606))],
    ['ND-7.1.b: a token that all can read', 'high', files(oneFile('/t', 'login', 0o644))],
    ['ND-7.1.b: a token that the group can read', 'medium', files(oneFile('/t', 'login', 0o640))],
  ],
  'fs.log_open': [
    ['ND-7.1.b: a log that all can write', 'high', files(oneFile('/s/gateway.log', 'log', 0o666))],
    ['ND-7.1.b: a log that all can read', 'medium', files(oneFile('/s/gateway.log', 'log', 0o644))],
    ['ND-7.1.b: a log that the group can read', 'low', files(oneFile('/s/gateway.log', 'log', 0o640))],
  ],
  'fs.owner': [['T-057: a file of somebody else', 'critical', files(oneFile('/s', 'state', 0o700, { uid: 1001 }))]],
  'fs.symlink': [
    ['T-057: a key that is a link', 'high', files(oneFile('/s/keys/a', 'key', 0o600, { isLink: true }))],
    ['ND-7.1.b: a configuration that is a link', 'medium', files(oneFile(FILE, 'config', 0o644, { isLink: true }))],
  ],
  'fs.path': [
    ['T-016: a directory above is open', 'high', filesWith({ unsafePath: '/srv can be written by others.' })],
  ],
  'fs.synced': [
    ['ND-7.1.b: keys in Dropbox', 'high', filesWith({ synced: [{ path: '/home/ana/Dropbox/s', service: 'Dropbox' }] })],
    ['ND-7.1.b: configuration in iCloud', 'medium', filesWith({ synced: [{ path: FILE, service: 'iCloud' }] })],
  ],
  'fs.in_workspace': [
    ['T-057: state in a repository', 'high', filesWith({ inWorkspace: [{ path: '/w/s', workspace: '/w' }] })],
  ],
  'policy.invalid': [['AC-5.5.1: it does not load', 'high', policy({ problem: 'team.cedar:3:1 unknown action' })]],
  'policy.failing_tests': [
    ['ND-5.5.a: a test is red', 'high', policy({ failing: [{ file: 'a.test.yaml', line: 2, test: 'denies' }] })],
  ],
  'policy.unreachable': [['SEC-5.3: a rule that never decides', 'low', lint('unreachable')]],
  'policy.shadowed': [['SEC-5.3: a rule twice', 'low', lint('duplicate')]],
  'policy.too_broad': [['SEC-5.3: a rule for everything', 'high', lint('too-broad')]],
  'policy.untested': [['SEC-5.3: a rule without a test', 'low', lint('untested')]],
  'policy.waiting': [['SEC-5.3: a rule for no tool', 'info', policy({ waiting: [{ id: 'a', for: ['b.c'] }] })]],
  'policy.minimal': [['E-52: nothing was chosen', 'info', policy({ sources: ['preset:minimal'] })]],
  'tools.wildcard': [
    [
      'AC-3.2.4: a bypass of everything',
      'high',
      yaml('content: { bypass: [{ owner: ana, reason: only for a test, expires: 2027-01-01 }] }'),
    ],
    ['ND-7.1.b: a star in the address book', 'medium', yaml('flow: { known: ["*@example.com"] }')],
    [
      'AC-3.2.4: a bypass of one tool',
      'medium',
      yaml('content: { bypass: [{ tool: desk.note, owner: ana, reason: only for a test, expires: 2027-01-01 }] }'),
    ],
  ],
  'tools.blocked': [['SEC-5.3: policies do not fit', 'low', health('policy.blocked', 'low')]],
  'browser.remote_debug': [
    [
      'ND-7.1.b: a browser for everybody',
      'high',
      server('command: [chrome, --remote-debugging-address=0.0.0.0, --remote-debugging-port=9222]'),
    ],
    ['ND-7.1.b: a browser for this machine', 'medium', server('command: [chrome, --remote-debugging-port=9222]')],
  ],
  'channels.admission': [['ND-7.2.a: an open channel', 'high', { channels: [{ name: 'chat', admission: 'open' }] }]],
  'channels.approvers': [['ND-7.1.b: many who answer', 'low', yaml(manyApprovers())]],
  'models.weak': [
    ['ND-7.1.b: a small model', 'high', { models: [{ name: 'tiny', legacy: false, size: 3 }] }],
    ['ND-7.1.b: an old model', 'medium', { models: [{ name: 'old', legacy: true, size: 200 }] }],
  ],
  'hooks.unenforced': [
    ['T-042: a hook that nobody waits for', 'high', gateway({ unenforced: ['coder on x: unenforced'] })],
  ],
  'logging.redaction': [['ND-7.1.b: tags of secrets', 'low', yaml('redaction: { tagged: true }')]],
  'logging.heads': [['T-164: heads beside the log', 'info', yaml('')]],
  'isolation.level': [
    [
      'SYS-1: an agent under this account',
      'high',
      {
        level: { level: 'L0', because: ['the gateway runs under this account'] },
        agents: [{ name: 'a', scopes: [], confined: false }],
      },
    ],
    [
      'E-76: no agent yet',
      'info',
      { level: { level: 'L0', because: ['the gateway runs under this account'] }, agents: [] },
    ],
  ],
  'isolation.server_unconfined': [
    ['SEC-6: servers without a sandbox', 'medium', health('isolation.servers', 'medium')],
  ],
  'isolation.profile_wide': [
    ['SEC-6: a sandbox that shows keys', 'high', profile({ readable: ['/home/ana/.ssh'] })],
    ['SEC-6: a sandbox that shows an engine', 'high', profile({ readable: ['/var/run/docker.sock'] })],
    ['SEC-6: a sandbox that is given a secret', 'medium', profile({ env: ['GITHUB_TOKEN'] })],
  ],
  'isolation.sandbox_only': [
    ['HB-142: only the sandbox is on', 'high', yaml(`mode: shadow\n${accept('mode')}`)],
    [
      'HB-142: everything is allowed, unasked',
      'high',
      {
        ...yaml(`tools: { elevated: [] }\n${accept('tools.elevated')}`),
        ...policy({
          unasked: ['running programs'],
          lint: [{ rule: 'too-broad', severity: 'warning', id: 'a', file: 'a', line: 1, message: 'x' }],
        }),
      },
    ],
  ],
  'isolation.sandbox_probe': [
    ['SEC-6.3: something got out', 'critical', deep({ sandbox: known([came('files/read-outside')]) })],
  ],
}

/** A key that looks issued, put together here so that no scanner of this repository finds it. */
function key(): string {
  return ['ghp', 'R7mQ2xVb9KtLp4WzN8sYc1HdJf6GaE3uTo5i'].join('_')
}

function manyApprovers(): string {
  const names = Array.from({ length: 12 }, (_, at) => `p${at}`)
  return `approvals: { webhook: { url: "https://a.example.com/", secret: "\${env:HOOK}", approvers: [${names.join(', ')}] } }`
}
