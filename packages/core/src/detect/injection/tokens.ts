import { canonOf, charClass, HIGH_CLASS, DIGIT, LETTER, PUNCT, SINGLE, SPACE } from './characters.ts'
import type { Lexicon } from './lexicon.ts'

/** A text as the detector reads it: parallel arrays of one entry a token. Owned by the tokeniser and filled anew for every text. */
export interface Tokens {
  length: number
  /** Offset of what is left when the arrays are full, else the end of the text. */
  next: number
  hash: Int32Array
  /** Offset of the first unit in the folded text. */
  start: Uint32Array
  end: Uint32Array
  /** Class of the lexicon that the token begins, 0 for none. */
  word: Uint8Array
  /** Tokens that the lexicon entry covers. */
  span: Uint8Array
  /** `IS_PUNCT` or 0. */
  flags: Uint8Array
}

/** Tokens that are looked at together; a longer text takes several turns that overlap. */
const CHUNK = 16384

export const IS_PUNCT = 1

const SEED = 0x811c9dc5 | 0
const PRIME = 0x01000193
/** A word is told apart by so many units; a longer run is no word, and its rest is passed over. */
const LONGEST_WORD = 40
const NUMBER_HASH = 0x2f6b1d35
/** What makes a `\n` of JSON a line break. */
const BACKSLASH = 0x5c

export function createTokens(capacity = CHUNK): Tokens {
  return {
    length: 0,
    next: 0,
    hash: new Int32Array(capacity),
    start: new Uint32Array(capacity),
    end: new Uint32Array(capacity),
    word: new Uint8Array(capacity),
    span: new Uint8Array(capacity),
    flags: new Uint8Array(capacity),
  }
}

/** Hash of a word as `tokenise` hashes it: case, `1`/`l`/`i` and the other digits that stand for letters make no difference. */
export function hashWord(word: string): number {
  let hash = SEED
  for (let index = 0; index < word.length; index++) hash = Math.imul(hash ^ canonOf(word.charCodeAt(index)), PRIME)
  return hash
}

/** Hash of a run of punctuation as `tokenise` hashes it: the first four signs, each counted once in a row. */
export function hashSigns(signs: string): number {
  let hash = SEED
  let previous = ''
  let kept = 0
  for (const sign of signs) {
    if (sign !== previous && kept < 4) {
      hash = Math.imul(hash ^ (sign.charCodeAt(0) + 0x10000), PRIME)
      kept++
    }
    previous = sign
  }
  return hash
}

/**
 * Words, single characters of scripts without spaces, runs of punctuation. Spaces and `_` part tokens and are none. Digits within a word
 * count as the letters they resemble; a number is one token whatever its digits. One pass, linear; stops when `into` is full.
 */
export function tokenise(text: string, into: Tokens, lexicon: Lexicon, from = 0): Tokens {
  const end = text.length
  const { hash, start, end: ends, word, span, flags } = into
  const { stems, stemBits } = lexicon
  const most = hash.length
  let count = 0
  let at = from
  while (at < end && count < most) {
    const unit = text.charCodeAt(at)
    const kind = unit < 128 ? (charClass[unit] ?? SPACE) : HIGH_CLASS(unit)
    if (kind === SPACE) {
      at++
      continue
    }
    start[count] = at
    word[count] = 0
    span[count] = 1
    if (kind === SINGLE) {
      hash[count] = Math.imul(SEED ^ canonOf(unit), PRIME)
      flags[count] = 0
      at++
    } else if (kind === PUNCT) {
      if (unit === BACKSLASH && at + 1 < end) {
        const next = text.charCodeAt(at + 1)
        // `\n`, `\r`, `\t` in JSON text; `\"` is the quotation mark.
        if (next === 0x6e || next === 0x72 || next === 0x74) {
          at += 2
          continue
        }
      }
      let sum = SEED
      let previous = 0
      let kept = 0
      while (at < end) {
        const sign = text.charCodeAt(at)
        const of = sign < 128 ? (charClass[sign] ?? SPACE) : HIGH_CLASS(sign)
        if (of !== PUNCT || (sign === BACKSLASH && kept > 0)) break
        if (sign !== previous && kept < 4) {
          sum = Math.imul(sum ^ (sign + 0x10000), PRIME)
          kept++
        }
        previous = sign
        at++
      }
      hash[count] = sum
      flags[count] = IS_PUNCT
    } else {
      let sum = SEED
      let letters = 0
      let length = 0
      let stem = 0
      while (at < end) {
        const char = text.charCodeAt(at)
        const of = char < 128 ? (charClass[char] ?? SPACE) : HIGH_CLASS(char)
        if (of >= LETTER) {
          if (of !== DIGIT) letters++
        } else if (!joins(text, at, end, char)) break
        else if (char === 0x27) {
          at++
          continue
        }
        if (length < LONGEST_WORD) {
          sum = Math.imul(sum ^ canonOf(char), PRIME)
          length++
          if (length >= 4 && length <= 12 && stemBits[(sum >>> 16) & 0xffff] !== 0) {
            const found = stems.get(sum)
            if (found !== undefined) stem = found
          }
        }
        at++
      }
      if (letters === 0) hash[count] = NUMBER_HASH
      else {
        hash[count] = sum
        word[count] = stem
      }
      flags[count] = 0
    }
    ends[count] = at
    count++
  }
  into.length = count
  into.next = at
  lexicon.mark(into)
  return into
}

/** `'` and the signs that pass for letters, with a letter on either side. */
function joins(text: string, at: number, end: number, char: number): boolean {
  if (char !== 0x27 && char !== 0x40 && char !== 0x24 && char !== 0x21 && char !== 0x7c) return false
  if (at === 0 || at + 1 >= end) return false
  return isLetter(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1))
}

const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
