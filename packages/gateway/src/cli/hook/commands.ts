import type { CommandSpec } from '../command.ts'

const OPTIONS = [
  ['--agent <name>', 'agent whose credential is used; default is the name of the host'],
  ['--observe', 'for events that only report: never blocks'],
] as const

export const hookCommands: readonly CommandSpec[] = [
  {
    path: 'hook claude-code',
    summary: 'answer one Claude Code hook event from standard input (where there is no curl)',
    options: OPTIONS,
    load: () => import('./claude-code.ts'),
  },
  {
    path: 'hook codex',
    summary: 'answer one Codex hook event from standard input (where there is no curl)',
    options: OPTIONS,
    load: () => import('./codex.ts'),
  },
  {
    path: 'hook git',
    summary: 'scan what is staged for secrets and dangerous code; anything but exit 0 stops the commit',
    options: [
      ['--install', 'write the hooks pre-commit and pre-merge-commit of this repository'],
      ['--all', 'everything in the index: for CI'],
      ['--write-baseline', 'accept what is found now in .sallyport-baseline.json'],
      ['--fail-on <severity>', 'critical, high (default), medium, low or info'],
    ],
    load: () => import('./git/git.ts'),
  },
  {
    path: 'agents matrix',
    summary: 'what is known of each agent host: where it can be stopped, how it fails, and which test proves it',
    arguments: [['[host]', 'one host, with its facts']],
    load: () => import('./matrix.ts'),
  },
]
