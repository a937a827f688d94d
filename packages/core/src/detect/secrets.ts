import { SECRET_FAMILIES } from './families.ts'
import type { SecretFamily } from './family.ts'

/** A secret in a string; `start` and `end` in UTF-16 units. */
export interface SecretMatch {
  readonly family: string
  readonly start: number
  readonly end: number
}

/** `log`: everything. `result`: only what is a secret beyond doubt, for text that an agent goes on working with. */
export type SecretScope = 'log' | 'result'

const escape = (literal: string): string => literal.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
const prefilter = (families: readonly SecretFamily[], flags: string): RegExp =>
  new RegExp([...new Set(families.flatMap((f) => f.literals))].map(escape).join('|'), flags)

interface Pack {
  readonly families: readonly SecretFamily[]
  readonly exact: RegExp
  readonly anyCase: RegExp
}

const pack = (families: readonly SecretFamily[]): Pack => ({
  families,
  exact: prefilter(
    families.filter((f) => f.anyCase !== true),
    '',
  ),
  anyCase: prefilter(
    families.filter((f) => f.anyCase === true),
    'i',
  ),
})

const PACKS: Readonly<Record<SecretScope, Pack>> = Object.freeze({
  log: pack(SECRET_FAMILIES),
  result: pack(SECRET_FAMILIES.filter((f) => f.logOnly !== true)),
})

/** Shorter strings hold no secret that a pattern could tell from a word. */
const MIN_LENGTH = 6

/** True when a string may hold a secret; false is certain. */
export function mayHoldSecret(text: string, scope: SecretScope): boolean {
  if (text.length < MIN_LENGTH) return false
  const { exact, anyCase } = PACKS[scope]
  return exact.test(text) || anyCase.test(text)
}

/** All secrets in a string, in order, without overlaps (the wider match wins). Linear in the length of the text. */
export function findSecrets(text: string, scope: SecretScope): readonly SecretMatch[] {
  if (!mayHoldSecret(text, scope)) return []
  const matches: SecretMatch[] = []
  for (const { id, pattern } of PACKS[scope].families) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0]
      const start = match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(secret))
      matches.push({ family: id, start, end: start + secret.length })
    }
  }
  matches.sort((a, b) => a.start - b.start || b.end - a.end)
  return merge(matches)
}

function merge(sorted: readonly SecretMatch[]): readonly SecretMatch[] {
  const result: SecretMatch[] = []
  for (const match of sorted) {
    const last = result.at(-1)
    if (last && match.start < last.end) {
      if (match.end > last.end) result[result.length - 1] = { ...last, end: match.end }
    } else result.push(match)
  }
  return result
}
