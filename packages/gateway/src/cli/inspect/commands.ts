import type { CommandSpec } from '../command.ts'

export const inspectCommands: readonly CommandSpec[] = [
  {
    path: 'inspect',
    summary:
      'say what a folder would run, or have an agent load, when it is opened; nothing of it is run; exit 1 from --fail-on',
    arguments: [['[folder]', 'default: the current directory']],
    options: [
      ['--format <format>', 'table (default), json, sarif, markdown or junit'],
      ['--fail-on <severity>', 'exit 1 from this severity on: critical, high (default), medium, low or info'],
    ],
    load: () => import('./inspect.ts'),
  },
]
