import { type Anchor, anchorsAt, standsAt } from './anchors.ts'
import { isWord, runEnd } from './characters.ts'
import type { PatternFamily, TokenFamily } from './family.ts'
import { isPlaceholder } from './placeholder.ts'
import { kindsOf, type Makeup, makeupOf } from './randomness.ts'
import { isBasicCredential, isRandom, isStrong } from './verdict.ts'

/** A secret as a recogniser saw it. */
export interface Match {
  readonly family: string
  readonly start: number
  readonly end: number
  /** Length of the prefix that gave it away. */
  readonly prefix?: number
}

/** So much of a token says whether it is one; the rest of it goes with it. */
const LONGEST_JUDGED = 512

/** A prefix short enough to begin a word by accident: what follows has to look random. */
const isShort = (prefix: string, { body }: TokenFamily): boolean =>
  prefix.length < 4 || (prefix.length === 4 && body !== 'alnum' && body !== 'hex')

/**
 * What begins with a known prefix or word at `at`, the first character of a word.
 * @param cut Told where a prefix has too little behind it, and a space then
 */
export function issuedAt(text: string, at: number, lenient: boolean, cut?: (at: number) => void): Match | undefined {
  for (const anchor of anchorsAt(text, at)) {
    if (!standsAt(text, at, anchor)) continue
    const found =
      anchor.token === undefined
        ? matchPattern(text, at, anchor.pattern as PatternFamily, lenient)
        : matchToken(text, at, anchor, anchor.token, lenient, cut)
    if (found !== undefined) return found
  }
  return undefined
}

function matchToken(
  text: string,
  at: number,
  anchor: Anchor,
  family: TokenFamily,
  lenient: boolean,
  cut: ((at: number) => void) | undefined,
): Match | undefined {
  const short = isShort(anchor.text, family)
  const before = at > 0 ? text.charCodeAt(at - 1) : 0
  const glued = anchor.text.length < 6 && isGlue(before)
  if (glued && before !== SLASH) return undefined
  const from = at + anchor.text.length
  let end = runEnd(text, from, family.body, LONGEST_JUDGED)
  const length = end - from
  if (length < family.min) {
    if (cut !== undefined && anchor.text.length > 3 && text.charCodeAt(end) === 32) cut(at)
    return undefined
  }
  if (family.max !== undefined && length > family.max) return undefined
  if (length < LONGEST_JUDGED - 2 && isWord(text.charCodeAt(end))) return undefined
  const makeup = makeupOf(text, from, end)
  if (makeup.distinct < 5) return undefined
  const named = anchor.text.length < 5 && FILE_ENDING.test(text.slice(end, end + 7))
  if ((glued || named) && !isUnmistakable(anchor.text, length, makeup)) return undefined
  if (!lenient && makeup.oddness < (short ? 0.3 : 0.12)) return undefined
  if (makeup.digits === 0 && makeup.oddness < (short ? 0.5 : 0.3)) return undefined
  if (!lenient && isPlaceholder(text.slice(at, Math.min(end, from + 120)))) return undefined
  if (length >= LONGEST_JUDGED - 2) end = runEnd(text, end, family.body)
  // What the issuer appended since the table was written goes too.
  if (family.body === 'alnum' || family.body === 'hex') end = Math.max(end, runEnd(text, end, 'base64url'))
  const start = family.id === 'terraform-cloud' ? wordStart(text, at) : at
  return { family: family.id, start, end, prefix: anchor.text.length }
}

const SLASH = 47

/** In a path or the name of a file only this is a token: a prefix that ends in a mark, and a long run that no hash or word is. */
const isUnmistakable = (prefix: string, length: number, makeup: Makeup): boolean =>
  prefix.length > 3 &&
  /[_-]$/.test(prefix) &&
  length >= 30 &&
  !makeup.hex &&
  kindsOf(makeup) >= 3 &&
  makeup.oddness >= 0.45

/** `app-4ec5….css`: the name of a file. */
const FILE_ENDING = /^\.[a-z]{1,2}[a-z0-9]{0,3}(?![a-z0-9])/

/** `_`, `-`, `/`, `+`: in the middle of a longer run, where a short prefix stands by accident. */
const isGlue = (code: number): boolean => code === 95 || code === 45 || code === 47 || code === 43

function wordStart(text: string, at: number): number {
  let start = at
  const least = Math.max(0, at - 64)
  while (start > least && (isWord(text.charCodeAt(start - 1)) || text.charCodeAt(start - 1) === 46)) start--
  return start
}

function matchPattern(text: string, at: number, family: PatternFamily, lenient: boolean): Match | undefined {
  const { pattern } = family
  pattern.lastIndex = at
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [start, end] = match.indices?.groups?.['secret'] ?? match.indices?.[1] ?? [at, at + match[0].length]
  const from =
    family.id === 'pem-private-key' ? dashes(text, start) : family.id === 'webhook-url' ? urlStart(text, start) : start
  if (!lenient || family.must === 'random') {
    const value = text.slice(start, end)
    if (family.must === 'random' && !isLikely(value)) return undefined
    if (family.must === 'chosen' && !isStrong(value)) return undefined
    if (family.must !== 'any' && isPlaceholder(value)) return undefined
  }
  return { family: family.id, start: from, end: trimmed(text, from, end) }
}

const isLikely = (value: string): boolean =>
  isRandom(value, 12) ||
  isBasicCredential(value) ||
  (/[A-Za-z0-9_/-]{16,}$/.test(value) && isRandom(value.slice(-24), 12))

function dashes(text: string, at: number): number {
  let start = at
  while (start > 0 && text.charCodeAt(start - 1) === 45 && at - start < 5) start--
  return start
}

const SCHEME = /https?:\/\/[a-z0-9.-]{0,80}$/i
function urlStart(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - 90), at)
  const scheme = SCHEME.exec(before)
  return scheme === null ? at : at - (before.length - scheme.index)
}

/** A stop at the end belongs to the sentence. */
function trimmed(text: string, start: number, end: number): number {
  let stop = end
  while (stop > start + 1 && /[.,:;!?]/.test(text[stop - 1] ?? '')) stop--
  return stop
}
