import type { CommandSpec } from '../command.ts'

export const configCommands: readonly CommandSpec[] = [
  {
    path: 'config show',
    summary: 'show the settings in force',
    options: [['--origin', 'say for each setting whether the file or a default gave it']],
    load: () => import('./show.ts'),
  },
  {
    path: 'config validate',
    summary: 'check a configuration file',
    arguments: [['[file]', 'default: the one in force']],
    load: () => import('./validate.ts'),
  },
  { path: 'config schema', summary: 'print the JSON Schema of sallyport.yaml', load: () => import('./schema.ts') },
]
