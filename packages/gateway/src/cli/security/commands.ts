import type { CommandSpec } from '../command.ts'

export const securityCommands: readonly CommandSpec[] = [
  {
    path: 'security audit',
    summary:
      'check what the configuration exposes; exit 1 from --warn-on, 2 from --fail-on, 3 when it could not be made',
    options: [
      ['--fail-on <severity>', 'critical (default), high, medium, low or info'],
      ['--warn-on <severity>', 'medium (default); as above'],
    ],
    load: () => import('./audit.ts'),
  },
]
