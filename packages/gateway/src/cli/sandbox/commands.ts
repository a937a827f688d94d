import type { CommandSpec } from '../command.ts'

const WORKSPACE = ['--workspace <directory>', 'shown read-write at its own path, and the working directory'] as const
const PROFILE = ['--profile <name>', 'work (default), tool, edit, server, or a file'] as const
const ALLOW = ['--allow <hosts...>', 'let it reach these hosts through a proxy: host, host:port or *.domain'] as const
const APPLY = [
  '--apply',
  'with a profile whose workspace is a copy: land what the command changed, when it ended with 0',
] as const
const ENV = ['--env <names...>', 'pass these variables on, names may be joined with commas'] as const

const BACKEND = ['--backend <name>', 'what makes the sandbox: bubblewrap (default), crun, runsc or docker'] as const

export const sandboxCommands: readonly CommandSpec[] = [
  {
    path: 'sandbox exec',
    summary: 'run a command in the sandbox: no network, no host files but the workspace; needs no gateway',
    arguments: [['<command...>', 'after --']],
    options: [
      WORKSPACE,
      PROFILE,
      ENV,
      ALLOW,
      APPLY,
      BACKEND,
      ['--json-status <fd>', 'write what is in force to this descriptor, as one line of JSON'],
    ],
    passThrough: true,
    load: () => import('./exec.ts'),
  },
  {
    path: 'sandbox shell',
    summary: 'open a shell in the sandbox, in the workspace or here',
    options: [WORKSPACE, PROFILE, ENV, ALLOW, APPLY, BACKEND],
    load: () => import('./shell.ts'),
  },
  {
    path: 'sandbox explain',
    summary: 'show what a profile shows, allows and bounds on this machine; nothing is started',
    options: [WORKSPACE, PROFILE, BACKEND],
    load: () => import('./explain.ts'),
  },
  {
    path: 'sandbox probe',
    summary: 'try to get out of a sandbox of this machine, in every way of the suite (exit 1 when something does)',
    arguments: [['[probes...]', 'only those whose names begin so, e.g. network/']],
    options: [BACKEND, ['--bare', 'the same without a sandbox: shows that the attempts bite']],
    load: () => import('./probe.ts'),
  },
]
