import { spend, type Env } from './value.ts'

export type PatternElement = 'Wildcard' | { readonly Literal: string }

/**
 * Cedar's `like`: `*` stands for any text, everything else for itself. The literal runs between wildcards are looked for
 * from left to right, so the work grows with the length of the text and never backtracks (T-160).
 */
export function compilePattern(pattern: readonly PatternElement[]): (env: Env, text: string) => boolean {
  const runs: string[] = []
  let literal = ''
  for (const element of pattern) {
    if (element === 'Wildcard') {
      runs.push(literal)
      literal = ''
    } else literal += element.Literal
  }
  const tail = literal
  if (runs.length === 0) return (_, text) => text === tail
  const head = runs[0] ?? ''
  const middle: string[] = []
  let longest = 0
  for (const run of runs.slice(1)) {
    if (run !== '') middle.push(run)
    longest = Math.max(longest, run.length)
  }
  const fixed = head.length + tail.length
  if (middle.length === 0) {
    return (env, text) => {
      spend(env, 1)
      return text.length >= fixed && text.startsWith(head) && text.endsWith(tail)
    }
  }
  return (env, text) => {
    if (text.length < fixed) return false
    spend(env, 20 + (text.length >> 1) * Math.max(1, longest >> 3))
    if (!text.startsWith(head) || !text.endsWith(tail)) return false
    const end = text.length - tail.length
    let at = head.length
    for (const run of middle) {
      const found = text.indexOf(run, at)
      if (found < 0 || found + run.length > end) return false
      at = found + run.length
    }
    return true
  }
}

/** Tokens of a pattern in policy text, with the characters that Cedar treats specially escaped. */
export function quotePattern(glob: string): string {
  return glob
    .split('*')
    .map((part) => quoteString(part))
    .join('*')
}

/** A text as it stands between the quotes of a Cedar string. */
export function quoteString(text: string): string {
  return text.replace(/[\\"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) =>
    character === '\\' || character === '"' ? `\\${character}` : `\\u{${character.charCodeAt(0).toString(16)}}`,
  )
}
