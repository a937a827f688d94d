/** What the part after a prefix is made of. */
export type Body = 'alnum' | 'base64' | 'base64url' | 'dotted' | 'hex' | 'lower' | 'upper' | 'uuid' | 'wide'

/**
 * One family of issued tokens: what the issuer puts in front, what follows, and a range of lengths — never one length, and
 * no checksum: a token that is a character longer or whose checksum is wrong is still one (HB-74, E-79).
 */
export interface TokenFamily {
  readonly id: string
  readonly prefixes: readonly string[]
  readonly body: Body
  /** Least length of what follows the prefix. */
  readonly min: number
  /** Greatest, where a longer run is something else. */
  readonly max?: number
}

/**
 * One form of secret that a prefix and a run do not describe. The pattern is tried at a place where one of the anchors
 * begins a word; it is sticky, and made of bounded or disjoint runs, so that matching is linear.
 */
export interface PatternFamily {
  readonly id: string
  /** As written, in lower case when `anyCase`. Each begins with three letters or digits at least. */
  readonly anchors: readonly string[]
  readonly anyCase?: true
  /** Flags `y` and `d`. Group 1, or the named group `secret`, is the secret; without a group the whole match is. */
  readonly pattern: RegExp
  /** What the secret has to be besides: random, a password of three kinds of characters, or no placeholder. Default `real`. */
  readonly must?: 'random' | 'chosen' | 'real' | 'any'
  /** Must be found. Cut in two with `|`, so that no scanner takes the table for a leak. */
  readonly positive: readonly string[]
  /** Must stay. */
  readonly negative: readonly string[]
}

/** A row of a table: id, prefixes with spaces between, body, least and greatest length. */
export type TokenRow = readonly [id: string, prefixes: string, body: Body, min: number, max?: number]

export const tokens = (rows: readonly TokenRow[]): readonly TokenFamily[] =>
  rows.map(([id, prefixes, body, min, max]) => ({
    id,
    prefixes: prefixes.split(' '),
    body,
    min,
    ...(max === undefined ? {} : { max }),
  }))
