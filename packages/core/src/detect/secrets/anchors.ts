import { AI_TOKENS } from './families/ai.ts'
import { BUSINESS_TOKENS } from './families/business.ts'
import { CLOUD_TOKENS } from './families/cloud.ts'
import { CODE_TOKENS } from './families/code.ts'
import { OPERATIONS_TOKENS } from './families/operations.ts'
import { PATTERNS } from './families/patterns.ts'
import type { PatternFamily, TokenFamily } from './family.ts'

export const TOKEN_FAMILIES: readonly TokenFamily[] = [
  ...AI_TOKENS,
  ...BUSINESS_TOKENS,
  ...CLOUD_TOKENS,
  ...CODE_TOKENS,
  ...OPERATIONS_TOKENS,
]

/** What may begin at a place in the text. */
export interface Anchor {
  /** In lower case when `anyCase`. */
  readonly text: string
  readonly anyCase: boolean
  readonly token?: TokenFamily
  readonly pattern?: PatternFamily
}

const ANCHORS: readonly Anchor[] = [
  ...TOKEN_FAMILIES.flatMap((token) => token.prefixes.map((text) => ({ text, anyCase: false, token }))),
  ...PATTERNS.flatMap((pattern) =>
    pattern.anchors.map((text) => ({ text, anyCase: pattern.anyCase === true, pattern })),
  ),
]

/** Of three characters the low five bits each: 4 KB that say which places need no closer look. Case does not matter. */
const FILTER = new Uint8Array(32 * 32 * 32)
const BUCKETS: Anchor[][] = Array.from({ length: 32 * 32 }, () => [])

for (const anchor of ANCHORS) {
  const a = anchor.text.charCodeAt(0) & 31
  const b = anchor.text.charCodeAt(1) & 31
  // A prefix of two characters stands before anything.
  const thirds = anchor.text.length > 2 ? [anchor.text.charCodeAt(2) & 31] : Array.from({ length: 32 }, (_, i) => i)
  for (const c of thirds) FILTER[(a << 10) | (b << 5) | c] = 1
  ;(BUCKETS[(a << 5) | b] as Anchor[]).push(anchor)
}
// The longest prefix speaks first: `sk-ant-` before `sk-`.
for (const bucket of BUCKETS) bucket.sort((one, two) => two.text.length - one.text.length)

/** Whether an anchor may begin with these three characters; nearly always false. */
export const mayBegin = (a: number, b: number, c: number): boolean =>
  FILTER[((a & 31) << 10) | ((b & 31) << 5) | (c & 31)] === 1

/** Anchors that begin with the two characters at `at`, the longest first. */
export const anchorsAt = (text: string, at: number): readonly Anchor[] =>
  BUCKETS[((text.charCodeAt(at) & 31) << 5) | (text.charCodeAt(at + 1) & 31)] as Anchor[]

/** Whether the anchor's own text stands at `at`. */
export function standsAt(text: string, at: number, anchor: Anchor): boolean {
  if (!anchor.anyCase) return text.startsWith(anchor.text, at)
  return text.slice(at, at + anchor.text.length).toLowerCase() === anchor.text
}
