/**
 * Letters that follow a letter in 97.5 % of the pairs of English prose and identifiers. A random string keeps to it in four
 * pairs of ten, a word in nearly all.
 */
const FOLLOWS: Readonly<Record<string, string>> = {
  a: 'bcdfgiklmnprstuvwxy',
  b: 'aeijloruy',
  c: 'acehiklorstu',
  d: 'adeilorsuy',
  e: 'abcdefgilmnopqrstvwxy',
  f: 'aefilorstuy',
  g: 'ehilnorsu',
  h: 'aeiorstu',
  i: 'abcdefglmnoprstvz',
  j: 'aes',
  k: 'aeis',
  l: 'adeilostuvy',
  m: 'abeilmopsu',
  n: 'acdefgiklnopstuvy',
  o: 'abcdefgklmnoprstuvw',
  p: 'aeilmoprstu',
  q: 'u',
  r: 'acdefgiklmnorstuvy',
  s: 'acehilmoprstuy',
  t: 'acdefhiloprstuwy',
  u: 'abcdefgilmnprst',
  v: 'aei',
  w: 'aehinors',
  x: 'apt',
  y: 'nops',
  z: 'e',
}

const COMMON = new Uint8Array(26 * 26)
for (const [first, rest] of Object.entries(FOLLOWS)) {
  for (const second of rest) COMMON[(first.charCodeAt(0) - 97) * 26 + second.charCodeAt(0) - 97] = 1
}

const DIGIT = 1
const UPPER = 2
const LOWER = 3
const KIND = new Uint8Array(128)
KIND.fill(DIGIT, 48, 58)
KIND.fill(UPPER, 65, 91)
KIND.fill(LOWER, 97, 123)

/** What a run of characters is made of. */
export interface Makeup {
  readonly digits: number
  readonly upper: number
  readonly lower: number
  readonly other: number
  /** All letters and digits are hexadecimal. */
  readonly hex: boolean
  /**
   * Share of neighbours that words, identifiers and numbers do not have: a letter beside a digit, an upper-case letter
   * after a lower-case one, letters that seldom meet. About 0.7 for random base 62, 0.5 for hex, below 0.25 for text.
   */
  readonly oddness: number
  /** Count of different characters, at most 32 counted. */
  readonly distinct: number
}

/** Longest part that is looked at: a long secret is as random at its start as at its end. */
const LOOK = 120

/** The make-up of `text[start, end)`, judged by its first 120 characters. Linear. */
export function makeupOf(text: string, start: number, end: number): Makeup {
  const stop = Math.min(end, start + LOOK)
  let digits = 0
  let upper = 0
  let lower = 0
  let odd = 0
  let pairs = 0
  let hex = true
  let seenLow = 0
  let seenHigh = 0
  let before = 0
  let beforeKind = 0
  for (let i = start; i < stop; i++) {
    const code = text.charCodeAt(i)
    const kind = code < 128 ? (KIND[code] as number) : 0
    if (kind === DIGIT) digits++
    else if (kind !== 0) {
      if (kind === UPPER) upper++
      else lower++
      if ((code | 32) > 102) hex = false
    }
    const bit = 1 << (code & 31)
    if (code < 64) seenLow |= bit
    else seenHigh |= bit
    if (kind !== 0 && beforeKind !== 0) {
      pairs++
      if (kind === DIGIT || beforeKind === DIGIT) {
        if (kind !== beforeKind) odd++
      } else if (
        (beforeKind === LOWER && kind === UPPER) ||
        COMMON[((before | 32) - 97) * 26 + (code | 32) - 97] === 0
      ) {
        odd++
      }
    }
    before = code
    beforeKind = kind
  }
  return {
    digits,
    upper,
    lower,
    other: stop - start - digits - upper - lower,
    hex,
    oddness: pairs === 0 ? 0 : odd / pairs,
    distinct: bits(seenLow) + bits(seenHigh),
  }
}

function bits(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count++
  return count
}

/** How many of the kinds upper case, lower case, digit and other a run has. */
export const kindsOf = (makeup: Makeup): number =>
  Number(makeup.upper > 0) + Number(makeup.lower > 0) + Number(makeup.digits > 0) + Number(makeup.other > 0)
