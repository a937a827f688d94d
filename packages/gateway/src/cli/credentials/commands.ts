import type { CommandSpec } from '../command.ts'

const REASON = ['--reason <text>', 'why; kept in the log'] as const

export const credentialsCommands: readonly CommandSpec[] = [
  {
    path: 'credentials leases',
    summary: 'list who may have which credential put into requests now',
    load: () => import('./leases.ts'),
  },
  {
    path: 'credentials revoke',
    summary: 'end the leases of a credential and cut what is on its way; `vault rm` ends the value itself',
    arguments: [['<name>', 'the credential']],
    options: [REASON],
    load: () => import('./revoke.ts'),
  },
  {
    path: 'credentials revoke-all',
    summary: 'end all leases, or those of one agent, and cut what is on its way',
    options: [['--agent <name>', 'only of this agent, or of `server:NAME`'], REASON],
    load: () => import('./revoke-all.ts'),
  },
  {
    path: 'credentials usage',
    summary: 'show what was done with credentials, newest last',
    options: [['--limit <number>', 'records; default 50']],
    load: () => import('./usage.ts'),
  },
  {
    path: 'credentials stale',
    summary: 'list values that have ended, end soon or are not used by any credential; exit 1 when there are some',
    load: () => import('./stale.ts'),
  },
]
