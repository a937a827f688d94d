import { severityRank, type Severity } from '@sallyport/core'
import type { ScanFinding } from '../scan/finding.ts'

/** Something in a folder that runs or is loaded without anybody asking for exactly that. */
export interface Started extends ScanFinding {
  /** What sets it off, e.g. `the folder is opened in VS Code`. */
  readonly when: string
  /** What runs or is loaded. Untrusted: escape it for the surface that shows it. */
  readonly what: string
}

/** What an inspection says of a folder. */
export interface Inspection {
  /** Everything that starts by itself, worst first. */
  readonly rows: readonly Started[]
  /** What was found in it, and what could not be read. */
  readonly findings: readonly ScanFinding[]
  readonly files: number
}

export const worst = (...severities: readonly Severity[]): Severity =>
  severities.reduce((one, other) => (severityRank(other) > severityRank(one) ? other : one), 'info')

/** Kinds of rows: what each lets happen. */
export const KINDS = {
  hook: [
    'hook of an agent',
    'It runs as this account, before or at the work of the agent.',
    'Read the command; remove it, or move it into your own settings.',
  ],
  server: [
    'MCP server that the folder brings along',
    'It is started, or asked, when an agent opens the folder, and what it answers reaches the model.',
    'Wrap it with `sallyport init --project`, or remove it.',
  ],
  setting: [
    'setting that acts for whoever opens the folder',
    'Whoever can change the repository decides it for everybody.',
    'Read it; set it in your own settings instead if you want it.',
  ],
  task: [
    'task of an editor',
    'It runs as this account when the folder is opened or a debugger is started.',
    'Remove runOn: folderOpen, and start the task by hand.',
  ],
  'git-config': [
    'configuration of Git that runs a program or redirects',
    'Git commands run it, and agents, editors and prompts run Git unasked.',
    'Remove the setting, or clone the repository anew.',
  ],
  'git-hook': [
    'hook of Git',
    'It runs at commits, merges or pushes, also at those of an agent.',
    'Read the script; remove it, or use `git -c core.hooksPath=/dev/null`.',
  ],
  'git-attribute': [
    'attribute that hands files to a program',
    'A configured filter runs when files are checked out.',
    'Make sure that no filter of that name is configured.',
  ],
  install: [
    'script that runs at installation',
    'Installing packages runs it before anybody has looked.',
    'Install with --ignore-scripts, and read the script.',
  ],
  registry: [
    'configuration of a package manager',
    'It chooses where packages come from, or what program the manager itself is.',
    'Remove what is not the public registry or your own.',
  ],
  build: [
    'code that runs when the project is built or tested',
    'Agents build and test unasked.',
    'Read it, and build in `sallyport run`.',
  ],
  shell: [
    'file that a shell, editor or debugger runs on entering the folder',
    'It runs without a question once the tool trusts the folder.',
    'Read it before the tool is told to trust the folder.',
  ],
  container: [
    'container of the folder',
    'It runs commands, some of them on this machine, when the folder is opened in a container.',
    'Read the commands; never run initializeCommand of a stranger.',
  ],
  python: ['file that Python runs by itself', 'Every Python process that starts here runs it.', 'Remove it.'],
  instructions: [
    'instructions that an agent follows',
    'The model takes them for orders of its user.',
    'Read them as you would read code.',
  ],
  skill: [
    'skill or plugin that an agent loads',
    'Its instructions are followed, and its scripts run.',
    'Read what `sallyport scan skill` says of it, or remove it.',
  ],
  link: [
    'link that leads out of the folder',
    'What stands there is none of the repository, and was not read.',
    'Remove the link.',
  ],
  unreadable: ['could not be read', 'What was not read is not clean.', 'Look at it by hand.'],
} as const

export type Kind = keyof typeof KINDS
