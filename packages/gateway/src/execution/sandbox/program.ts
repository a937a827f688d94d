import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { realOf } from './host.ts'
import { placeAt } from './place.ts'

export interface Program {
  /** What is executed inside: the program itself, not a link to it. */
  readonly path: string
  /** What of the host it needs beside the system's own. */
  readonly shown: readonly string[]
}

/**
 * Finds a program as the caller's shell would, and the package that it belongs to: that alone is shown, not the directory it was
 * installed into, which may be a home.
 * @param searched directories of PATH
 * @throws SallyportError SP_SANDBOX_PROGRAM when there is none
 */
export function findProgram(name: string, cwd: string, searched = ''): Program {
  const path = candidates(name, cwd, searched).find(isExecutable)
  if (path === undefined) throw new SallyportError('SP_SANDBOX_PROGRAM', `There is no program ${JSON.stringify(name)}.`)
  const real = realpathSync(path)
  return { path: real, shown: real.startsWith('/usr/') || isSystem(real) ? [] : [packageOf(real)] }
}

const isSystem = (path: string): boolean => /^\/(?:s?bin|lib\w*)\//.test(path)

/**
 * What a command line of an operator names by absolute paths: packages of scripts, because an interpreter alone does not say what it
 * runs, and directories that may be a workspace.
 */
export const namedIn = (args: readonly string[], isWork: (directory: string) => boolean): readonly string[] =>
  args.flatMap((word) => {
    if (!isAbsolute(word)) return []
    const real = realOf(word)
    const kind = real.startsWith('/usr/') ? undefined : placeAt(real)?.kind
    if (kind === 'file') return [packageOf(real)]
    return kind === 'directory' && isWork(real) ? [real] : []
  })

function candidates(name: string, cwd: string, searched: string): readonly string[] {
  if (isAbsolute(name)) return [name]
  if (name.includes('/')) return [resolve(cwd, name)]
  // a relative entry would let the workspace choose the program
  const directories = searched.split(':').filter((directory) => isAbsolute(directory))
  return directories.map((directory) => join(directory, name))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The nearest directory with a `package.json`; inside `node_modules`, the outermost of these, with what its packages need. */
export function packageOf(file: string): string {
  const modules = /^.*?\/node_modules(?=\/)/.exec(file)?.[0]
  if (modules !== undefined) return modules
  for (let at = dirname(file); at !== '/'; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at
  return file
}
