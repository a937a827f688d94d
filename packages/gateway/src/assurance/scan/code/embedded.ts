import { named } from './flow/given.ts'
import type { CallSite } from './flow/machine.ts'
import { constantText, textValue } from './flow/value.ts'
import type { Language } from './syntax.ts'

const INTERPRETERS: readonly (readonly [RegExp, Language])[] = [
  [/^python[\d.]*$/, 'python'],
  [/^(?:node|bun|deno)$/, 'javascript'],
  [/^ruby$/, 'ruby'],
]
const TAKES_PROGRAM = /^(?:-\w*[ce]|--eval|eval|-p|--print)$/

export interface Embedded {
  readonly text: string
  readonly language: Language
}

/** A program in a shell script: `python3 -c '…'`, or what an interpreter reads; undefined: there is none. */
export function embeddedIn({ language, path, name, given }: CallSite): Embedded | undefined {
  if (language !== 'bash') return undefined
  const isFed = path === '|sh'
  const program = isFed ? constantText(named(given, 'program') ?? textValue('')) : name
  const found = INTERPRETERS.find(([pattern]) => program !== undefined && pattern.test(program))
  if (found === undefined) return undefined
  const words = given.map(({ value }) => constantText(value))
  const at = isFed ? 0 : words.findIndex((word) => word !== undefined && TAKES_PROGRAM.test(word)) + 1
  const text = isFed || at > 0 ? words[at] : undefined
  return text === undefined || text.length < 8 ? undefined : { text, language: found[1] }
}
