import type { CommandSpec } from '../command.ts'

export const daemonCommands: readonly CommandSpec[] = [
  {
    path: 'up',
    summary: 'run the gateway',
    options: [['--detach', 'start it in the background and return when it answers']],
    load: () => import('./up.ts'),
  },
  {
    path: 'down',
    summary: 'stop the gateway; every call is denied until it runs again',
    load: () => import('./down.ts'),
  },
  { path: 'status', summary: 'show what the gateway protects, and what it cannot', load: () => import('./status.ts') },
]
