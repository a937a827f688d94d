import type { CommandSpec } from '../command.ts'

export const sbomCommands: readonly CommandSpec[] = [
  {
    path: 'sbom',
    summary:
      'list skills, MCP servers, models, names of credentials and the packages of lock files; exit 3 when the list is incomplete',
    arguments: [
      ['[path]', 'directory whose skills, client configurations and lock files are listed; default: this one'],
    ],
    options: [['--format <format>', 'table (default), json or cyclonedx (1.6)']],
    load: () => import('./sbom.ts'),
  },
]
