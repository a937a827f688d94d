import type { Language } from './syntax.ts'

const ENDINGS: ReadonlyMap<string, Language> = new Map([
  ['js', 'javascript'],
  ['cjs', 'javascript'],
  ['mjs', 'javascript'],
  ['jsx', 'javascript'],
  ['ts', 'typescript'],
  ['cts', 'typescript'],
  ['mts', 'typescript'],
  ['tsx', 'typescript'],
  ['py', 'python'],
  ['pyw', 'python'],
  ['pyi', 'python'],
  ['go', 'go'],
  ['rb', 'ruby'],
  ['rake', 'ruby'],
  ['gemspec', 'ruby'],
  ['java', 'java'],
  ['sh', 'bash'],
  ['bash', 'bash'],
  ['zsh', 'bash'],
  ['ksh', 'bash'],
])
const NAMES: ReadonlyMap<string, Language> = new Map([
  ['Rakefile', 'ruby'],
  ['Gemfile', 'ruby'],
])
const INTERPRETERS: readonly (readonly [RegExp, Language])[] = [
  [/\bpython/, 'python'],
  [/\b(?:node|bun|deno)/, 'javascript'],
  [/\bruby/, 'ruby'],
  [/\b(?:ba|z|k|da)?sh\b/, 'bash'],
]
const OTHER_NAMES: ReadonlyMap<string, Language> = new Map([
  ['js', 'javascript'],
  ['node', 'javascript'],
  ['jsx', 'javascript'],
  ['ts', 'typescript'],
  ['tsx', 'typescript'],
  ['py', 'python'],
  ['python3', 'python'],
  ['golang', 'go'],
  ['rb', 'ruby'],
  ['sh', 'bash'],
  ['shell', 'bash'],
  ['zsh', 'bash'],
])
const LANGUAGES: ReadonlySet<string> = new Set(ENDINGS.values())

/** The language of a file by its name; `firstLine` is asked for where the name says nothing: `deploy`, `deploy.prod`. */
export function languageOfFile(name: string, firstLine?: () => string): Language | undefined {
  const dot = name.lastIndexOf('.')
  const known = NAMES.get(name) ?? (dot > 0 ? ENDINGS.get(name.slice(dot + 1).toLowerCase()) : undefined)
  if (known !== undefined || firstLine === undefined) return known
  const line = firstLine()
  return line.startsWith('#!') ? INTERPRETERS.find(([pattern]) => pattern.test(line))?.[1] : undefined
}

/** `py`, `Python`, `golang`: the language that a caller names. */
export function languageNamed(name: string): Language | undefined {
  const plain = name.toLowerCase()
  return LANGUAGES.has(plain) ? (plain as Language) : OTHER_NAMES.get(plain)
}
