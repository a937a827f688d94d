import { textLiteral, type JsonObject } from '@sallyport/core'

export type Effect = 'allow' | 'ask' | 'deny'

/** Where paths in rules begin. */
export interface RulePlaces {
  readonly home?: string
  /** The project whose settings these are; absent for settings of a user. */
  readonly project?: string
}

/** A Cedar scope and condition, with a call that it is about and one that it must not be about. */
export interface ConvertedRule {
  readonly action: string
  readonly condition?: string
  readonly example: { readonly name: string; readonly arguments: JsonObject }
  readonly other?: JsonObject
  /** Whether it is about a call, as far as the examples of other rules go: what a test of the draft has to expect. */
  fits(tool: string, args: JsonObject): boolean
}

export type RuleResult =
  | { readonly ok: true; readonly rules: readonly ConvertedRule[] }
  | { readonly ok: false; readonly kind: 'weakens' | 'no-equivalent'; readonly why: string }

export const HOST = 'claude-code'
export const action = (tool: string): string => `action == Action::${textLiteral(`${HOST}.${tool}`)}`
export const argument = (name: string, test: (value: string) => string): string =>
  `context.args has ${name} && (${test(`context.args.${name}`)})`

export const like = (value: string, parts: readonly string[]): string =>
  `${value} like "${parts.map((part) => textLiteral(part).slice(1, -1)).join('*')}"`
export const equals = (value: string, text: string): string => `${value} == ${textLiteral(text)}`

/** What `like` says, for a text. */
export const alike = (value: unknown, parts: readonly string[]): boolean => {
  if (typeof value !== 'string') return false
  const [first = '', ...rest] = parts
  if (rest.length === 0) return value === first
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const part of rest.slice(0, -1)) {
    const found = value.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  const last = rest.at(-1) ?? ''
  return value.length - last.length >= at && value.endsWith(last)
}

export const isTool =
  (name: string, test: (args: JsonObject) => boolean = () => true): ConvertedRule['fits'] =>
  (tool, args) =>
    tool === name && test(args)

export const weakens = (why: string): RuleResult => ({ ok: false, kind: 'weakens', why })
export const unclear = (why: string): RuleResult => ({ ok: false, kind: 'no-equivalent', why })

export type Convert = (specifier: string, effect: Effect, places: RulePlaces) => RuleResult

export const SAMPLES: Readonly<Record<string, JsonObject>> = {
  Bash: { command: 'uname -a' },
  Read: { file_path: '/srv/x/a.txt' },
  Write: { file_path: '/srv/x/a.txt', content: 'x' },
  Edit: { file_path: '/srv/x/a.txt', old_string: 'a', new_string: 'b' },
  NotebookEdit: { notebook_path: '/srv/x/a.ipynb', new_source: 'x' },
  WebFetch: { url: 'https://www.example.org/' },
}
