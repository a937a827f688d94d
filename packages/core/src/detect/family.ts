/**
 * One family of secrets: prefix and least length, never a fixed length (HB-74). `literals` are what the prefilter looks
 * for; the pattern runs only on strings that hold one of them. Patterns are a fixed prefix followed by runs of disjoint
 * character classes, so that matching is linear in the input.
 */
export interface SecretFamily {
  readonly id: string
  /** At least one of these is in every match; compared as written, in lower case when `anyCase`. */
  readonly literals: readonly string[]
  readonly anyCase?: true
  /** Global. Without a group the whole match is the secret; with one, group 1 is. */
  readonly pattern: RegExp
  /** Too eager for text that an agent goes on working with: used for the log only. */
  readonly logOnly?: true
  /** When the table entry was last compared with the issuer's documentation. */
  readonly reviewed: string
  /** Must be redacted. Cut in two with `|`, so that no scanner takes the table for a leak. */
  readonly positive: readonly string[]
  /** Must stay. */
  readonly negative: readonly string[]
}
