import type { CommandSpec } from '../command.ts'

export const consoleCommands: readonly CommandSpec[] = [
  {
    path: 'console open',
    summary: 'print the address of the console, and open it in a browser where there is a screen',
    options: [['--print', 'only print it']],
    load: () => import('./open.ts'),
  },
]
