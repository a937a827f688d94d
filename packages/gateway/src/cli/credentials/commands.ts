import type { CommandSpec } from '../command.ts'

const REASON = ['--reason <text>', 'why; kept in the log'] as const

export const credentialsCommands: readonly CommandSpec[] = [
  {
    path: 'credentials leases',
    summary: 'list who may have which credential put into requests now',
    load: () => import('./leases.ts'),
  },
  {
    path: 'credentials grant',
    summary: 'give again what was taken back; with a credential and --agent, a lease by hand for a while',
    arguments: [['[name]', 'the credential']],
    options: [
      ['--agent <name>', 'to this agent, or `server:NAME`'],
      ['--all', 'whatever `revoke-all` took back'],
      ['--for <time>', 'a lease by hand lives so long, a day at most; default 15m'],
      ['--uses <number>', 'and goes with so many requests'],
      ['--as <operator>', 'which operator you are, when there are several'],
    ],
    load: () => import('./grant.ts'),
  },
  {
    path: 'credentials revoke',
    summary: 'take a credential back until it is granted again, and cut what is on its way; `vault rm` ends its value',
    arguments: [['<name>', 'the credential']],
    options: [REASON],
    load: () => import('./revoke.ts'),
  },
  {
    path: 'credentials revoke-all',
    summary: 'take all credentials back, or those of one agent, until they are granted again; cut what is on its way',
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
    summary: 'list values that have ended, end soon, have no end, or are not used; exit 1 when there are some',
    load: () => import('./stale.ts'),
  },
]
