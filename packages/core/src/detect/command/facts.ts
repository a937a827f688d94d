import type { Effect } from './effects.ts'

/**
 * What a command line does, as far as can be known before it runs: sets of strings and booleans, so that a policy can take
 * them as typed context (SEC-3.3, T-150). Lists are sorted and without duplicates.
 */
export interface CommandFacts {
  /** Programs that would run, wrappers and nested shells resolved: `env`, `curl`, `sh`. */
  readonly programs: readonly string[]
  readonly effects: readonly Effect[]
  readonly hosts: readonly string[]
  readonly urls: readonly string[]
  /** Paths, normalised: relative to the workspace, absolute, or beginning with `~`. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly deletes: readonly string[]
  /** Variables whose value the command line takes from outside. */
  readonly variables: readonly string[]
  /** Empty when every leaf was resolved. */
  readonly opaque: readonly string[]
  /** Resolved argument vectors; `null` where an argument is only known when it runs. */
  readonly argv: readonly (readonly (string | null)[])[]
  readonly evidence: readonly Evidence[]
}

/** Why an effect is among the facts. */
export interface Evidence {
  readonly effect: Effect
  readonly program: string
  /** The word, path, host or code that gave it away; cut at 120 characters. Not redacted. */
  readonly detail: string
  /** UTF-16 units in the source; the whole simple command. */
  readonly start: number
  readonly end: number
}

/** Collects facts while a command line is walked. */
interface FactSink {
  program(name: string): void
  argv(words: readonly (string | null)[]): void
  effect(effect: Effect, detail: string): void
  host(host: string): void
  url(url: string): void
  path(use: 'read' | 'write' | 'delete', path: string): void
  variable(name: string): void
  opaque(reason: string): void
}

export interface FactCollector extends FactSink {
  /** Where in the source the following effects lie, and which program has them. */
  locate(program: string, start: number, end: number): void
  facts(): CommandFacts
}

const LONGEST_DETAIL = 120
const MOST = 2000

export function collectFacts(): FactCollector {
  const programs = new Set<string>()
  const hosts = new Set<string>()
  const urls = new Set<string>()
  const variables = new Set<string>()
  const opaque = new Set<string>()
  const paths = { read: new Set<string>(), write: new Set<string>(), delete: new Set<string>() }
  const argvs: (readonly (string | null)[])[] = []
  const evidence = new Map<string, Evidence>()
  let at = { program: '', start: 0, end: 0 }
  const add = (set: Set<string>, value: string): void => void (set.size < MOST && set.add(value))
  const sorted = (set: ReadonlySet<string>): readonly string[] => [...set].sort()
  return {
    program: (name) => add(programs, name),
    argv: (words) => void (argvs.length < MOST && argvs.push(words)),
    effect(effect, detail) {
      const short = detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail
      const key = `${effect}\0${at.program}\0${short}`
      if (!evidence.has(key) && evidence.size < MOST) evidence.set(key, { effect, ...at, detail: short })
    },
    host: (host) => add(hosts, host),
    url: (url) => add(urls, url),
    path: (use, path) => add(paths[use], path),
    variable: (name) => add(variables, name),
    opaque: (reason) => add(opaque, reason),
    locate(program, start, end) {
      at = { program, start, end }
    },
    facts: () => ({
      programs: sorted(programs),
      effects: [...new Set([...evidence.values()].map(({ effect }) => effect))].sort(),
      hosts: sorted(hosts),
      urls: sorted(urls),
      reads: sorted(paths.read),
      writes: sorted(paths.write),
      deletes: sorted(paths.delete),
      variables: sorted(variables),
      opaque: sorted(opaque),
      argv: argvs,
      evidence: [...evidence.values()],
    }),
  }
}
