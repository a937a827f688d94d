/** A shell command line as plain data: what the parser at the edge hands to the pure analysis. Offsets are UTF-16 units. */
export interface Script {
  readonly commands: readonly Command[]
}

export type Command = Simple | Pipeline | Sequence | Group | Loop | Branch | Definition

/** `A=1 program word… <in >out`. Without words: assignments and redirections only. */
export interface Simple {
  readonly kind: 'simple'
  readonly assignments: readonly Assignment[]
  readonly words: readonly Word[]
  readonly redirects: readonly Redirect[]
  readonly background?: boolean
  readonly start: number
  readonly end: number
}

interface Pipeline {
  readonly kind: 'pipeline'
  readonly stages: readonly Command[]
  readonly background?: boolean
}

/** `a && b || c`, one after the other. */
interface Sequence {
  readonly kind: 'sequence'
  readonly commands: readonly Command[]
  readonly background?: boolean
}

/** `( … )`, `{ …; }` and a compound command with redirections. */
interface Group {
  readonly kind: 'group'
  readonly subshell: boolean
  readonly body: readonly Command[]
  readonly redirects: readonly Redirect[]
  readonly background?: boolean
}

interface Loop {
  readonly kind: 'loop'
  /** `for` and `select`: the variable and what it runs over; undefined where the list is not written. */
  readonly variable?: string
  readonly items?: readonly Word[]
  readonly condition: readonly Command[]
  readonly body: readonly Command[]
  readonly background?: boolean
}

/** `if`, `case`, `[[ … ]]`, `(( … ))`: every branch may run. `words` are evaluated on the way. */
interface Branch {
  readonly kind: 'branch'
  readonly words: readonly Word[]
  readonly branches: readonly (readonly Command[])[]
  readonly background?: boolean
}

interface Definition {
  readonly kind: 'function'
  readonly name: string
  readonly body: readonly Command[]
  readonly background?: boolean
}

export interface Assignment {
  readonly name: string
  readonly append: boolean
  /** One word, or the elements of an array. */
  readonly values: readonly Word[]
  readonly array: boolean
}

export interface Redirect {
  /** `<` `>` `>>` `<>` `>|` `&>` `&>>` `<&` `>&` `<<` `<<<` */
  readonly operator: string
  readonly fd: number | undefined
  /** The file, or the text of a here-string or here-document. */
  readonly target: Word
}

export interface Word {
  readonly parts: readonly Part[]
  /** As written. */
  readonly source: string
  readonly start: number
  readonly end: number
}

export type Part =
  /** `how`: plain, 'single', 'double', `$'ansi'` or here-document text. Escapes are resolved. */
  | {
      readonly kind: 'literal'
      readonly value: string
      readonly how: 'plain' | 'single' | 'double' | 'ansi'
      readonly source: string
    }
  /** Unquoted `*`, `?`, `[…]`, extended patterns. */
  | { readonly kind: 'glob'; readonly source: string }
  /** Unquoted `{a,b}` or `{1..3}`. */
  | { readonly kind: 'brace'; readonly source: string }
  /** `$x`, `${x…}`: `plain` when the value is used as it is; `fallback` is the word of `:-`, `:=`, `:+`. */
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly plain: boolean
      readonly quoted: boolean
      readonly indirect: boolean
      readonly words: readonly Word[]
      readonly source: string
    }
  | {
      readonly kind: 'substitution'
      readonly script: Script
      readonly quoted: boolean
      readonly source: string
    }
  | { readonly kind: 'process'; readonly direction: '<' | '>'; readonly script: Script; readonly source: string }
  | { readonly kind: 'arithmetic'; readonly words: readonly Word[]; readonly source: string }

/** What a parser makes of a source: a script both parsers agree on, or the reason why nobody can say what it does. */
export type Parsed = { readonly script: Script } | { readonly opaque: OpaqueReason }

export type OpaqueReason =
  'too-long' | 'syntax-error' | 'parsers-disagree' | 'over-budget' | 'parser-failed' | 'too-deep'

/** Deterministic and synchronous; never throws. */
export type ParseShell = (source: string) => Parsed
