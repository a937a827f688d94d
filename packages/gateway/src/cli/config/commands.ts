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
  {
    path: 'config import',
    summary: 'draft a configuration or policy from that of another product, and say what was left out and why',
    arguments: [
      ['<product>', 'claude-code (settings.json) or openclaw (openclaw.json)'],
      ['<file>', 'the file to read; it is not changed'],
    ],
    options: [
      ['--out <folder>', 'write the drafts there; files that are there already are kept'],
      ['--project <folder>', 'folder that paths in rules of Claude Code begin at'],
    ],
    load: () => import('./import.ts'),
  },
  { path: 'config schema', summary: 'print the JSON Schema of sallyport.yaml', load: () => import('./schema.ts') },
]
