import { ME } from './fixtures.ts'

const NOW = Date.now()
const MINUTE = 60_000
const DAY = 1440 * MINUTE

const PEOPLE = [
  {
    id: 'operator:jonas',
    name: 'jonas',
    roles: ['admin', 'approver', 'policy'],
    lastSeenAt: new Date(NOW).toISOString(),
  },
  {
    id: 'operator:mei',
    name: 'mei',
    roles: ['approver', 'policy'],
    lastSeenAt: new Date(NOW - 66 * MINUTE).toISOString(),
  },
  { id: 'operator:ana', name: 'ana', roles: ['operator'], lastSeenAt: null },
]
const passkey = (id: string, name: string, more: object) => ({
  ...{
    id,
    operator: 'operator:jonas',
    name,
    aaguid: '',
    backedUp: true,
    class: 'platform',
    createdAt: NOW - 104 * DAY,
  },
  ...{ lastUsedAt: NOW - 10 * MINUTE, criticalFrom: 0 },
  ...more,
})
const PASSKEYS = [
  passkey('k1', 'Laptop', {}),
  passkey('k2', 'Phone', {
    ...{
      backedUp: false,
      class: 'device',
      createdAt: NOW - 100 * MINUTE,
      lastUsedAt: 0,
      criticalFrom: NOW + 0.9 * DAY,
    },
  }),
]
const LOGINS = [
  { ...ME.session, browser: 'Chromium on Linux', current: true },
  {
    ...ME.session,
    id: 'l-2',
    operator: 'operator:mei',
    address: '192.0.2.7',
    browser: 'Firefox on Windows',
    current: false,
  },
]
const CHANNELS = [
  { name: 'security', kind: 'slack', state: 'sent 14:30' },
  { name: 'siem', kind: 'syslog', state: 'Connection refused since 14:05.', waiting: 3 },
]

const agent = (
  name: string,
  surface: string,
  carries: readonly [number, number],
  calls: number,
  more: object = {},
) => ({
  ...{ name, state: 'active', trustLevel: 1, surface, ingresses: ['mcp'], sessions: 1, running: 0 },
  ...{ stopped: null, lastSeenAt: NOW - 40_000, callsToday: calls, deniedToday: 0 },
  carries: { integrity: carries[0], confidentiality: carries[1], sources: [] },
  credential: { issuedAt: NOW - 4 * MINUTE, expiresAt: NOW + 11 * MINUTE },
  ...more,
})
const AGENTS = [
  agent('claude-code', 'cli', [3, 1], 2204, { trustLevel: 2, running: 2 }),
  agent('support-triage', 'inbox', [1, 2], 871, { running: 1, deniedToday: 3 }),
  agent('deploy-bot', 'ci', [3, 1], 402, { trustLevel: 2 }),
  agent('finance-recon', 'scheduler', [2, 2], 318),
  agent('research-agent', 'cli', [1, 0], 196, {
    stopped: { reason: 'fetched a metadata address', by: 'operator:mei', at: NOW - 20 * MINUTE },
  }),
  agent('docs-writer', 'ci', [3, 0], 31, { trustLevel: 0 }),
]

const alert = (id: string, severity: string, who: string, tool: string, why: string, more: object = {}) => ({
  ...{ id, name: 'call.denied', severity, agent: who, tool, session: 's-2k9d', state: 'open', holder: '', count: 1 },
  ...{
    first: NOW - 6 * MINUTE,
    last: NOW - MINUTE,
    silence: '',
    sentence: `${who} tried ${tool} and was denied: ${why}`,
  },
  ...more,
})
const METADATA =
  'The name metadata.rneridian.example resolved to a cloud metadata address. Private addresses are never reachable.'
const ALERTS = [
  alert('al-3021', 'high', 'research-agent', 'web.fetch', METADATA, { count: 14 }),
  alert('al-3020', 'critical', 'claude-code', 'shell.exec', 'The command reads a file with credentials.', {
    ...{ holder: 'operator:mei', state: 'taken', first: NOW - 22 * MINUTE, last: NOW - 22 * MINUTE },
  }),
  {
    ...alert('al-3018', 'medium', 'gateway', '', ''),
    ...{ name: 'tool.changed', sentence: 'search changed 1 of its 3 tools after it was pinned.', session: '' },
  },
]
const CAUSE = {
  ...{
    auditId: 'evt_01JD4Q8M7C',
    toolName: 'web.fetch',
    agentId: 'research-agent',
    actor: 'ana.silva > research-agent',
  },
  ...{ policyRule: ['net.private-address'], reason: METADATA, surface: 'cli', trust: 'untrusted' },
  parameters: { url: 'http://metadata.rneridian.example/latest/meta-data' },
}

/** What the gateway of Meridian Supply answers to pages that need no more than one answer. */
export const EXAMPLE = {
  '/api/v1/me': ME,
  '/api/v1/approvals': { items: [] },
  '/api/v1/sign-in/methods': { passkey: true, password: true, company: 'Meridian', fingerprint: '3f9a21c4'.repeat(8) },
  'POST /api/v1/setup/redeem': { for: 'first', name: '', endsAt: NOW + 521_000 },
  '/api/v1/people': { items: PEOPLE },
  '/api/v1/passkeys': { items: PASSKEYS },
  '/api/v1/devices': { items: [] },
  '/api/v1/logins': { items: LOGINS },
  '/api/v1/alerts/channels': { items: CHANNELS },
  '/api/v1/alerts': { items: ALERTS, total: ALERTS.length, lastResolved: null },
  '/api/v1/alerts/sinks': { items: [] },
  '/api/v1/alerts/al-3021': {
    ...ALERTS[0],
    cause: CAUSE,
    channels: { security: { state: 'sent', at: NOW - 5 * MINUTE, tries: 1 } },
    timeline: [
      { at: NOW - 6 * MINUTE, event: 'opened' },
      { at: NOW - 5 * MINUTE, event: 'notified', text: 'security' },
    ],
  },
  '/api/v1/agent-activity': { agents: AGENTS, isComplete: true, running: 3 },
  '/api/v1/budgets': { budgets: [] },
  '/api/v1/kill': { on: [] },
}
