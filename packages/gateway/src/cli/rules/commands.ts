import type { CommandSpec } from '../command.ts'

const FILE = ['<file>', 'rule pack, JSON'] as const

export const rulesCommands: readonly CommandSpec[] = [
  {
    path: 'rules verify',
    summary: 'check signature, version, form and examples of a rule pack; changes nothing',
    arguments: [FILE],
    load: () => import('./verify.ts'),
  },
  {
    path: 'rules update',
    summary: 'install a rule pack; a running gateway uses it at once',
    arguments: [FILE],
    load: () => import('./update.ts'),
  },
  {
    path: 'rules ls',
    summary: 'list the rule packs in force',
    load: () => import('./ls.ts'),
  },
]
