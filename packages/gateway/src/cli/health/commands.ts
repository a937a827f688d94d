import type { CommandSpec } from '../command.ts'

export const healthCommands: readonly CommandSpec[] = [
  {
    path: 'health',
    summary: 'security score of the running gateway, what to mend, what works',
    options: [['--check', 'look now, before answering']],
    load: () => import('./health.ts'),
  },
]
