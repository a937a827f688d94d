import type { CommandSpec } from '../command.ts'

export const mcpCommands: readonly CommandSpec[] = [
  {
    path: 'mcp wrap',
    summary: 'put the gateway between an MCP client and a stdio server',
    arguments: [['[command...]', 'the server’s command line; absent: a configured server named with --server']],
    options: [
      ['--server <alias>', 'name of the server in policies and in the log'],
      ['--agent <name>', 'whose calls these are; needed when several agents are registered here'],
      ['--env <name>', 'pass this variable on to the server; may be repeated, or names joined with commas'],
    ],
    passThrough: true,
    load: () => import('./wrap.ts'),
  },
  {
    path: 'mcp add',
    summary: 'register the command of a server that agents may wrap',
    arguments: [['[command...]', 'the server’s command line, after --']],
    options: [
      ['--server <alias>', 'name of the server in policies and in the log'],
      ['--env <name>', 'variable that wrappers pass on; may be repeated, or names joined with commas'],
    ],
    passThrough: true,
    load: () => import('./add.ts'),
  },
  { path: 'mcp ls', summary: 'list the servers behind the gateway', load: () => import('./ls.ts') },
  {
    path: 'mcp inspect',
    summary: 'ask a server for its tools and show which are pinned, new or changed',
    arguments: [['<server>', 'alias of the server']],
    load: () => import('./inspect.ts'),
  },
  {
    path: 'mcp pin',
    summary: 'accept the tools of a server as they are now',
    arguments: [
      ['<server>', 'alias of the server'],
      ['[tools...]', 'only these tools'],
    ],
    load: () => import('./pin.ts'),
  },
  {
    path: 'mcp diff',
    summary: 'show how the tools of a server differ from their pins; exit 1 when they do',
    arguments: [['<server>', 'alias of the server']],
    load: () => import('./diff.ts'),
  },
]
