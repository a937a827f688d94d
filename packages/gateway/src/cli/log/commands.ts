import type { CommandSpec } from '../command.ts'

const FILTERS = [
  ['--session <id>', 'records of one session'],
  ['--agent <name>', 'records of one agent'],
  ['--tool <name>', 'records of one tool, across sessions'],
  ['--kind <kind>', 'decision, outcome, release, approval.requested, …'],
  ['--decision <word>', 'allowed, denied, approval_required, elevated'],
  ['--from <time>', 'not before this time (ISO 8601)'],
  ['--to <time>', 'not after this time (ISO 8601)'],
  ['--stream <name>', 'log stream of one gateway'],
] as const
const PLACES = [
  ['--store <path>', 'database file; default: state.db of the state directory'],
  ['--url <url>', 'PostgreSQL store instead of a file'],
  ['--key <file>', 'public key of the checkpoints; default: keys/checkpoint.pub of the state directory'],
] as const

export const logCommands: readonly CommandSpec[] = [
  {
    path: 'log tail',
    summary: 'print records as they are written',
    options: [...FILTERS, ['--after <n>', 'begin after this sequence number']],
    load: () => import('./tail.ts'),
  },
  {
    path: 'log query',
    summary: 'search records: field:value, words, not; or by the options',
    arguments: [['[search...]', 'such as: kind:call not tool:fs.list agent:claude "invoice"']],
    options: [
      ...FILTERS,
      ['--before <place>', 'go on after a page of a search'],
      ['--limit <n>', 'at most this many; default 100'],
      ['--after <n>', 'after this sequence number'],
    ],
    load: () => import('./query.ts'),
  },
  {
    path: 'log show',
    summary: 'show all records of one call',
    arguments: [['<id>', 'audit id, or stream:number']],
    load: () => import('./show.ts'),
  },
  {
    path: 'log verify',
    summary: 'check that nothing in the log was changed, removed, put in or cut off; works without a gateway',
    options: [
      ['--against <head...>', 'file with heads that were kept elsewhere'],
      ...PLACES,
      ['--origin <name>', 'origin that the heads must have'],
    ],
    load: () => import('./verify.ts'),
  },
  {
    path: 'log prove',
    summary: 'print a proof that a record is in the log, and check it',
    arguments: [['<id>', 'audit id, or stream:number']],
    options: [['--key <file>', 'public key of the checkpoints']],
    load: () => import('./prove.ts'),
  },
  { path: 'log checkpoint', summary: 'sign what is new and print the head', load: () => import('./checkpoint.ts') },
  {
    path: 'log export',
    summary: 'write records to standard output as NDJSON, CSV or OCSF',
    arguments: [['[search...]', 'only what this search finds, newest first']],
    options: [
      ['--format <format>', 'ndjson (default), csv or ocsf'],
      ['--proofs', 'with the proof of each record'],
      ...FILTERS,
      ['--limit <n>', 'at most this many'],
    ],
    load: () => import('./export.ts'),
  },
]
