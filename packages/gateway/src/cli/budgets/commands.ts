import type { CommandSpec } from '../command.ts'

export const budgetsCommands: readonly CommandSpec[] = [
  {
    path: 'budgets ls',
    summary: 'list what was spent of each budget, by whom, and when it is full again; exit 1 when one is spent',
    load: () => import('./ls.ts'),
  },
  {
    path: 'budgets reset',
    summary: 'give all amounts of a budget again before their time',
    arguments: [['<name>', 'the budget']],
    options: [
      ['--reason <text>', 'why; kept in the log'],
      ['--as <operator>', 'which operator you are, when there are several'],
    ],
    load: () => import('./reset.ts'),
  },
]
