import type { CommandSpec } from '../command.ts'

const AS = ['--as <operator>', 'which operator you are, when there are several'] as const
const NAME = ['<name>', 'name of the value'] as const
const SET = [
  ['--type <type>', 'api_key (default), oauth, token, service, device, gateway, channel: how long it lives'],
  ['--ttl <seconds>', 'how long it lives instead'],
  ['--value-fd <number>', 'read the value from this descriptor, as in `3<file`'],
  AS,
] as const

export const vaultCommands: readonly CommandSpec[] = [
  {
    path: 'vault set',
    summary: 'keep a value from the terminal, standard input or a descriptor, or replace one',
    arguments: [NAME],
    options: SET,
    load: () => import('./set.ts'),
  },
  {
    path: 'vault rotate',
    summary: 'replace a value; requests under way with the old one may end, for five minutes',
    arguments: [NAME],
    options: [['--compromised', 'somebody else has the old value: cut requests under way with it'], ...SET],
    load: () => import('./set.ts'),
  },
  { path: 'vault ls', summary: 'list names, types and ends; never values', load: () => import('./ls.ts') },
  {
    path: 'vault show',
    summary: 'show what may be known of a value',
    arguments: [NAME],
    load: () => import('./show.ts'),
  },
  {
    path: 'vault rm',
    summary: 'end a value for good; requests under way with it are cut',
    arguments: [NAME],
    options: [['--reason <text>', 'why; kept in the log']],
    load: () => import('./rm.ts'),
  },
  {
    path: 'vault rewrap',
    summary: 'put all values under the master key that is in use now',
    options: [AS],
    load: () => import('./rewrap.ts'),
  },
  {
    path: 'vault rekey',
    summary: 'encrypt all values anew, each with a new key',
    options: [AS],
    load: () => import('./rekey.ts'),
  },
]
