import { ME, type Answer } from './fixtures.ts'

export const NOW = Date.UTC(2026, 10, 20, 14, 30)
const DAY = 86_400_000

export const finding = (severity: string, cost: number, id: string, words: object) => ({
  ...{ id, severity, category: 'isolation', cost, since: NOW - 9 * DAY, ...words },
})
export const REPORT = {
  ...{ checkedAt: NOW, nextAt: NOW + 1_800_000, score: 85, cap: 100 },
  findings: [
    finding('medium', 10, 'isolation.servers', {
      title: '2 servers run unconfined',
      why: 'gmail, crm can read and change whatever this account can.',
      next: 'Set sandbox.wrapped, or servers.NAME.sandbox, in the configuration',
      page: '/tools',
    }),
    finding('low', 5, 'log.heads', {
      title: 'Heads of the log are kept beside the log only',
      why: 'Whoever can write both can write another history that fits.',
      next: 'Set audit.checkpoint.export to a file elsewhere',
    }),
    finding('info', 0, 'log.unreviewed', {
      title: 'Log not reviewed for 9 days',
      why: 'From day 14 it counts as low.',
      next: 'sallyport log query --decision denied',
      page: '/log',
    }),
  ],
  fine: [
    ['log', 'Log verified from the first record', '1,842,400'],
    ['routes', 'Every route refuses a stranger', '214 routes'],
    ['metadata', 'Cloud metadata is unreachable', '6 forms'],
    ['claimed', 'People hold this gateway', '3'],
    ['files', 'Own files are private', '16 files'],
    ['attention', 'Questions are read', '61 % approved, median 38.0 s'],
  ].map(([id, title, proof]) => ({ id, title, proof })),
  unknown: [{ id: 'secrets', title: 'Secrets in the vault', why: 'It could not look.' }],
  week: { calls: 96_418, asked: 2025, denied: 412, answerMs: 38_000, addedMs: 0.31 },
}

const wave = (at: number): number => 1 + 0.3 * Math.sin(at * 1.7) + 0.2 * Math.sin(at * 0.6)
const days = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const back = count - 1 - at
    const calls = Math.round(13_774 * wave(at))
    const score = back > 19 ? 55 : back > 18 ? 39 : back > 10 ? 65 : back > 4 ? 75 : 85
    return {
      ...{ day: new Date(NOW - back * DAY).toISOString().slice(0, 10), calls, score, lowest: score },
      ...{ asked: Math.round(calls * 0.021 * wave(at + 3)), denied: Math.round(60 * wave(at + 5)) },
      ...{ answerMs: 38_000 * wave(at + 1), addedMs: 0.31 * wave(at + 2) },
    }
  })
const HISTORY = {
  days: days(30),
  change: 30,
  events: [
    {
      id: 'network.open',
      title: 'open to the network without TLS',
      since: NOW - 19 * DAY,
      until: NOW - 19 * DAY + 41 * 3_600_000,
    },
  ],
}
/** What a gateway answers about its own set-up: 85 of 100, three findings. */
export const HEALTH = {
  '/api/v1/me': { ...ME, serverTime: new Date(NOW).toISOString() },
  '/api/v1/approvals': { items: [] },
  '/api/v1/health': REPORT,
  '/api/v1/health/history': (({ query }) => ({
    status: 200,
    body: query.get('days') === '7' ? { ...HISTORY, days: days(7), events: [], change: 0 } : HISTORY,
  })) satisfies Answer,
  'POST /api/v1/health/check': REPORT,
}
