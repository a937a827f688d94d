/**
 * One pass over a text gives its pieces: every run of eight letters and digits (case, spaces and punctuation left out, so that
 * reflowing and formatting hide nothing), and every token (a run between white space and quotes, from its first to its last
 * letter or digit). A piece is known by 64 bits in two halves. A run of ASCII letters is its own key, so that no other run can be
 * made to look like it; everything else is hashed into the other half of the key space.
 */
export interface Pieces {
  /** Takes the next pieces of the text, in the order of their ends; they are gone when it returns. */
  take(pieces: PieceBatch): void
  /** Called once, if at all: characters that no piece shows, beyond what honest text has (T-105). */
  odd(count: number): void
}

/** Some pieces at once: looking them all up before doing anything with them hides what a look into a large table costs. */
export interface PieceBatch {
  readonly low: Uint32Array
  readonly high: Uint32Array
  /** How many letters and digits the text has up to and with this piece. */
  readonly end: Uint32Array
  /** 0 for a run of eight; for a token twice its letters, and one more when it is hardly met by chance. */
  readonly token: Uint32Array
  size: number
}

const BATCH = 256
const batch: PieceBatch = {
  low: new Uint32Array(BATCH),
  high: new Uint32Array(BATCH),
  end: new Uint32Array(BATCH),
  token: new Uint32Array(BATCH),
  size: 0,
}

export const GRAM = 8
/** Set in the upper half of every key that is a hash. */
const HASHED = 0x80000000
const TOKEN_SEED = 0x811c9dc5
const WIDE_SEED = 0x2545f491
const FREE_SYMBOLS = 16
const FREE_SPACES = 64
const FREE_INVISIBLE = 4
const FREE_TURNS = 8

/** 0 delimiter · 1 digit · 2 letter (lower case) · 3 upper-case letter · 4 inner punctuation · 6 white space. */
const CLASS = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code)
  CLASS[code] = /[0-9]/.test(char)
    ? 1
    : /[a-z]/.test(char)
      ? 2
      : /[A-Z]/.test(char)
        ? 3
        : /[-@._+/:%#=&~$]/.test(char)
          ? 4
          : /\s/.test(char)
            ? 6
            : 0
}

/** Feeds every piece of `text` to `to`; returns the number of letters and digits. Linear; no allocation but for non-ASCII text. */
export function eachPiece(text: string, to: Pieces): number {
  const isWide = NON_ASCII.test(text)
  const source = isWide ? text.replace(SWELLING, ' ').normalize('NFKC') : text
  const length = source.length
  const { low, high, end, token } = batch
  let pieces = 0
  // the last eight letters: four older and four newer bytes
  let older = 0
  let newer = 0
  /** Runs that still hold a letter beyond ASCII. */
  let wide = 0
  let count = 0
  let symbols = 0
  let spaces = 0
  let invisible = 0
  /** Marks behind another mark, white space behind other white space. */
  let changes = 0
  let blanks = 0
  /** Upper case right behind lower case. */
  let turns = 0
  let wasLower = false
  let isMark = false
  let isSpace = false
  let last = 0
  let hash = TOKEN_SEED
  let endHash = 0
  /** Letters of the token beyond ASCII, which the last eight bytes do not tell apart. */
  let beyond = 0
  let size = 0
  let endSize = 0
  let letters = 0
  let digits = false
  let inner = false
  let pending = false
  let isPath = false
  for (let at = 0; at <= length; at++) {
    const raw = at < length ? source.charCodeAt(at) : 32
    const kind = raw < 128 ? (CLASS[raw] as number) : wideClass(raw)
    if (kind === 5) {
      invisible++
      continue
    }
    if (kind === 0 || kind === 6) {
      if (kind === 0) {
        symbols++
        if (isMark && raw !== last) changes++
      } else {
        spaces++
        if (isSpace && raw !== last) blanks++
      }
      isMark = kind === 0
      isSpace = kind === 6
      last = raw
      if (size > 0) {
        low[pieces] = endHash
        high[pieces] = tokenHigh(older, newer, letters, beyond)
        end[pieces] = count
        // long enough and with a digit or inner punctuation
        token[pieces] = letters * 2 + (endSize >= 4 && (digits || inner) ? 1 : 0)
        if (++pieces === BATCH) pieces = flush(to, pieces)
        hash = TOKEN_SEED
        size = endSize = letters = beyond = 0
        digits = inner = pending = isPath = wasLower = false
      }
      continue
    }
    if (kind === 4) {
      symbols++
      if (isMark && raw !== last) changes++
      isMark = true
      isSpace = false
      last = raw
      // counts only when a letter or digit follows: a token begins and ends with one
      if (size > 0) {
        if (raw === 47) isPath = true
        hash = Math.imul(hash ^ raw, 0x85ebca6b)
        hash ^= hash >>> 15
        size++
        // hyphens and slashes stand in plain words too
        if (raw !== 45 && raw !== 47 && raw !== 43 && raw !== 38) pending = true
      }
      continue
    }
    isMark = isSpace = false
    if (kind === 3 && wasLower) turns++
    wasLower = kind === 2
    const code = kind === 3 ? raw + 32 : raw < 128 ? raw : wideLower(raw)
    // the case of a path is part of it: two files, two short links
    const inToken = isPath ? raw : code
    hash = Math.imul(hash ^ inToken, 0x85ebca6b)
    hash ^= hash >>> 15
    size++
    endHash = hash
    endSize = size
    letters++
    if (kind === 1) digits = true
    if (pending) inner = true
    count++
    older = (older << 8) | (newer >>> 24)
    newer = (newer << 8) | (code < 128 ? code : 0x80)
    if (code >= 128) {
      wide = GRAM
      beyond = Math.imul(beyond ^ code, 0xc2b2ae35)
      beyond ^= beyond >>> 13
    }
    if (isWide) recent[count & 7] = code
    if (wide > 0) {
      wide--
      if (count < GRAM) continue
      wideGram(count, pieces)
    } else {
      if (count < GRAM) continue
      low[pieces] = newer
      high[pieces] = older
    }
    end[pieces] = count
    token[pieces] = 0
    if (++pieces === BATCH) pieces = flush(to, pieces)
  }
  if (pieces > 0) flush(to, pieces)
  const odd =
    Math.max(0, symbols - (count >> 1) - FREE_SYMBOLS, changes - (count >> 4) - FREE_SYMBOLS) +
    Math.max(0, spaces - 2 * count - FREE_SPACES, blanks - (count >> 3) - FREE_SPACES) +
    Math.max(0, turns - (count >> 5) - FREE_TURNS) +
    Math.max(0, invisible - FREE_INVISIBLE)
  if (odd > 0) to.odd(odd)
  return count
}

function flush(to: Pieces, size: number): number {
  batch.size = size
  to.take(batch)
  return 0
}

/**
 * Upper half of a token's key: its last eight letters. Together with the hash of the whole in the lower half, and with its runs
 * where it has more letters, a twin cannot be made.
 */
function tokenHigh(older: number, newer: number, letters: number, beyond: number): number {
  const late = letters >= 4 ? newer : newer & ((1 << (letters * 8)) - 1)
  const early = letters >= 8 ? older : letters > 4 ? older & ((1 << ((letters - 4) * 8)) - 1) : 0
  let mixed = Math.imul(late ^ beyond, 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ early, 0x297a2d39)
  return (mixed ^ (mixed >>> 15) ^ letters) | HASHED
}

/** Letters of the run, when the text has some beyond ASCII; only alive within one pass. */
const recent = new Uint16Array(GRAM)

/** A run with a letter beyond ASCII: hashed anew each time, mixed after every letter, so that no arithmetic gives its twin. */
function wideGram(count: number, piece: number): void {
  let low = WIDE_SEED
  let high = GRAM
  for (let at = 1; at <= GRAM; at++) {
    const code = recent[(count + at) & 7] as number
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 15
    high = Math.imul((high + low) ^ code, 0xc2b2ae35)
    high ^= high >>> 13
  }
  batch.low[piece] = low
  batch.high[piece] = high | HASHED
}

// eslint-disable-next-line no-control-regex
const NON_ASCII = /[^\u0000-\u007f]/
/** Ligatures that NFKC makes eight to eighteen letters of: words of a prayer, never part of an argument. */
const SWELLING = /[\ufdfa\ufdfb]/g
const LETTER = /[\p{L}\p{N}\p{M}]/u
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u
const SPACE = /\s/
const wideClasses = new Uint8Array(65_536)
const wideLowers = new Uint16Array(65_536)

/** Class of a code unit from 128 on; halves of surrogate pairs count as letters. 5 = invisible. */
function wideClass(code: number): number {
  const known = wideClasses[code] as number
  if (known !== 0) return known - 1
  const char = String.fromCharCode(code)
  const isHalf = code >= 0xd800 && code <= 0xdfff
  const kind = isHalf ? 2 : IGNORABLE.test(char) ? 5 : LETTER.test(char) ? 2 : SPACE.test(char) ? 6 : 0
  wideClasses[code] = kind + 1
  return kind
}

function wideLower(code: number): number {
  const known = wideLowers[code] as number
  if (known !== 0) return known
  return (wideLowers[code] = String.fromCharCode(code).toLowerCase().charCodeAt(0))
}
