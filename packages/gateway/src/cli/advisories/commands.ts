import type { CommandSpec } from '../command.ts'

export const advisoriesCommands: readonly CommandSpec[] = [
  {
    path: 'advisories import',
    summary: 'replace what is known of vulnerable and malicious packages with these OSV records; all of them or none',
    arguments: [['<path>', 'a file, or a directory of .json files, in OSV form']],
    load: () => import('./import.ts'),
  },
  {
    path: 'advisories ls',
    summary: 'list the imported records',
    options: [['--package <name>', 'only those about this package']],
    load: () => import('./ls.ts'),
  },
  {
    path: 'advisories status',
    summary: 'how many records there are and how old; exit 3 when there are none, 1 when they are older than 7 days',
    load: () => import('./status.ts'),
  },
  {
    path: 'advisories check',
    summary:
      'compare the packages of lock files with the imported records; exit 1 from --fail-on, 3 when something was not verified',
    arguments: [['[path]', 'directory with the lock files; default: this one']],
    options: [
      ['--fail-on <severity>', 'critical, high (default), medium, low or info'],
      ['--npm-audit <file>', 'output of `npm audit --json`, to be read too'],
    ],
    load: () => import('./check.ts'),
  },
]
