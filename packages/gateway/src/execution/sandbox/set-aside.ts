import { chmodSync, lstatSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CHANGED_LATER, isPlainGitConfig } from '@sallyport/core'
import { placeAt } from './place.ts'

/** Names that a program outside obeys unasked as soon as they are there, and that no sandbox can cover before (T-041). */
const OBEYED = CHANGED_LATER.filter(
  (name) => !name.startsWith('.git/') && name !== '.gitmodules' && !name.endsWith('/'),
)
/** In a repository: other directories and settings that git takes for its own. */
const OBEYED_BY_GIT = ['commondir', 'config.worktree']

/** What makes git take a directory for a repository without work tree, with all that its configuration says. */
const BARE_REPOSITORY = ['HEAD', 'objects', 'refs']

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // a file where a directory was looked for
    return false
  }
}

/**
 * Remembers what is not in a workspace now. The result takes what was made meanwhile out of the way: it gets another name, and nothing
 * obeys it. A repository that was made is kept when its configuration names nothing to run; its hooks are not.
 * @returns their new names; with `unguarded`, files of a repository that were there are looked at as well
 */
export function watchObeyed(workspace: string): (unguarded: boolean) => readonly string[] {
  const git = join(workspace, '.git')
  const hadGit = exists(git)
  const [hadConfig, hadHooks] = [exists(join(git, 'config')), exists(join(git, 'hooks'))]
  const isBare = (): boolean => BARE_REPOSITORY.every((name) => exists(join(workspace, name)))
  const wasBare = isBare()
  const absent = [
    ...OBEYED.map((name) => join(workspace, name)),
    ...(hadGit ? OBEYED_BY_GIT.map((name) => join(git, name)) : []),
  ].filter((path) => !exists(path))
  return (unguarded) => {
    // a link, or a file that names another directory: what it leads to was not looked at
    if (!hadGit && exists(git) && placeAt(git)?.kind !== 'directory')
      return [...absent.filter(exists), git].map(renamed)
    const made = [
      ...(hadGit ? [] : OBEYED_BY_GIT.map((name) => join(git, name)).filter(exists)),
      ...(hadConfig && !unguarded ? [] : madeConfig(join(git, 'config'))),
      ...(hadHooks && !unguarded ? [] : madeHooks(join(git, 'hooks'))),
      ...(!wasBare && isBare() ? [join(workspace, 'HEAD')] : []),
    ]
    return [...absent.filter(exists), ...made].map(renamed)
  }
}

function madeConfig(config: string): readonly string[] {
  return exists(config) && !isPlain(config) ? [config] : []
}

function isPlain(config: string): boolean {
  try {
    return placeAt(config)?.kind === 'file' && isPlainGitConfig(readFileSync(config, 'utf8'))
  } catch {
    return false
  }
}

function madeHooks(hooks: string): readonly string[] {
  if (placeAt(hooks)?.kind !== 'directory') return exists(hooks) ? [hooks] : []
  try {
    const active = readdirSync(hooks).filter((name) => !name.endsWith('.sample') && !name.endsWith(ASIDE))
    return active.map((name) => join(hooks, name))
  } catch {
    return [hooks]
  }
}

const ASIDE = '.from-sandbox'

/** @returns the new name, or why there is none: a workspace that cannot be tidied must not keep anybody waiting */
function renamed(path: string): string {
  const directory = dirname(path)
  for (let number = 1; ; number++) {
    const aside = join(directory, `${basename(path)}${number === 1 ? '' : `-${number}`}${ASIDE}`)
    if (exists(aside)) continue
    try {
      renameIn(directory, path, aside)
      return aside
    } catch {
      return `${path}, which could not be renamed: look at it before anything else does`
    }
  }
}

/** A directory that was made read-only is made writable for it. */
function renameIn(directory: string, path: string, aside: string): void {
  try {
    renameSync(path, aside)
  } catch {
    if (placeAt(directory)?.kind === 'directory') chmodSync(directory, OWNERS)
    renameSync(path, aside)
  }
}

const OWNERS = 0o755
