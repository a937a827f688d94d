import type { CommandSpec } from '../command.ts'

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = [
  {
    path: 'detect document',
    summary: 'show what a document hides from its reader: HTML, Markdown, SVG, PDF, Office, pictures',
    arguments: [['[file]', 'default: standard input']],
    options: [
      ['--type <type>', 'media type; default: by name and content'],
      ['--visible', 'print the document without its hidden parts'],
      ['--on-demand', 'with --visible: keep what a reader can ask for, such as tooltips and folded parts'],
    ],
    load: () => import('./document.ts'),
  },
]
