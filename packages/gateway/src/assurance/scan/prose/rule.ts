import type { Severity } from '@sallyport/core'

/** Where a text stands decides how a rule reads it: instructions of a skill, a text of an MCP server, or something kept from the reader's eyes. */
export type ProsePlace = 'skill' | 'mcp' | 'hidden'

/**
 * A rule over what sentences mean, never over single words. `when` lists alternatives; each is a row of terms that must all be met:
 * `send` the concept occurs · `a|b` one of them · `read>secret` the first before the second within `NEAR` units · `send>>secret` directly, with nothing between that ends the reach · `send~secret` in any order ·
 * `!approval` it does not occur. Positive and negative examples run as tests.
 */
export interface ProseRule {
  /** `<category>.<name>`; a scan puts `skill.` or `mcp.` before it. */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly why: string
  readonly fix: string
  readonly when: readonly string[]
  /** All terms in one sentence (default), or in `PASSAGE` sentences that follow each other. */
  readonly within?: 'passage'
  /** Concepts that speak against it where they stand in the same sentences. */
  readonly unless?: readonly string[]
  /** Places where it holds; default: all. */
  readonly places?: readonly ProsePlace[]
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/** Most units between the two concepts of a pair. */
export const NEAR = 110
/** The same for a pair that stands directly together. */
export const DIRECT = 48
/** Sentences that are read together. */
export const PASSAGE = 4

export interface Term {
  readonly absent: boolean
  readonly first: readonly string[]
  /** Empty: no pair. */
  readonly second: readonly string[]
  readonly ordered: boolean
  readonly direct: boolean
}

export function parseTerms(row: string): readonly Term[] {
  return row.split(' ').map((word) => {
    const absent = word.startsWith('!')
    const [first = '', second = ''] = word.replace(/^!/, '').split(/>>?|~/)
    return {
      absent,
      first: first.split('|'),
      second: second === '' ? [] : second.split('|'),
      ordered: word.includes('>'),
      direct: word.includes('>>'),
    }
  })
}
