import { drawWhateverRunsThis } from '../../config/environment.ts'
import type { CommandSpec } from '../command.ts'

export const tuiCommands: readonly CommandSpec[] = [
  {
    path: 'tui',
    summary: 'open the terminal dashboard: approvals, activity, sessions, alerts, health, skills',
    options: [
      ['--ascii', 'only ASCII signs'],
      ['--as <operator>', 'which operator you are, where there are several'],
    ],
    load: () => {
      drawWhateverRunsThis()
      return import('../../tui/tui.tsx')
    },
  },
]
