import type { CommandSpec } from '../command.ts'

export const runCommands: readonly CommandSpec[] = [
  {
    path: 'run',
    summary: 'run a whole agent confined, its way out and its terminal in the hands of the gateway',
    arguments: [['<command...>', 'the agent and its arguments, after --']],
    options: [
      ['--agent <name>', 'the agent it is to the gateway; default: the name of its host, else of its program'],
      ['--workspace <directory>', 'shown read-write at its own path; default: the working directory'],
      ['--profile <name>', 'agent (default), a shipped profile, or a file'],
      ['--allow <hosts...>', 'let it reach these hosts: host, host:port or *.domain'],
      ['--env <names...>', 'pass these variables on, names may be joined with commas'],
      ['--show <paths...>', 'show these paths of the host, read-only'],
      ['--joined <run>', 'used by `run` itself: the terminal belongs to another process'],
    ],
    passThrough: true,
    load: () => import('./run.ts'),
  },
]
