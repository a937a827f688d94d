import { isLooserGate, type PostureSeverity } from '@sallyport/core'
import { isLoopback } from './loopback.ts'
import type { Config } from './schema.ts'

/**
 * A setting that can be weaker than it is by default (SEC-7.2).
 * - `acknowledge`: a weaker value starts only when `acknowledgeInsecure` names its path, who answers for it, why and until when (E-71).
 * - `explicit`: setting it is the decision; it is logged at start and stays a finding.
 * - `justified`: each entry itself says who answers for it and when it ends.
 */
export interface SecurityOption {
  /** `NAME` stands for a key of the configuration. */
  readonly path: string
  /** Default and strictest value, in words. */
  readonly strict: string
  /** What a weaker value lets happen. */
  readonly why: string
  readonly answer: 'acknowledge' | 'explicit' | 'justified'
  readonly severity: PostureSeverity
  /** Paths of this configuration that are weaker; a path is named as `acknowledgeInsecure` names it. */
  readonly weaker: (config: Config) => readonly string[]
  /** YAML of a weaker setting. */
  readonly example: string
}

/** Where the configuration as a whole is weaker. */
const at =
  (path: string, isWeaker: (config: Config) => boolean) =>
  (config: Config): readonly string[] =>
    isWeaker(config) ? [path] : []

/** Of every member of a map. */
const each =
  <T>(
    of: (config: Config) => Readonly<Record<string, T>>,
    path: (name: string) => string,
    isWeaker: (one: T) => boolean,
  ) =>
  (config: Config): readonly string[] =>
    Object.entries(of(config)).flatMap(([name, one]) => (isWeaker(one) ? [path(name)] : []))

const ELEVATED = ['exec', 'process', 'Bash']
const HALF_HOUR = 1_800_000
const DAY = 86_400_000
const isSet = (list: readonly unknown[]): boolean => list.length > 0

/** Every setting that weakens, strictest default first in each row; docs/reference/secure-defaults.md is made of it. */
export const SECURITY_OPTIONS: readonly SecurityOption[] = [
  {
    path: 'mode',
    answer: 'acknowledge',
    severity: 'critical',
    strict: '`enforce`',
    why: 'Denied calls would run.',
    weaker: at('mode', (c) => c.mode === 'shadow'),
    example: 'mode: shadow',
  },
  {
    path: 'policies',
    answer: 'acknowledge',
    severity: 'high',
    strict: '`preset:minimal`: everything is denied',
    why: 'preset:open allows what is not forbidden.',
    weaker: at('policies', (c) => c.policies.includes('preset:open')),
    example: 'policies: [preset:open]',
  },
  {
    path: 'sandbox.mode',
    answer: 'acknowledge',
    severity: 'high',
    strict: '`auto`: confined, or nothing runs',
    why: 'Tools would run with all rights of the gateway’s account.',
    weaker: at('sandbox.mode', (c) => c.sandbox.mode === 'off'),
    example: 'sandbox: { mode: off }',
  },
  {
    path: 'tools.elevated',
    answer: 'acknowledge',
    severity: 'high',
    strict: '`exec`, `process`, `Bash`',
    why: 'Tools that run any program would no longer wait for a person.',
    weaker: at('tools.elevated', (c) => !ELEVATED.every((tool) => c.tools.elevated.includes(tool))),
    example: 'tools: { elevated: [] }',
  },
  {
    path: 'content.gate.NAME',
    answer: 'acknowledge',
    severity: 'high',
    strict: 'the built-in line of each tool group',
    why: 'Calls of these tools would run with arguments that look like an attack.',
    weaker: (c) =>
      Object.entries(c.content.gate).flatMap(([group, line]) =>
        isLooserGate(group, line) ? [`content.gate.${group}`] : [],
      ),
    example: 'content: { gate: { "group:runtime": { action: allow, severityThreshold: critical } } }',
  },
  {
    path: 'content.code.NAME',
    answer: 'acknowledge',
    severity: 'high',
    strict: '`ask` from `high`, for every tool group',
    why: 'Calls of these tools would write and run dangerous code without a person who has seen it.',
    weaker: each(
      (c) => c.content.code,
      (name) => `content.code.${name}`,
      ({ action, severityThreshold }) => action === 'warn' || action === 'off' || severityThreshold === 'critical',
    ),
    example: 'content: { code: { "group:fs": { action: warn } } }',
  },
  {
    path: 'audit.onWriteFailure',
    answer: 'acknowledge',
    severity: 'critical',
    strict: '`block`',
    why: 'Calls would run without a record.',
    weaker: at('audit.onWriteFailure', (c) => c.audit.onWriteFailure === 'continue'),
    example: 'audit: { onWriteFailure: continue }',
  },
  {
    path: 'gateway.rateLimit.enabled',
    answer: 'acknowledge',
    severity: 'high',
    strict: '`true`',
    why: 'A flood of requests would reach everything.',
    weaker: at('gateway.rateLimit.enabled', (c) => !c.gateway.rateLimit.enabled),
    example: 'gateway: { rateLimit: { enabled: false } }',
  },
  {
    path: 'session.idleTimeout',
    answer: 'acknowledge',
    severity: 'high',
    strict: '30 minutes',
    why: 'Sessions would never go idle.',
    weaker: at('session.idleTimeout', (c) => c.session.idleTimeout === 0),
    example: 'session: { idleTimeout: 0 }',
  },
  {
    path: 'session.absoluteTimeout',
    answer: 'acknowledge',
    severity: 'high',
    strict: '24 hours',
    why: 'Sessions would never end.',
    weaker: at('session.absoluteTimeout', (c) => c.session.absoluteTimeout === 0),
    example: 'session: { absoluteTimeout: 0 }',
  },
  {
    path: 'alerts.onDeny',
    answer: 'acknowledge',
    severity: 'medium',
    strict: '`true`',
    why: 'Nobody would hear of calls that were denied.',
    weaker: at('alerts.onDeny', (c) => !c.alerts.onDeny),
    example: 'alerts: { onDeny: false }',
  },
  {
    path: 'session',
    answer: 'explicit',
    severity: 'low',
    strict: 'at most 30 minutes idle and 24 hours in all',
    why: 'A session that was stolen or left open is of use for longer.',
    weaker: at('session', (c) => c.session.idleTimeout > HALF_HOUR || c.session.absoluteTimeout > DAY),
    example: 'session: { absoluteTimeout: 7d }',
  },
  {
    path: 'audit.onWriteFailure',
    answer: 'explicit',
    severity: 'medium',
    strict: '`block`',
    why: 'Reading calls would run without a record.',
    weaker: at('audit.onWriteFailure', (c) => c.audit.onWriteFailure === 'allow-low-risk'),
    example: 'audit: { onWriteFailure: allow-low-risk }',
  },
  {
    path: 'audit.retention',
    answer: 'explicit',
    severity: 'low',
    strict: 'a year',
    why: 'What happened is forgotten before it is looked for.',
    weaker: at('audit.retention', (c) => c.audit.retention < 365 * DAY),
    example: 'audit: { retention: 7d }',
  },
  {
    path: 'gateway.bind',
    answer: 'explicit',
    severity: 'medium',
    strict: '`127.0.0.1`',
    why: 'Other machines reach the door of agents; refused without TLS and `allowPublicBind`.',
    weaker: at('gateway.bind', (c) => c.gateway.port !== undefined && !isLoopback(c.gateway.bind)),
    example: 'gateway: { bind: 0.0.0.0, port: 7080, tls: auto, allowPublicBind: true }',
  },
  {
    path: 'console.bind',
    answer: 'explicit',
    severity: 'medium',
    strict: '`127.0.0.1`',
    why: 'Other machines reach the console; refused without TLS and `allowPublicBind`.',
    weaker: at('console.bind', (c) => c.console.port !== undefined && !isLoopback(c.console.bind)),
    example: 'console: { port: 7443, bind: 0.0.0.0 }\ngateway: { allowPublicBind: true }',
  },
  {
    path: 'gateway.allowPublicBind',
    answer: 'explicit',
    severity: 'info',
    strict: '`false`',
    why: 'Listeners off loopback are let start.',
    weaker: at('gateway.allowPublicBind', (c) => c.gateway.allowPublicBind),
    example: 'gateway: { allowPublicBind: true }',
  },
  {
    path: 'gateway.trustedProxies',
    answer: 'explicit',
    severity: 'info',
    strict: 'none',
    why: 'Whoever has these addresses says where requests come from.',
    weaker: at('gateway.trustedProxies', (c) => isSet(c.gateway.trustedProxies)),
    example: 'gateway: { trustedProxies: [10.0.0.7] }',
  },
  {
    path: 'gateway.allowedOrigins',
    answer: 'explicit',
    severity: 'info',
    strict: 'none',
    why: 'Pages of these sites may talk to the agents’ door.',
    weaker: at('gateway.allowedOrigins', (c) => isSet(c.gateway.allowedOrigins)),
    example: 'gateway: { allowedOrigins: ["https://ide.example"] }',
  },
  {
    path: 'console.port',
    answer: 'explicit',
    severity: 'info',
    strict: 'none: no console listens',
    why: 'Something more listens.',
    weaker: at('console.port', (c) => c.console.port !== undefined),
    example: 'console: { port: 7443 }',
  },
  {
    path: 'console.tls',
    answer: 'explicit',
    severity: 'low',
    strict: '`auto`',
    why: 'Programs of this machine that listen in see sessions.',
    weaker: at('console.tls', (c) => c.console.port !== undefined && c.console.tls === 'off'),
    example: 'console: { port: 7443, tls: off }',
  },
  {
    path: 'console.requireTls',
    answer: 'explicit',
    severity: 'medium',
    strict: '`true` off loopback',
    why: 'Whoever is on the way answers a plain request first.',
    weaker: at(
      'console.requireTls',
      (c) => c.console.port !== undefined && c.console.requireTls === false && !isLoopback(c.console.bind),
    ),
    example: 'console: { port: 7443, bind: 0.0.0.0, requireTls: false }\ngateway: { allowPublicBind: true }',
  },
  {
    path: 'console.password',
    answer: 'explicit',
    severity: 'low',
    strict: '`false`: passkeys only',
    why: 'A password can be guessed or given away; it shows, and decides nothing.',
    weaker: at('console.password', (c) => c.console.password),
    example: 'console: { port: 7443, password: true }',
  },
  {
    path: 'approvals.webhook',
    answer: 'explicit',
    severity: 'low',
    strict: 'none',
    why: 'Whoever holds its secret approves up to medium severity without a passkey.',
    weaker: at('approvals.webhook', (c) => c.approvals.webhook !== undefined),
    example: `approvals: { webhook: { url: "https://ops.example/hook", secret: "${'0'.repeat(32)}", approvers: [ana] } }`,
  },
  {
    path: 'approvals.slack',
    answer: 'explicit',
    severity: 'low',
    strict: 'none',
    why: 'Whoever holds an account of it approves up to medium severity without a passkey.',
    weaker: at('approvals.slack', (c) => c.approvals.slack !== undefined),
    example: `approvals: { slack: { url: "https://hooks.example/x", signingSecret: "${'0'.repeat(32)}", people: { U0123ABCD: ana } } }`,
  },
  {
    path: 'content.results.NAME',
    answer: 'explicit',
    severity: 'medium',
    strict: '`strict` or `standard`',
    why: 'Texts of these tools reach the model unwrapped.',
    weaker: each(
      (c) => c.content.results,
      (name) => `content.results.${name}`,
      ({ mode }) => mode === 'minimal',
    ),
    example: 'content: { results: { "group:web": { mode: minimal } } }',
  },
  {
    path: 'servers.NAME.trust',
    answer: 'explicit',
    severity: 'info',
    strict: '`untrusted`',
    why: 'What this server answers counts as instructions of somebody you trust.',
    weaker: each(
      (c) => c.servers,
      (name) => `servers.${name}.trust`,
      ({ trust }) => trust !== 'untrusted',
    ),
    example: 'servers: { desk: { command: [desk], trust: trusted } }',
  },
  {
    path: 'servers.NAME.serverRequests',
    answer: 'explicit',
    severity: 'low',
    strict: 'none',
    why: 'This server may ask the client to sample, to elicit or for its folders.',
    weaker: each(
      (c) => c.servers,
      (name) => `servers.${name}.serverRequests`,
      ({ serverRequests }) => isSet(serverRequests),
    ),
    example: 'servers: { desk: { command: [desk], serverRequests: [sampling] } }',
  },
  {
    path: 'redaction.tagged',
    answer: 'explicit',
    severity: 'low',
    strict: '`false`',
    why: 'Who sees redacted text can tell two secrets apart (T-131).',
    weaker: at('redaction.tagged', (c) => c.redaction.tagged),
    example: 'redaction: { tagged: true }',
  },
  {
    path: 'rules.keys',
    answer: 'explicit',
    severity: 'info',
    strict: 'the key of the product only',
    why: 'Whoever holds one of these keys changes what detectors look for.',
    weaker: at('rules.keys', (c) => isSet(c.rules.keys)),
    example: `rules: { keys: ["${'A'.repeat(43)}="] }`,
  },
  {
    path: 'egress.listen',
    answer: 'explicit',
    severity: 'info',
    strict: 'none',
    why: 'Programs outside of sandboxes may go out by it, and nothing holds them to it.',
    weaker: at('egress.listen', (c) => c.egress.listen !== undefined),
    example: 'egress: { listen: "127.0.0.1:3129" }',
  },
  {
    path: 'egress.authorities',
    answer: 'explicit',
    severity: 'low',
    strict: 'those of Node',
    why: 'Whoever holds one of these authorities can stand in for any host.',
    weaker: at('egress.authorities', (c) => isSet(c.egress.authorities)),
    example: 'egress: { authorities: [corp.pem] }',
  },
  {
    path: 'content.bypass',
    answer: 'justified',
    severity: 'medium',
    strict: 'none',
    why: 'Findings in these calls change nothing.',
    weaker: at('content.bypass', (c) => isSet(c.content.bypass)),
    example: 'content: { bypass: [{ tool: desk.note, owner: ana, reason: measuring, expires: 2099-01-31 }] }',
  },
  {
    path: 'content.code.NAME.baseline',
    answer: 'explicit',
    severity: 'info',
    strict: 'none',
    why: 'What this file accepts is written without a question; whoever can change the file decides that at the next start.',
    weaker: each(
      (c) => c.content.code,
      (name) => `content.code.${name}.baseline`,
      ({ baseline }) => baseline !== undefined,
    ),
    example: 'content: { code: { "group:fs": { baseline: accepted.json } } }',
  },
  {
    path: 'suppressions',
    answer: 'justified',
    severity: 'info',
    strict: 'none',
    why: 'These findings are let pass.',
    weaker: at('suppressions', (c) => isSet(c.suppressions)),
    example:
      'suppressions: [{ rule: secrets.generic, scope: "tool:desk.note", owner: ana, reason: test keys, expires: 2099-01-31 }]',
  },
  {
    path: 'egress.exceptions.NAME',
    answer: 'justified',
    severity: 'low',
    strict: 'none',
    why: 'This name may lead to addresses inside.',
    weaker: (c) => Object.keys(c.egress.exceptions).map((name) => `egress.exceptions.${name}`),
    example:
      'egress: { exceptions: { "db.example:5432": { reason: reports, by: ana, expires: 2099-01-31, addresses: [10.0.0.7/32] } } }',
  },
]
