import { lstatSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What no work makes in a repository, and git obeys when it is there: `commondir` names another directory whose configuration and hooks
 * count (T-041). It cannot be covered before it exists.
 */
const NEVER_MADE = ['.git/commondir']

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Paths of those that are not there now. */
export const absentOf = (workspace: string): readonly string[] =>
  exists(join(workspace, '.git')) ? NEVER_MADE.map((name) => join(workspace, name)).filter((path) => !exists(path)) : []

/** Renames those that were made meanwhile, so that nothing obeys them. @returns their new names */
export function setAside(absent: readonly string[]): readonly string[] {
  return absent.filter(exists).map((path) => {
    const aside = `${path}.from-sandbox`
    renameSync(path, aside)
    return aside
  })
}
