import { ME } from './fixtures.ts'
import { NOW } from './health-example.ts'

const DAY = 86_400_000
const HASH = 'ab'.repeat(32)

const budget = (name: string, who: string, agent: string, spent: number, reserved: number, more: object = {}) => ({
  ...{ name, who, agent, cycle: 'day', spent, reserved, limit: 2_000_000, resetsAt: NOW + DAY / 2, ...more },
})

/** One that is over, one near its limit, one that is used up for good, and two that are well. */
export const BUDGETS = {
  budgets: [
    budget('tokens', 'claude-code', 'claude-code', 420_118, 12_000),
    budget('tokens', 'research-agent', 'research-agent', 2_031_400, 0),
    budget('tokens', 'support-triage', 'support-triage', 1_655_002, 40_000),
    budget('team', 'support-* docs-writer', 'all', 0, 0, {
      cycle: 'month',
      limit: 500,
      resetsAt: Date.UTC(2026, 11, 1),
    }),
    budget('runs', '3f9a21c4-aaaa-bbbb', 'deploy-bot', 20, 0, { cycle: 'session', limit: 20, resetsAt: null }),
  ],
}

const VERSION = {
  ...{ hash: HASH, version: '1.4.0', state: 'pending_review', capabilities: ['network', 'changes-data'] },
  ...{ verdict: 'ask', found: 2, requiresApproval: false, publishers: ['meridian'] },
  provenance: {
    ...{ source: 'registry', url: 'clawhub:meridian/invoice-helper@1.4.0', signature: 'absent' },
    ...{ integrity: `sha512-${'A'.repeat(86)}==`, notes: ['the registry calls it new'] },
  },
  findings: [
    {
      ...{ id: 'skill.validation.requires-approval', severity: 'high', file: 'SKILL.md', line: 1 },
      title: 'Changes data or reaches the network without asking',
      evidence: 'requiresApproval is not set',
      ...{ why: 'Nobody is asked before it acts.', fix: 'Set requiresApproval: true.' },
    },
    {
      ...{ id: 'code.network.request', severity: 'medium', file: 'rates.py', line: 2 },
      title: 'Opens a connection',
      evidence: "urllib.request.urlopen('https://api.meridian.example/rates')",
      ...{ why: 'What it reads can leave by it.', fix: 'Name the host in the manifest.' },
    },
  ],
  files: [
    { path: 'SKILL.md', size: 214, sha256: HASH, mode: 0o644 },
    { path: 'rates.py', size: 92, sha256: HASH, mode: 0o644 },
  ],
  history: [
    { at: NOW - 7_200_000, to: 'pending_review', by: 'account:ana', reason: 'It waits for a person.', of: 'scan' },
  ],
}
const row = (name: string, more: object) => ({
  ...{ name, ...VERSION, serves: 'nobody', source: `clawhub:meridian/${name}@1.4.0`, since: NOW - 7_200_000, ...more },
})

/** Skills in every state, and one that is open. */
export const SKILLS = {
  '/api/v1/me': ME,
  '/api/v1/skills': {
    skills: [
      row('invoice-helper', {}),
      row('rates', { found: 1, source: '/home/ana/skills/rates' }),
      row('notes', { state: 'external', serves: 'everybody', verdict: 'allow', found: 0, capabilities: [] }),
      row('ledger', { state: 'internal', serves: 'internal', verdict: 'allow', found: 0, requiresApproval: true }),
      row('fast-mail', { state: 'refused', verdict: 'block', found: 4 }),
    ],
    block: [{ publisher: 'fastskills', by: 'operator:mei', reason: 'sells our name', at: NOW - DAY }],
    allow: [],
  },
  '/api/v1/skills/invoice-helper': { name: 'invoice-helper', version: VERSION, serves: 'nobody', versions: [] },
}

/** Nothing was taken in, and the answer to whoever asks when the store does not answer. */
export const NO_SKILLS = { '/api/v1/skills': { skills: [], block: [], allow: [] } }
