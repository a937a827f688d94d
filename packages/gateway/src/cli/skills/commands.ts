import type { CommandSpec } from '../command.ts'

const NAME = [['<name>', 'name of the skill']] as const
const REASON = ['--reason <text>', 'why; it stays with the skill and in the log'] as const
const AS = ['--as <operator>', 'who you are, where several have a PIN'] as const
const HASH = ['--hash <hex>', 'which version: the first six digits of its hash or more'] as const
const FOLDERS = [
  ['[paths...]', 'skills, or folders of skills; default: where agents look for them below this directory'],
] as const
const FILE = ['--lock <file>', 'default: sallyport.lock in this directory'] as const
const INSTALLED = ['--installed', 'what this gateway has admitted, too'] as const

/** Skills are scanned and wait in quarantine; people let them out, by their hash. */
export const skillsCommands: readonly CommandSpec[] = [
  {
    path: 'skills add',
    summary: 'scan a skill and take it into quarantine; exit 1 when it is refused',
    arguments: [
      ['<source>', 'folder, archive, or a pinned reference: `clawhub:`, `npm:`, `github:`, `https://…#sha256=`'],
    ],
    options: [
      ['--name <name>', 'default: the name in its manifest'],
      ['--expected <integrity>', 'for a reference: what was reviewed before, as `sha512-…`; anything else is refused'],
      ['--resolve', 'fetch nothing and print the pinned form of a reference that says no version'],
      ['--accept-flagged', 'take what its registry calls suspicious, into quarantine'],
    ],
    load: () => import('./add.ts'),
  },
  {
    path: 'skills updates',
    summary: 'say what registries offer besides pinned references; nothing is fetched or changed',
    arguments: [['<references...>', 'pinned references']],
    load: () => import('./updates.ts'),
  },
  { path: 'skills ls', summary: 'list skills, their states and whom they serve', load: () => import('./ls.ts') },
  {
    path: 'skills show',
    summary: 'show one version: findings, capabilities, where it came from, what was decided',
    arguments: NAME,
    options: [HASH],
    load: () => import('./show.ts'),
  },
  {
    path: 'skills review',
    summary: 'show what a skill is and what is different in it; with --approve or --reject decide about it',
    arguments: NAME,
    options: [
      HASH,
      ['--approve', 'let it serve agents inside'],
      ['--reject', 'refuse it'],
      ['--requires-approval', 'a person has to agree to what it does, although its manifest does not say so'],
      REASON,
      AS,
    ],
    load: () => import('./review.ts'),
  },
  {
    path: 'skills try',
    summary:
      'run a skill in a sandbox with made-up data, false secrets and no way out; exit 1 when it did more than its review found',
    arguments: [
      ...NAME,
      ['[command...]', 'what to run below its scratch workspace, after --; default: each script of it'],
    ],
    options: [HASH],
    passThrough: true,
    load: () => import('./try.ts'),
  },
  {
    path: 'skills promote',
    summary: 'let a skill that serves inside serve visitors too',
    arguments: NAME,
    options: [HASH, REASON, AS],
    load: () => import('./promote.ts'),
  },
  {
    path: 'skills rollback',
    summary: 'put the version before into force again, or the reviewed bytes of one that was changed',
    arguments: NAME,
    options: [REASON, AS],
    load: () => import('./rollback.ts'),
  },
  {
    path: 'skills diff',
    summary: 'show how a skill differs from the one in force; exit 1 when it does',
    arguments: NAME,
    options: [HASH],
    load: () => import('./diff.ts'),
  },
  {
    path: 'skills rm',
    summary: 'take a skill away with everything that is kept of it',
    arguments: NAME,
    load: () => import('./rm.ts'),
  },
  {
    path: 'skills block',
    summary: 'never let a skill in, by name, hash or publisher; what is in force of it is off at once',
    arguments: [['[name]', 'name of the skill; names that look the same count']],
    options: [['--hash <hex>', 'its whole hash'], ['--publisher <name>', 'whoever made or signed it'], REASON],
    load: () => import('./block.ts'),
  },
  {
    path: 'skills unblock',
    summary: 'take a rule off the block list',
    arguments: [['[name]', 'as it was blocked']],
    options: [['--hash <hex>', 'its whole hash'], ['--publisher <name>', 'as it was blocked'], REASON, AS],
    load: () => import('./unblock.ts'),
  },
  {
    path: 'skills allow',
    summary: 'let exactly these bytes from exactly this path in without a review',
    arguments: [['<path>', 'folder or archive as it is now']],
    options: [
      ['--name <name>', 'default: the name in its manifest'],
      ['--to <state>', 'internal (default); external takes effect once it has been internal'],
      REASON,
      AS,
    ],
    load: () => import('./allow.ts'),
  },
  {
    path: 'skills disallow',
    summary: 'take all rules for a name off the allow list',
    arguments: NAME,
    load: () => import('./disallow.ts'),
  },
  {
    path: 'skills lock',
    summary:
      'write sallyport.lock: hashes of manifest, instructions, code, dependencies and tool schemas of every skill',
    arguments: FOLDERS,
    options: [FILE, INSTALLED, ['--servers', 'the tools of the running gateway’s servers, too, as they are pinned']],
    load: () => import('./lock.ts'),
  },
  {
    path: 'skills verify',
    summary: 'hold skills against sallyport.lock; exit 1 when one changed, is gone or is not in it',
    arguments: FOLDERS,
    options: [FILE, ['--servers', 'exit 3 when tools of servers are locked and no gateway runs that could be asked']],
    load: () => import('./verify.ts'),
  },
]
