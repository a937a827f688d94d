import { lstatSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CHANGED_LATER, isPlainGitConfig } from '@sallyport/core'
import { placeAt } from './place.ts'

/** Names that a program outside obeys unasked as soon as they are there, and that no sandbox can cover before (T-041). */
const OBEYED = CHANGED_LATER.filter((name) => !name.startsWith('.git'))
/** In a repository: other directories and settings that git takes for its own. */
const OBEYED_BY_GIT = ['commondir', 'config.worktree']

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/**
 * Remembers what is not in a workspace now. The result takes what was made meanwhile out of the way: it gets another name, and nothing
 * obeys it. A repository that was made is kept when its configuration names nothing to run; its hooks are not.
 * @returns their new names; with `unguarded`, files of a repository that were there are looked at as well
 */
export function watchObeyed(workspace: string): (unguarded: boolean) => readonly string[] {
  const git = join(workspace, '.git')
  const hadGit = exists(git)
  const [hadConfig, hadHooks] = [exists(join(git, 'config')), exists(join(git, 'hooks'))]
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
    ]
    return [...absent.filter(exists), ...made].map(renamed)
  }
}

function madeConfig(config: string): readonly string[] {
  const isPlain = placeAt(config)?.kind === 'file' && isPlainGitConfig(readFileSync(config, 'utf8'))
  return exists(config) && !isPlain ? [config] : []
}

function madeHooks(hooks: string): readonly string[] {
  if (placeAt(hooks)?.kind !== 'directory') return exists(hooks) ? [hooks] : []
  const active = readdirSync(hooks).filter((name) => !name.endsWith('.sample') && !name.endsWith(ASIDE))
  return active.map((name) => join(hooks, name))
}

const ASIDE = '.from-sandbox'

function renamed(path: string): string {
  for (let number = 1; ; number++) {
    const aside = join(path, '..', `${basename(path)}${number === 1 ? '' : `-${number}`}${ASIDE}`)
    if (exists(aside)) continue
    renameSync(path, aside)
    return aside
  }
}
