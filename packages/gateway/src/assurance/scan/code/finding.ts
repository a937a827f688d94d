import type { Severity } from '@sallyport/core'
import type { Category } from './rule.ts'

/** A place in a program that a rule objects to. Offsets in UTF-16 units, lines and columns from 1. */
export interface CodeFinding {
  /** Stable: `code.<category>.<name>`. */
  readonly rule: string
  readonly category: Category | 'unanalysable'
  readonly severity: Severity
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
  readonly message: string
  readonly fix: string
  /** Common Weakness Enumeration. */
  readonly cwe?: number
}

/** Converts offsets to lines and columns. */
export function linesOf(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
