import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'

export interface Program {
  /** What is executed inside: the program itself, not a link to it. */
  readonly path: string
  /** What of the host it needs beside the system's own. */
  readonly shown: readonly string[]
}

/**
 * Finds a program as the caller's shell would, and the package that it belongs to: that alone is shown, not the directory it was
 * installed into, which may be a home.
 * @throws SallyportError SP_CLI_USAGE when there is none
 */
export function findProgram(name: string, cwd: string): Program {
  const path = candidates(name, cwd).find(isExecutable)
  if (path === undefined) throw new SallyportError('SP_CLI_USAGE', `There is no program ${JSON.stringify(name)}.`)
  const real = realpathSync(path)
  return { path: real, shown: real.startsWith('/usr/') || isSystem(real) ? [] : [packageOf(real)] }
}

const isSystem = (path: string): boolean => /^\/(?:s?bin|lib\w*)\//.test(path)

function candidates(name: string, cwd: string): readonly string[] {
  if (isAbsolute(name)) return [name]
  if (name.includes('/')) return [resolve(cwd, name)]
  // a relative entry would let the workspace choose the program
  const directories = (environment()['PATH'] ?? '').split(':').filter((directory) => isAbsolute(directory))
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
function packageOf(file: string): string {
  const modules = /^.*?\/node_modules(?=\/)/.exec(file)?.[0]
  if (modules !== undefined) return modules
  for (let at = dirname(file); at !== '/'; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at
  return file
}
