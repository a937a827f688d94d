import type { Language } from '../syntax.ts'
import { LEVEL, type Level } from '../flow/value.ts'
import { PRELUDES } from './preludes.ts'
import { RENAMES } from './renames.ts'
import { CONFIGURED, SOURCES } from './sources.ts'

/** What names mean in a language. */
export interface NameModel {
  /** The name by which the rules know a path. */
  canonical(path: string): string
  /** The same of a member of what has the path. */
  member(path: string, name: string): string
  /** The same of what a call of it gives. */
  result(path: string): string
  /** What a name stands for that the text does not declare. */
  undeclared(name: string): { readonly path: string; readonly level: Level; readonly known: boolean }
  /** Undefined: the path says nothing about who chooses the value. */
  sourceLevel(path: string): Level | undefined
}

/** Modules whose names excerpts also give to values. */
const AS_VALUES: ReadonlySet<string> = new Set('url path request code text string template cursor input'.split(' '))

const MOST_REMEMBERED = 20_000

export function createNames(language: Language): NameModel {
  const renames = RENAMES[language]
  const any = new RegExp(renames.map(([{ source }]) => `(?:${source})`).join('|') || '(?!)')
  const prelude = PRELUDES[language]
  const sources = SOURCES[language]
  const configured = CONFIGURED[language]
  const known = new Map<string, string>()
  const levels = new Map<string, Level | undefined>()
  const canonical = (path: string): string => {
    // of what is not known, or declared in the text
    if (path.startsWith('?') || path.startsWith('=')) return path
    const before = known.get(path)
    if (before !== undefined) return before
    let now = path
    if (any.test(path)) for (const [pattern, to] of renames) now = now.replace(pattern, to)
    if (known.size > MOST_REMEMBERED) known.clear()
    known.set(path, now)
    return now
  }
  const sourceLevel = (path: string): Level | undefined => {
    if (levels.has(path)) return levels.get(path)
    const level = configured.test(path) ? LEVEL.config : sources.test(path) ? LEVEL.input : undefined
    if (levels.size > MOST_REMEMBERED) levels.clear()
    levels.set(path, level)
    return level
  }
  // one text for each name: what is looked up by it is found without reading it again
  const members = new Map<string, Map<string, string>>()
  let remembered = 0
  const joined = (path: string, name: string, whole: () => string): string => {
    const known = members.get(path)?.get(name)
    if (known !== undefined) return known
    if (remembered++ > MOST_REMEMBERED) {
      members.clear()
      remembered = 0
    }
    const now = canonical(whole())
    const of = members.get(path) ?? new Map<string, string>()
    members.set(path, of.set(name, now))
    return now
  }
  return {
    canonical,
    member: (path, name) => joined(path, name, () => `${path}.${name}`),
    result: (path) => joined(path, '()', () => `${path}()`),
    sourceLevel,
    undeclared: (name) => {
      const full = prelude.get(name)
      if (full !== undefined)
        return { path: canonical(full), level: AS_VALUES.has(name) ? LEVEL.free : LEVEL.config, known: true }
      const path = canonical(name)
      const level = sourceLevel(path) ?? (isConstantName(name, language) ? LEVEL.config : LEVEL.free)
      return { path, level, known: path !== name }
    },
  }
}

/** Names of constants and types by the custom of the language. In a shell script capitals are variables of the environment. */
const isConstantName = (name: string, language: Language): boolean =>
  language !== 'bash' && /^_*[A-Z]/.test(name) && (/^[A-Z0-9_]+$/.test(name) || language !== 'go')
