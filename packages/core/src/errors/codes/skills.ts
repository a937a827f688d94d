import type { CodeEntry } from '../code-entry.ts'

/** Admission of skills: what is let in, what is in force, what changed. */
export const SKILL_CODES = {
  SP_SKILL_NAME: {
    title: 'This is no name for a skill.',
    next: 'Use 1 to 64 characters of a-z, A-Z, 0-9, ".", "_" and "-" that begin with a letter or digit.',
    http: 422,
    exit: 2,
  },
  SP_SKILL_BUNDLE: {
    title: 'The skill cannot be taken as it is.',
    next: 'Ship plain files with plain relative paths: no links, no archives that cannot be read, at most 50 MB.',
    http: 422,
    exit: 3,
  },
  SP_SKILL_UNKNOWN: {
    title: 'There is no such skill here.',
    next: 'List them with `sallyport skills ls`.',
    http: 404,
    exit: 2,
  },
  SP_SKILL_BLOCKED: {
    title: 'The skill is on the block list.',
    next: 'See why with `sallyport skills ls`; a person takes an entry off with `sallyport skills unblock`.',
    http: 403,
    exit: 1,
  },
  SP_SKILL_REFUSED: {
    title: 'The skill was refused.',
    next: 'See the findings with `sallyport skills show NAME`.',
    http: 403,
    exit: 1,
  },
  SP_SKILL_UNPINNED: {
    title: 'What comes from a registry needs an exact version and a hash.',
    next: 'Name the version, and let the registry or you say which hash it has.',
    http: 422,
    exit: 2,
  },
  SP_SKILL_INVALID: {
    title: 'The skill changes data or reaches the network and does not say `requires_approval: true`.',
    next: 'Let its author say so, or approve it with --requires-approval, which then holds for it here.',
    http: 422,
    exit: 1,
  },
  SP_SKILL_STATE: {
    title: 'The skill is not where this can be done with it.',
    next: 'A skill goes from quarantine to internal to external, and each step is decided by a person. See `sallyport skills show NAME`.',
    http: 409,
    exit: 2,
  },
  SP_SKILL_NOT_ADMITTED: {
    title: 'The skill is not admitted here.',
    next: 'Review it with `sallyport skills review NAME --approve --reason TEXT`.',
    http: 403,
    exit: 1,
  },
  SP_SKILL_DRIFT: {
    title: 'The skill is not what was reviewed, so it is off.',
    next: 'Look with `sallyport skills diff NAME`, then review it again or take the reviewed one back with `sallyport skills rollback NAME`.',
    http: 409,
    exit: 1,
  },
  SP_SKILL_TERMS: {
    title: 'The skill does not get this where it stands.',
    next: 'What is internal runs without a way out and without secrets; promote it with `sallyport skills promote NAME`, or take the network or the variables away from where it runs.',
    http: 403,
    exit: 1,
  },
  SP_SKILL_NOTHING_TO_TRY: {
    title: 'The skill has no script that a trial could run.',
    next: 'Read its instructions with `sallyport skills review NAME`, or name a command behind `--`.',
    http: 422,
    exit: 2,
  },
  SP_SKILL_ROLLED_BACK: {
    title: 'The register of skills is an older one than was there before.',
    next: 'Find out who put it there. The gateway switches off what it lets in; review that again, and look whether rules of the block list are missing.',
    http: 500,
    exit: 3,
  },
  SP_SKILL_BUSY: {
    title: 'Somebody else is changing the skills.',
    next: 'Try again; when nobody is, remove the file that the message names.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_SKILL_TAMPERED: {
    title: 'The register of skills was not written by this gateway.',
    next: 'Find out who changed it; restore it from a backup, or remove the directory of skills and admit them anew.',
    http: 500,
    exit: 3,
  },
  SP_SKILL_LOCK_MISSING: {
    title: 'There is no lock file of skills.',
    next: 'Write one with `sallyport skills lock`, and commit it.',
    http: 404,
    exit: 2,
  },
  SP_SKILL_LOCK_CONFLICT: {
    title: 'The lock file of skills holds a merge conflict.',
    next: 'Keep what was reviewed on both sides, or write it anew with `sallyport skills lock` after looking at the skills.',
    http: 422,
    exit: 3,
  },
  SP_SKILL_LOCK_INVALID: {
    title: 'The lock file of skills cannot be read, so nothing was verified.',
    next: 'Restore it from version control, or write it anew with `sallyport skills lock` after looking at the skills.',
    http: 422,
    exit: 3,
  },
  SP_SKILL_LOCK_VERSION: {
    title: 'The lock file of skills has a version that this program does not know.',
    next: 'Use the program that wrote it, or write it anew with `sallyport skills lock`.',
    http: 422,
    exit: 3,
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
