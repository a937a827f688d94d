import type { CommandSpec } from '../command.ts'

const REASON = ['--reason <text>', 'why, for the log'] as const
const AS = ['--as <operator>', 'which operator you are, where there are several'] as const

export const approvalsCommands: readonly CommandSpec[] = [
  {
    path: 'approvals ls',
    summary: 'list calls that wait for a human',
    options: [
      ['--status <status>', 'pending, approved, denied, expired, consumed, superseded, cancelled'],
      ['--all', 'all of them, not only what waits'],
      ['--limit <n>', 'at most this many'],
    ],
    load: () => import('./list.ts'),
  },
  {
    path: 'approvals show',
    summary: 'show one request exactly as it would run',
    arguments: [['<id>', 'id of the request']],
    load: () => import('./show.ts'),
  },
  {
    path: 'approvals approve',
    summary: 'agree to one call; asks for your PIN at this terminal and takes it from nowhere else',
    arguments: [['<id>', 'id of the request']],
    options: [
      REASON,
      AS,
      ['--scope <scope>', 'once (default), value: these destinations in this session, tool: until --for is over'],
      ['--for <time>', 'with --scope tool: 30m, 2h, at most 24h'],
      ['--full', 'show long values in full; needed to approve a request that has some'],
    ],
    load: () => import('./approve.ts'),
  },
  {
    path: 'approvals deny',
    summary: 'refuse one call; needs no PIN',
    arguments: [['<id>', 'id of the request']],
    options: [REASON],
    load: () => import('./deny.ts'),
  },
  {
    path: 'approvals watch',
    summary: 'print requests as they come and how they end; decides nothing',
    options: [
      ['--no-bell', 'no bell for a new request'],
      ['--no-desktop', 'no notification of the desktop'],
      ['--ascii', 'only ASCII signs'],
    ],
    load: () => import('./watch.ts'),
  },
  {
    path: 'approvals grants',
    summary: 'list decisions that are remembered, or revoke one',
    arguments: [
      ['[action]', 'revoke'],
      ['[id]', 'id of the grant'],
    ],
    load: () => import('./grants.ts'),
  },
]
