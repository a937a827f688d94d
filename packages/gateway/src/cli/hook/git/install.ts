import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { SallyportError } from '@sallyport/core'
import { PROGRAM } from '../../../places.ts'
import { git } from './index-files.ts'

const MARK = '# Sallyport: secrets and dangerous code stay out of commits.'
/** Both make commits: git does not ask `pre-commit` about a merge. */
const HOOKS = ['pre-commit', 'pre-merge-commit']

/**
 * Writes the hooks of the repository. A hook that is there and not ours is left alone.
 * @returns the files
 * @throws SallyportError SP_CLI_USAGE when a hook is in the way; nothing is written then
 */
export function installHooks(cwd: string): readonly string[] {
  const folder = resolve(cwd, git(cwd, ['rev-parse', '--git-path', 'hooks']).toString('utf8').trim())
  const files = HOOKS.map((name) => join(folder, name))
  for (const file of files)
    if (existsSync(file) && !readFileSync(file, 'utf8').includes(MARK))
      throw new SallyportError(
        'SP_CLI_USAGE',
        `${file} is there already. Put the line \`sallyport hook git || exit 1\` into it, or move it away.`,
      )
  mkdirSync(folder, { recursive: true })
  for (const file of files) {
    writeFileSync(file, `#!/bin/sh\n${MARK}\nexec ${quoted(execPath)} ${quoted(PROGRAM)} hook git\n`)
    chmodSync(file, 0o755)
  }
  return files
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
