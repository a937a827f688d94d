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
    path: 'vault init',
    summary: 'make the master key, and say what it made and what to keep elsewhere; refuses where there is one',
    options: [['--out <file>', 'write a new key for another source into this file instead, without a gateway'], AS],
    load: () => import('./init.ts'),
  },
  {
    path: 'vault set',
    summary: 'keep a value from the terminal, standard input or a descriptor, or replace one',
    arguments: [NAME],
    options: SET,
    load: () => import('./set.ts'),
  },
  {
    path: 'vault rotate',
    summary: 'replace a value; requests under way with the old one are cut',
    arguments: [NAME],
    options: SET,
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
    summary: 'put all values under the master key that is in use now; what is encrypted stays as it is',
    options: [['--new-key', 'make a new master key first (with `vault.key.source: file` or `kms`)'], AS],
    load: () => import('./rewrap.ts'),
  },
  {
    path: 'vault rekey',
    summary: 'encrypt all values anew, each with a new key',
    options: [AS],
    load: () => import('./rekey.ts'),
  },
  {
    path: 'vault backup',
    summary: 'write all values into an age file for the recipients named',
    options: [['--to <recipients...>', 'age recipients: age1…'], ['--out <file>', 'default: standard output'], AS],
    load: () => import('./backup.ts'),
  },
  {
    path: 'vault restore',
    summary: 'take the values of a backup over; the identity comes from a file or the terminal',
    arguments: [['<file>', 'what `vault backup` wrote']],
    options: [
      ['--identity <file>', 'file with the age identity, readable by you alone'],
      ['--replace', 'put what is in the backup over what is there'],
      AS,
    ],
    load: () => import('./restore.ts'),
  },
]
