import type { CommandSpec } from '../command.ts'

export const securityCommands: readonly CommandSpec[] = [
  {
    path: 'security audit',
    summary:
      'check this installation: configuration, files, policies, the gateway that runs; exit 1 from --warn-on, 2 from --fail-on, 3 when it could not be made',
    arguments: [['[path]', 'a configuration, or a directory with sallyport.yaml; default: the one in force']],
    options: [
      ['--deep', 'try what should be refused at the gateway that runs, its sandbox and its log; leaves records'],
      ['--format <format>', 'table (default), json, sarif, junit or markdown'],
      [
        '--fail-on <severity>',
        'critical, high, medium, low or info; default: security.ci.audit.failOn of the configuration, critical',
      ],
      ['--warn-on <severity>', 'as above; default: security.ci.audit.warnOn, medium'],
      ['--no-hosts', 'leave out the agents of this machine'],
      [
        '--fix',
        'repair what needs no person: takes rights away, puts settings back; keeps the originals and looks again',
      ],
      ['--dry-run', 'with --fix: say what it would do'],
      ['--undo', 'take the newest repair back, byte for byte'],
      ['--baseline <file>', 'findings that somebody accepted until a day; a critical one counts all the same'],
      ['--write-baseline <file>', 'write what is found now, for people to say why it is accepted'],
    ],
    load: () => import('./audit.ts'),
  },
]
