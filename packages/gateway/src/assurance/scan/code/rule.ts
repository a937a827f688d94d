import type { Severity } from '@sallyport/core'
import type { Language } from './syntax.ts'

export const CATEGORIES = [
  'hardcoded_credentials',
  'dangerous_execution',
  'outbound_network',
  'deserialization',
  'sql_injection',
  'weak_crypto',
  'path_traversal',
] as const
export type Category = (typeof CATEGORIES)[number]

/** TypeScript is read by the rules of JavaScript. */
export type RuleLanguage = Exclude<Language, 'typescript'>

/** An argument: its place, its name (also of an option in an object), or the object the method belongs to. */
export type ArgumentRef = number | string

/**
 * What makes a call a finding besides its name:
 * - `call` nothing · `shell` `code` a text with parts that somebody chooses · `fragment` the same of SQL without its verb
 * - `argv` an interpreter among the arguments that is given such a text · `program` the program itself is chosen
 * - `below` the same of a path that is put together · `condition` a text with parts that compares · `url` the host is · `path` a part of a path is, without a check · `sql` a statement is put together
 */
type Take = 'call' | 'shell' | 'code' | 'argv' | 'program' | 'url' | 'path' | 'sql' | 'fragment' | 'condition' | 'below'

export interface Condition {
  readonly arg?: ArgumentRef
  /** `yes`: a function that accepts everything · `built`: a text that is put together. */
  readonly is?: 'yes' | 'built' | 'true' | 'false' | 'missing' | 'given' | 'constant' | 'list' | 'dynamic' | 'map'
  /** The constant text of the argument, or the name of what it is, matches. */
  readonly like?: RegExp
  /** The argument is a number below this. */
  readonly below?: number
  /** What it is made of has such a name. */
  readonly from?: RegExp
  /** The name of the object of a method matches. */
  readonly on?: RegExp
  /** A name around the call says what the value is for. */
  readonly purpose?: RegExp
}

export interface Sink {
  /** Names with spaces between: `os.system`, `*.execute` on whatever object. */
  readonly call: string
  /** Default `call`. */
  readonly take?: Take
  /** Which arguments are looked at; default the first. */
  readonly args?: readonly ArgumentRef[]
  /** All must hold. */
  readonly where?: readonly Condition[]
  /** None may hold. */
  readonly unless?: readonly Condition[]
}

/** A name that must not get a value. */
export interface Setting {
  readonly name: RegExp
  readonly is?: 'true' | 'false' | 'constant'
  /** The constant text, or the name of what it is. */
  readonly like?: RegExp
  readonly languages?: readonly RuleLanguage[]
}

export interface Rule {
  readonly id: `code.${Category}.${string}`
  readonly severity: Severity
  /** Number in the Common Weakness Enumeration. */
  readonly cwe: number
  readonly title: string
  readonly fix: string
  readonly sinks?: Readonly<Partial<Record<RuleLanguage, readonly Sink[]>>>
  readonly settings?: readonly Setting[]
  /** Run as tests: each `bad` text must be found by this rule, no `good` text by any rule of its category. */
  readonly examples: Readonly<
    Partial<Record<RuleLanguage, { readonly bad: readonly string[]; readonly good: readonly string[] }>>
  >
}

export const categoryOf = (id: string): Category => id.split('.')[1] as Category
