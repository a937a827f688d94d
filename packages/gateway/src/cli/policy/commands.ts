import type { CommandSpec } from '../command.ts'

const FILES = ['[files...]', 'policy files, directories or preset:NAME; default: the current directory'] as const
const TOOLS = ['--tools <file>', 'JSON list of registered tools to type-check against (mcp inspect --json)'] as const
const TEST = {
  summary: 'run the tests that lie beside policies',
  arguments: [FILES],
  options: [['--coverage', 'show which rules the tests decide; fail below 100 % of denials or 80 % of all rules']],
  load: () => import('./test.ts'),
} as const satisfies Omit<CommandSpec, 'path'>

export const policyCommands: readonly CommandSpec[] = [
  {
    path: 'policy check',
    summary: 'parse, type-check and test policies, and compare both engines on them',
    arguments: [FILES],
    options: [TOOLS, ['--thorough', '200 generated requests per bucket']],
    load: () => import('./check.ts'),
  },
  { path: 'policy test', ...TEST },
  { path: 'tools test-policy', ...TEST, summary: 'the same as `policy test`' },
  {
    path: 'policy explain',
    summary: 'say why a request would be decided as it is, or why a recorded one was',
    arguments: [['<request>', 'JSON or YAML file, JSON text, or the id of an event in the log']],
    options: [['--policy <files...>', 'explain against these files instead of the running gateway'], TOOLS],
    load: () => import('./explain.ts'),
  },
  {
    path: 'policy diff',
    summary: 'show what differs between two policies and what the second one allows more (exit 1 when something does)',
    arguments: [
      ['<before>', 'file, directory or preset:NAME'],
      ['<after>', 'file, directory or preset:NAME'],
    ],
    load: () => import('./diff.ts'),
  },
  {
    path: 'policy compile',
    summary: 'print the Cedar text of policies, YAML ones compiled',
    arguments: [FILES],
    load: () => import('./compile.ts'),
  },
  {
    path: 'policy ls',
    summary: 'list the policies of files, or what the running gateway has in force',
    arguments: [['[files...]', 'default: the running gateway']],
    load: () => import('./ls.ts'),
  },
  {
    path: 'policy history',
    summary: 'list changes of policy, newest first',
    options: [
      ['--from <time>', 'ISO 8601'],
      ['--to <time>', 'ISO 8601'],
      ['--action <action>', 'load, reload, update or revert'],
      ['--source <source>', 'file, api or cli'],
      ['--actor <name>', 'who'],
      ['--limit <n>', 'at most this many; default 100'],
    ],
    load: () => import('./history.ts'),
  },
  {
    path: 'policy revert',
    summary: 'go back to an earlier load; asks for your PIN',
    arguments: [['<number>', 'number in `policy history`']],
    options: [['--as <operator>', 'which operator you are, where there are several']],
    load: () => import('./revert.ts'),
  },
  {
    path: 'policy accept',
    summary: 'put a change that waits into force; shows what it allows more and asks for your PIN',
    options: [['--as <operator>', 'which operator you are, where there are several']],
    load: () => import('./accept.ts'),
  },
]
