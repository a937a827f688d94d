import type { CommandSpec } from '../command.ts'

const JSONL = ['--jsonl', 'one JSON object a line in and out, for pipelines and evaluation'] as const

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = [
  {
    path: 'detect url',
    summary: 'judge a URL as the egress guard would; nothing is resolved or connected to',
    arguments: [['[url]', '']],
    options: [['--resolves <addresses...>', 'what a resolver answers for the host'], JSONL],
    load: () => import('./url.ts'),
  },
  {
    path: 'detect path',
    summary: 'judge a path against a workspace, with the links of this machine',
    arguments: [['[path]', '']],
    options: [
      ['--workspace <directory>', 'default: the current directory'],
      ['--mode <mode>', 'read, write or delete; default: read'],
      JSONL,
    ],
    load: () => import('./path.ts'),
  },
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
  {
    path: 'detect secrets',
    summary: 'find secrets in a text, plain, encoded or split',
    arguments: [['[file]', 'file to read; standard input when absent or -']],
    options: [['--jsonl', 'judge lines of JSON from standard input, one answer a line']],
    load: () => import('./secrets.ts'),
  },
  {
    path: 'detect document',
    summary: 'show what a document hides from its reader: HTML, Markdown, SVG, PDF, Office, pictures',
    arguments: [['[file]', 'default: standard input']],
    options: [
      ['--type <type>', 'media type; default: by name and content'],
      ['--visible', 'print the document without its hidden parts'],
      ['--on-demand', 'with --visible: keep what a reader can ask for, such as tooltips and folded parts'],
    ],
    load: () => import('./document.ts'),
  },
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
