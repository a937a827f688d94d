import type { Effect } from './effects.ts'
import type { Language } from './languages.ts'

/** A word or phrase in a one-liner that tells what it does. */
export interface CodeSign {
  readonly id: string
  /** Undefined: in every language. */
  readonly languages?: readonly Language[]
  /** Held against code whose string literals are emptied. */
  readonly bare?: true
  readonly pattern: RegExp
  readonly effect: Effect | 'writes' | 'deletes' | 'network'
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}
