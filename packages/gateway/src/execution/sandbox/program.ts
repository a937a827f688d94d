import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { isExecutable } from './host.ts'
import { placeAt } from './place.ts'
import { mayShow } from './workspace.ts'

export interface Program {
  /** What is executed inside: the program itself, not a link to it. */
  readonly path: string
  /** What of the host it needs beside the system's own. */
  readonly shown: readonly string[]
}

/**
 * Finds a program as the caller's shell would, and the package that it belongs to: that alone is shown, not the directory it was
 * installed into, which may be a home.
 * @throws SallyportError SP_SANDBOX_PROGRAM when there is none
 */
export function findProgram(name: string, { cwd, searched = '', stateDir }: Search): Program {
  const path = candidates(name, cwd, searched).find(isExecutable)
  if (path === undefined) throw missing(name, 'There is no program')
  const real = realpathSync(path)
  if (real.startsWith('/usr/') || isSystem(real)) return { path: real, shown: [] }
  // what is named by its path is what is meant, and no link that somebody put there; names are looked up where links are usual
  if (name.includes('/') && real !== path) throw missing(name, 'A link stands on the way to the program')
  return { path: real, shown: shownFor(real, stateDir) }
}

export interface Search {
  readonly cwd: string
  /** Directories of PATH. */
  readonly searched?: string | undefined
  readonly stateDir: string
}

const missing = (name: string, what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_PROGRAM', `${what} ${JSON.stringify(name)}.`)

const isSystem = (path: string): boolean => /^\/(?:s?bin|lib\w*)\//.test(path)

/**
 * What a command line of an operator names by absolute paths: packages of scripts, because an interpreter alone does not say what it
 * runs, and directories of work. Nothing behind a link: what it leads to may have changed since somebody looked (T-140).
 */
export const namedIn = (args: readonly string[], stateDir: string): readonly string[] =>
  args.flatMap((word) => {
    const kind = isAbsolute(word) && !word.startsWith('/usr/') ? placeAt(word)?.kind : undefined
    if (kind === 'file') return shownFor(word, stateDir)
    return kind === 'directory' && mayShow(word, stateDir) ? [word] : []
  })

function candidates(name: string, cwd: string, searched: string): readonly string[] {
  if (isAbsolute(name)) return [name]
  if (name.includes('/')) return [resolve(cwd, name)]
  // a relative entry would let the workspace choose the program
  const directories = searched.split(':').filter((directory) => isAbsolute(directory))
  return directories.map((directory) => join(directory, name))
}

/** The package of a file, else the file itself, and what Node looks in for others; nothing of what nobody sees. */
const shownFor = (file: string, stateDir: string): readonly string[] =>
  mayShow(file, stateDir) ? [packageOf(file, stateDir), ...modulesAbove(file, stateDir)] : []

/** Directories `node_modules` beside and above a file. */
function modulesAbove(file: string, stateDir: string): readonly string[] {
  const found: string[] = []
  for (let at = dirname(file); at !== '/'; at = dirname(at)) {
    const modules = join(at, 'node_modules')
    if (placeAt(modules)?.kind === 'directory' && mayShow(modules, stateDir)) found.push(modules)
  }
  return found
}

/** The outermost `node_modules` around it, else the nearest directory with a `package.json`, unless that holds more than a package. */
export function packageOf(file: string, stateDir: string): string {
  const modules = /^.*?\/node_modules(?=\/)/.exec(file)?.[0]
  if (modules !== undefined && mayShow(modules, stateDir)) return modules
  for (let at = dirname(file); mayShow(at, stateDir); at = dirname(at))
    if (existsSync(join(at, 'package.json'))) return at
  return file
}
