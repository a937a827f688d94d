import type { CommandSpec } from '../command.ts'

const AS = ['--as <operator>', 'which operator you are, when there are several'] as const

export const alertsCommands: readonly CommandSpec[] = [
  {
    path: 'alerts ls',
    summary: 'list alerts that are open or that somebody has; exit 1 when one of them is critical',
    options: [
      ['--status <status>', 'open, taken, resolved or all'],
      ['--severity <severity>', 'critical, high, medium or low'],
      ['--agent <name>', 'only of this agent'],
      ['--limit <number>', 'at most this many; default 100'],
      ['--silences', 'silences that are in force, instead of alerts'],
      ['--sinks', 'where alerts are told and what waits there, instead of alerts'],
    ],
    load: () => import('./ls.ts'),
  },
  {
    path: 'alerts show',
    summary: 'show one alert: what caused it, what happened since, and how each sink was told',
    arguments: [['<id>', 'id of the alert']],
    load: () => import('./show.ts'),
  },
  {
    path: 'alerts take',
    summary: 'say that you look after an alert',
    arguments: [['<id>', 'id of the alert']],
    load: () => import('./take.ts'),
  },
  {
    path: 'alerts resolve',
    summary: 'close alerts; what happens from now on is a new alert',
    arguments: [['<id...>', 'ids of the alerts']],
    options: [['--reason <text>', 'why; kept in the log'], AS],
    load: () => import('./resolve.ts'),
  },
  {
    path: 'alerts silence',
    summary: 'keep alerts from sinks for a while; critical ones are never hidden',
    options: [
      ['--name <name>', 'alerts of this kind, e.g. `call.denied`'],
      ['--agent <name>', 'of this agent'],
      ['--tool <name>', 'about this tool'],
      ['--for <time>', '8h, 7d; 30 days at most'],
      ['--reason <text>', 'why; kept in the log'],
      ['--preview', 'only show what it would have hidden in the last 7 days'],
      AS,
    ],
    load: () => import('./silence.ts'),
  },
  {
    path: 'alerts unsilence',
    summary: 'end a silence',
    arguments: [['<id>', 'id of the silence']],
    load: () => import('./unsilence.ts'),
  },
  {
    path: 'alerts test',
    summary: 'send a test to a sink, or to all of them, and print what they answered; exit 1 when one did not take it',
    arguments: [['[sink]', 'name of the sink']],
    options: [['--retry-dead', 'instead: try everything again that was given up']],
    load: () => import('./test.ts'),
  },
]
