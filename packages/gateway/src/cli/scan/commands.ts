import type { CommandSpec } from '../command.ts'

const OPTIONS = [
  ['--format <format>', 'table (default), json, sarif, markdown, junit, html or cyclonedx'],
  ['--fail-on <severity>', 'exit 1 from this severity on: critical, high (default), medium, low or info'],
  ['--jsonl', 'one JSON object a line in and out: {id, kind, files}, for pipelines and evaluation'],
] as const
const PATH = [['[path]', 'folder, file or archive, or the name of an installed one']] as const

/** Scans run by themselves: no gateway, no configuration, no network, and nothing of the subject is run. */
export const scanCommands: readonly CommandSpec[] = [
  {
    path: 'scan code',
    summary:
      'find dangerous code in JavaScript, TypeScript, Python, Go, Ruby, Java and shell; exit 1 from --fail-on, 3 when something could not be scanned',
    arguments: [['[paths...]', 'files and directories; default: the current directory']],
    options: [
      ['--format <format>', 'table (default), json, sarif, markdown, junit, html or cyclonedx'],
      ['--fail-on <severity>', 'critical, high, medium (default), low or info'],
      ['--baseline <file>', 'leave out the findings of this file'],
      ['--write-baseline <file>', 'write what was found as the new baseline'],
      ['--no-inline', 'ignore `sallyport-ignore` comments: for code of strangers'],
      ['--lang <language>', 'language of standard input (with `-`)'],
      ['--jsonl', 'judge lines of JSON from standard input, one answer a line: {input, lang}'],
    ],
    load: () => import('./code.ts'),
  },
  {
    path: 'scan skill',
    summary: 'scan a skill: instructions, scripts, packages, binaries',
    arguments: PATH,
    options: OPTIONS,
    load: () => import('./skill.ts'),
  },
  {
    path: 'scan plugin',
    summary: 'scan a plugin, with the skills and servers in it',
    arguments: PATH,
    options: OPTIONS,
    load: () => import('./skill.ts'),
  },
  {
    path: 'scan mcp',
    summary:
      'scan definitions of MCP tools or the configuration of a client; with --before what changed since a review',
    arguments: [['[paths...]', 'results of tools/list or configurations; several are judged as connected at once']],
    options: [['--before <file>', 'definitions that were reviewed; the path is what is served now'], ...OPTIONS],
    load: () => import('./mcp.ts'),
  },
  {
    path: 'skill scan',
    summary: 'the same as `scan skill`',
    arguments: PATH,
    options: OPTIONS,
    load: () => import('./skill.ts'),
  },
  {
    path: 'plugin scan',
    summary: 'the same as `scan plugin`',
    arguments: PATH,
    options: OPTIONS,
    load: () => import('./skill.ts'),
  },
]
