import type { CommandSpec } from '../command.ts'

export const initCommands: readonly CommandSpec[] = [
  {
    path: 'init',
    summary: 'connect the agents of this machine to Sallyport, with backup and undo',
    options: [
      ['--dry-run', 'show the plan and write nothing'],
      ['--undo', 'restore every file that init changed, byte for byte'],
      ['--claim', 'choose the operator PIN; only a human at a terminal can'],
      ['--as <name>', 'with --claim: name of the operator; default is your account'],
      ['--preset <name>', 'policy preset for a new configuration: locked-down, balanced, open'],
      ['--import <clients...>', 'only these: claude-code claude-desktop cursor vscode codex openclaw'],
      ['--agent <name>', 'one agent name for everything, instead of one for each client'],
      ['--project', 'also files of the project in the working directory'],
    ],
    load: () => import('./init.ts'),
  },
]
