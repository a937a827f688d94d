import type { CommandSpec } from '../command.ts'

export const scanCommands: readonly CommandSpec[] = [
  {
    path: 'scan code',
    summary:
      'find dangerous code in JavaScript, TypeScript, Python, Go, Ruby, Java and shell; exit 1 from --fail-on, 3 when something could not be scanned',
    arguments: [['[paths...]', 'files and directories; default: the current directory']],
    options: [
      ['--format <format>', 'table (default), json or sarif'],
      ['--fail-on <severity>', 'critical, high, medium (default), low or info'],
      ['--baseline <file>', 'leave out the findings of this file'],
      ['--write-baseline <file>', 'write what was found as the new baseline'],
      ['--no-inline', 'ignore `sallyport-ignore` comments: for code of strangers'],
      ['--lang <language>', 'language of standard input (with `-`)'],
      ['--jsonl', 'judge lines of JSON from standard input, one answer a line: {input, lang}'],
    ],
    load: () => import('./code.ts'),
  },
]
