import type { CommandSpec } from '../command.ts'

export const egressCommands: readonly CommandSpec[] = [
  {
    path: 'egress test',
    summary: 'say what the way out of a sandbox would make of a URL; the name is resolved only when a list names it',
    arguments: [['<url>', 'where a program would like to get to']],
    options: [
      ['--agent <name>', 'by the rules of the running gateway for this agent, or for `server:NAME`'],
      ['--method <method>', 'with --agent: of the request; default GET'],
      ['--profile <profile>', 'whose lists count; default agent'],
      ['--allow <hosts...>', 'hosts that are allowed besides, names may be joined with commas'],
    ],
    load: () => import('./test.ts'),
  },
  {
    path: 'egress log',
    summary: 'show what got out of sandboxes and what did not, newest last',
    options: [
      ['--refused', 'only what was refused'],
      ['--limit <number>', 'records; default 50'],
    ],
    load: () => import('./log.ts'),
  },
  {
    path: 'egress rules',
    summary: 'list what agents and servers may reach, and where that is said',
    load: () => import('./rules.ts'),
  },
  {
    path: 'egress allow',
    summary: 'let agents reach a host for a time; what should hold for good is a rule',
    arguments: [['<host>', '`host`, `host:port` or `*.domain`']],
    options: [
      ['--agent <name>', 'only this agent, or `server:NAME`; default: everyone with a way out'],
      ['--for <time>', '30m, 8h, 7d; default 1h, at most 30d'],
      ['--as <operator>', 'which operator you are, when there are several'],
    ],
    load: () => import('./allow.ts'),
  },
  {
    path: 'egress withdraw',
    summary: 'take back what `egress allow` gave; open tunnels to the host are cut',
    arguments: [['<host>', 'as it was given']],
    load: () => import('./withdraw.ts'),
  },
  {
    path: 'egress draft',
    summary: 'draft rules for what was refused or asked about, to read and take over',
    options: [
      ['--agent <name>', 'only of this agent, or of `server:NAME`'],
      ['--limit <number>', 'records that are read; default 1000'],
    ],
    load: () => import('./draft.ts'),
  },
  {
    path: 'egress trust-ca',
    summary: 'print the authority that programs of an agent outside of a sandbox have to trust',
    arguments: [['<agent>', 'an agent that uses `egress.listen`']],
    load: () => import('./trust-ca.ts'),
  },
  {
    path: 'egress import',
    summary: 'turn network policies of OpenShell or NemoClaw into rules; what has no counterpart is said',
    arguments: [['<file>', 'YAML with network_policies']],
    load: () => import('./import.ts'),
  },
]
