import type { CommandSpec } from '../command.ts'

const JSONL = ['--jsonl', 'one JSON object a line in and out, for pipelines and evaluation'] as const

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = [
  {
    path: 'detect injection',
    summary: 'judge a text for prompt injection (exit 1 when something was found)',
    arguments: [['[file]', 'default: standard input']],
    options: [
      ['--channel <channel>', 'who wrote it: user, or content that anybody may have written (default)'],
      ['--jsonl', 'one JSON object a line in, one out: {text, channel}'],
    ],
    load: () => import('./injection.ts'),
  },
]
