import type { Effect } from './effects.ts'
import type { FactCollector } from './facts.ts'
import type { Stream } from './flow.ts'
import type { Invocation } from './invocation.ts'
import { judgePath, normalisePath, regionOf, type PathPolicy, type Place } from './paths.ts'
import type { Command, ParseShell, Script } from './syntax.ts'
import type { Value } from './words.ts'

/** Commands inside commands: shells, substitutions and wrappers together. */
export const DEEPEST = 40

export interface CommandPolicy extends PathPolicy {
  /** Hosts that count as this machine, apart from the loopback names. */
  readonly localHosts: readonly string[]
}

/** What a shell remembers from one command to the next. Copied for subshells. */
interface ShellState {
  variables: Map<string, string>
  functions: Map<string, readonly Command[]>
  aliases: Map<string, string>
  place: Place
  /** Files written by this command line: their text when it is known, and whether it came from another host. */
  written: Map<string, { readonly text: string | undefined; readonly network: boolean }>
}

/** Code inside a command line: what an interpreter is given, or the known text of a file that is written. */
export interface CarriedCode {
  readonly text: string
  /** As `LANGUAGES` has it; absent for a file. */
  readonly language?: string
  /** As the line names it, from the directory it runs in. */
  readonly path?: string
}

/** One analysis while it runs. */
export interface Scene {
  readonly facts: FactCollector
  readonly policy: CommandPolicy
  readonly parse: ParseShell
  readonly state: ShellState
  readonly depth: number
  /** Inside a container or on another host: paths are not those of the workspace. */
  readonly elsewhere: boolean
  /** What it prints goes into another command. */
  readonly piped?: boolean
  /** Commands that may still be looked at. */
  readonly budget: { left: number }
  readonly position: { readonly start: number; readonly end: number }
  /** Told of code that the line carries. */
  readonly onCode?: ((code: CarriedCode) => void) | undefined
  /** Runs a parsed script and says what it prints. */
  runScript(script: Script, scene: Scene, input: Stream): Stream
  /** Runs a list of words as a command. */
  runWords(words: readonly Value[], scene: Scene, input: Stream): Stream
}

/** What a special case of one program says; undefined leaves the rest to its description. */
export type Special = (invocation: Invocation, scene: Scene, input: Stream) => Stream | undefined

export function report(scene: Scene, effect: Effect, detail: string): void {
  scene.facts.effect(effect, detail)
}

export const normal = (scene: Scene, text: string): string => normalisePath(text, scene.state.place, scene.policy)

export function useRead(scene: Scene, value: Value): Effect | undefined {
  if (value.process !== undefined || value.text === '-' || value.text === '') return undefined
  const path = normal(scene, value.text)
  scene.facts.path('read', path)
  const effect = scene.elsewhere ? undefined : judgePath(path, 'read', value.glob)
  if (effect !== undefined) report(scene, effect, path)
  return effect
}

/** @param mild making a directory: allowed wherever it means nothing by itself */
export function useWrite(scene: Scene, value: Value, mild = false): void {
  if (value.process !== undefined || value.text === '-' || value.text === '') return
  const path = normal(scene, value.text)
  scene.facts.path('write', path)
  if (scene.elsewhere) return
  if (/^~\/\.ssh\/known_hosts$/.test(path)) return
  const effect = judgePath(path, 'write', value.glob)
  if (effect !== undefined) {
    if (!(mild && (effect === 'write.outside' || effect === 'persist.shell-profile'))) report(scene, effect, path)
    return
  }
  if (mild) return
  const region = regionOf(path)
  if (region === 'home') report(scene, 'write.outside', path)
  else if (region === 'system') report(scene, 'write.system', path)
  else if (region === 'above' && path.startsWith('../../..')) report(scene, 'write.outside', path)
}

export function useDelete(scene: Scene, value: Value, recursive: boolean): void {
  const path = normal(scene, value.text)
  scene.facts.path('delete', path)
  if (scene.elsewhere) return
  const many = recursive || value.glob
  if (scene.state.place === undefined && many && !path.startsWith('/') && !path.startsWith('~')) {
    report(scene, 'delete.computed', path)
    return
  }
  if (path === '.git' || /^\.git\/?(?:$|\*|objects|refs)/.test(path))
    return report(scene, 'delete.workspace-root', path)
  const effect = judgePath(path, 'delete', value.glob)
  if (effect !== undefined) return report(scene, effect, path)
  switch (regionOf(path)) {
    case 'root-of-workspace':
      if (many) report(scene, 'delete.workspace-root', path)
      break
    case 'above':
      report(scene, 'delete.outside', path)
      break
    case 'home':
      report(scene, /^~(?:\/[*.]*)?$/.test(path) ? 'delete.system' : 'delete.outside', path)
      break
    case 'system':
      if (path !== '/dev/null')
        report(scene, /^\/[^/]*(?:\/\*)?$/.test(path) ? 'delete.system' : 'delete.outside', path)
      break
    case 'temporary':
      if (/^\/(?:var\/)?tmp\/[*.]*$/.test(path)) report(scene, 'delete.outside', path)
      break
    case 'unknown':
      if (many) report(scene, 'delete.computed', path)
      break
    case 'workspace':
    case 'device':
      if (recursive && !value.known && value.text.includes('$(')) report(scene, 'delete.computed', path)
      break
  }
}

/** Where a program found by path comes from: the system's directories and installed tools are ordinary. */
export function judgeProgramPath(scene: Scene, text: string): Effect | undefined {
  if (!text.includes('/') || scene.elsewhere) return undefined
  const path = normal(scene, text)
  if (
    /^\/(?:usr\/|opt\/|nix\/store\/|snap\/|System\/|Library\/|Applications\/)|^\/s?bin\/|^\/lib(?:64|32)?\/ld/.test(
      path,
    )
  ) {
    return undefined
  }
  if (
    /^~\/\.(?:local\/(?:share\/)?(?:bin|pnpm)|cargo\/bin|deno\/bin|bun\/bin|nvm\/|volta\/|pyenv\/|rbenv\/|asdf\/|sdkman\/|go\/bin|dotnet\/|yarn\/bin|npm-global\/|poetry\/bin|fly\/bin|rye\/|foundry\/bin)|^~\/(?:go\/bin|bin)\//.test(
      path,
    )
  ) {
    return undefined
  }
  const region = regionOf(path)
  if (region === 'workspace') return /(?:^|\/)\.git\//.test(path) ? 'exec.untrusted-file' : undefined
  if (region === 'above') return path.startsWith('../../..') ? 'exec.untrusted-file' : undefined
  return 'exec.untrusted-file'
}
