import type { CommandSpec } from '../command.ts'

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = [
  {
    path: 'detect secrets',
    summary: 'find secrets in a text, plain, encoded or split',
    arguments: [['[file]', 'file to read; standard input when absent or -']],
    options: [['--jsonl', 'judge lines of JSON from standard input, one answer a line']],
    load: () => import('./secrets.ts'),
  },
]
