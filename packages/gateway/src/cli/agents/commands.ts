import type { CommandSpec } from '../command.ts'

const AS = ['--as <operator>', 'which operator you are, when there are several'] as const

export const agentsCommands: readonly CommandSpec[] = [
  { path: 'agents ls', summary: 'list agents with trust level and end of key', load: () => import('./ls.ts') },
  {
    path: 'agents add',
    summary: 'add an agent at trust level 0 and print its key, once',
    arguments: [['<name>', '1 to 28 characters of a-z, 0-9 and "-"']],
    options: [
      ['--effects <list>', 'what it may cause: read, write, external; default all three'],
      [
        '--surface <surface>',
        'whom it faces, for good: local (default), public (strangers) or admin; docs/guides/surfaces.md',
      ],
      ['--role <role>', 'viewer (may only look) instead of the usual rights'],
      ['--vouch', 'an application that tells what its user said and keeps its key away from the model'],
      AS,
    ],
    load: () => import('./add.ts'),
  },
  {
    path: 'agents revoke',
    summary: 'end an agent for good; its running calls are aborted',
    arguments: [['<name>', 'the agent']],
    load: () => import('./revoke.ts'),
  },
  {
    path: 'agents rotate-key',
    summary: 'make a new key, once; the old one and its credentials end',
    arguments: [['<name>', 'the agent']],
    options: [AS],
    load: () => import('./rotate-key.ts'),
  },
  {
    path: 'agents trust',
    summary: 'set the trust level: 0 every write asks, 1 writes by policy, 2 policy alone',
    arguments: [
      ['<name>', 'the agent'],
      ['<level>', '0, 1 or 2; raising it needs your PIN'],
    ],
    options: [['--reason <text>', 'why; kept in the log'], AS],
    load: () => import('./trust.ts'),
  },
  {
    path: 'kill',
    summary: 'stop one agent or all at once, or lift that again',
    options: [
      ['--agent <name>', 'this agent'],
      ['--all', 'all agents'],
      ['--resume', 'lift the switch; needs your PIN, and trust levels stay 0'],
      ['--reason <text>', 'why; kept in the log'],
      AS,
    ],
    load: () => import('./kill.ts'),
  },
  {
    path: 'session ls',
    summary: 'list sessions, newest activity first',
    options: [['--agent <name>', 'sessions of one agent']],
    load: () => import('./session-ls.ts'),
  },
  {
    path: 'session show',
    summary: 'show one session: what was read from where, what that changed, why a question was asked',
    arguments: [['<id>', 'session id']],
    load: () => import('./session-show.ts'),
  },
  {
    path: 'session end',
    summary:
      'end one session: its running calls are aborted, its next call is refused; other sessions of its agent go on',
    arguments: [['<id>', 'session id']],
    options: [['--reason <text>', 'why; kept in the log']],
    load: () => import('./session-end.ts'),
  },
  {
    path: 'session endorse',
    summary: 'vouch for one value (an address, an account) in one session; needs your PIN',
    arguments: [
      ['<id>', 'session id'],
      ['<value>', 'exactly as it stands in the call'],
    ],
    options: [AS],
    load: () => import('./session-endorse.ts'),
  },
]
