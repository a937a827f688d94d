import type { CommandSpec } from '../command.ts'

export const doctorCommands: readonly CommandSpec[] = [
  {
    path: 'doctor',
    summary: 'check this installation, prove that the hooks stop a call, measure what Sallyport can promise here',
    options: [['--fix', 'repair what can be repaired by tightening']],
    load: () => import('./doctor.ts'),
  },
]
