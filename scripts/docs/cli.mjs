// docs/reference/cli.md from the command tree.
import { commandTree } from '../../packages/gateway/src/cli/tree.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

const GLOBAL = [
  ['--json', 'machine-readable output, also for errors'],
  ['--config <file>', 'configuration file'],
  ['--state <directory>', 'state directory'],
  ['--quiet', 'no talk on standard error'],
  ['--no-color', 'no colours'],
  ['--no-input', 'never ask; fail with the command to run instead'],
]

export function cliPage() {
  const built = commandTree.filter(({ load }) => load !== undefined)
  const later = commandTree.filter(({ load }) => load === undefined)
  return `# Commands

${GENERATED}

Data goes to standard output, everything else to standard error. Every command takes these options:

${table(['option', 'meaning'], GLOBAL.map(option))}

Exit codes: 0 ok · 1 findings or denied · 2 usage or configuration · 3 could not do its job · 4 authentication · 5 approval denied, expired or timed out · 130 interrupted.

${built.map(section).join('\n\n')}

## Not built yet

These are in the tree, answer \`SP_CLI_NOT_BUILT\` and exit 3.

${table(
  ['command', 'what it will do'],
  later.map(({ path, summary }) => [code(`sallyport ${path}`), cell(summary.replace(' (not built yet)', ''))]),
)}
`
}

const option = ([flags, meaning]) => [code(flags), cell(meaning)]

function section({ path, summary, arguments: positional = [], options = [], passThrough }) {
  const usage = [
    'sallyport',
    path,
    ...(options.length > 0 ? ['[options]'] : []),
    ...positional.map(([syntax]) => syntax),
  ]
  const said = [...positional, ...options].filter(([, meaning]) => meaning !== '')
  return [
    `## ${path}`,
    `${summary[0].toUpperCase()}${summary.slice(1)}.`,
    `\`\`\`\n${usage.join(' ')}\n\`\`\``,
    passThrough === true ? 'Everything after `--` belongs to the wrapped command.' : '',
    said.length > 0 ? table(['', ''], said.map(option)) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
