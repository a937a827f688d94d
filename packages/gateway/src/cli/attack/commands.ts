import type { CommandSpec } from '../command.ts'

export const attackCommands: readonly CommandSpec[] = [
  {
    path: 'attack',
    summary: 'replay attacks and honest work against a policy, worst case, without a model (exit 1 when harm passes)',
    options: [
      ['--suite <name>', 'incidents (default), skills, drift, agentdojo or injecagent'],
      ['--data <directory>', 'folder with the data of a suite; incidents are shipped'],
      ['--preset <name>', 'policy preset to attack (default: balanced)'],
      ['--policy <files...>', 'policy files or directories instead of a preset'],
      ['--plan <mode>', 'declared plan: none (default), prompt (from the user’s words) or oracle (an upper bound)'],
      ['--fuzz [count]', 'mutate the attacks too: at most this many variants (default: 2000)'],
      ['--seed <number>', 'which variants --fuzz makes (default: 1)'],
      ['--ablate', 'show which layers stop each attack alone'],
      ['--cases', 'list every question and everything that passed'],
    ],
    load: () => import('./attack.ts'),
  },
]
