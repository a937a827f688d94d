import type { CommandSpec } from '../command.ts'

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = [
  {
    path: 'detect command',
    summary: 'judge shell commands: what they run, read, write, send and delete',
    arguments: [['[file]', 'file to read; standard input without it']],
    options: [
      ['--jsonl', 'one JSON object a line in, one out'],
      ['--lang <language>', 'bash, powershell or cmd (default: bash)'],
    ],
    load: () => import('./command.ts'),
  },
]
