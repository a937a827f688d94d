import type { CommandSpec } from '../command.ts'

export const egressCommands: readonly CommandSpec[] = [
  {
    path: 'egress test',
    summary: 'say what the way out of a sandbox would make of a URL; the name is resolved only when a list names it',
    arguments: [['<url>', 'where a program would like to get to']],
    options: [
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
]
