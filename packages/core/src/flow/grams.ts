/**
 * One pass over a text gives its pieces: every run of eight letters and digits (case, spaces and punctuation left out, so that
 * reflowing and formatting hide nothing), and every token (a run between white space and quotes, from its first to its last
 * letter or digit).
 */
export interface Pieces {
  /** `end`: how many letters and digits the text has up to and with this run. */
  gram(hash: number, end: number): void
  /** `telling`: long enough and with a digit or inner punctuation, so that it is hardly met by chance. */
  token(hash: number, telling: boolean, letters: number, end: number): void
}

export const GRAM = 8
const BASE = 0x01000193
const TOKEN_SEED = 0x811c9dc5
const TOP = power(BASE, GRAM)

function power(base: number, exponent: number): number {
  let out = 1
  for (let i = 0; i < exponent; i++) out = Math.imul(out, base)
  return out
}

/** 0 delimiter · 1 digit · 2 letter (lower case) · 3 upper-case letter · 4 inner punctuation; code units below 128. */
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
          : 0
}

/** Feeds every piece of `text` to `to`; returns the number of letters and digits. Linear; no allocation for ASCII text. */
export function eachPiece(text: string, to: Pieces): number {
  const ring = new Int32Array(GRAM)
  let count = 0
  let rolling = 0
  let token = TOKEN_SEED
  let tokenLength = 0
  let tokenHash = 0
  let tokenSize = 0
  let letters = 0
  let digits = false
  let inner = false
  let pendingInner = false
  const endToken = (): void => {
    if (tokenSize > 0) to.token(tokenHash, tokenSize >= 4 && (digits || inner), letters, count)
    token = TOKEN_SEED
    tokenLength = 0
    tokenSize = 0
    letters = 0
    digits = false
    inner = false
    pendingInner = false
  }
  const source = NON_ASCII.test(text) ? text.normalize('NFKC').toLowerCase() : text
  for (let i = 0; i < source.length; i++) {
    let code = source.charCodeAt(i)
    const kind = code < 128 ? (CLASS[code] as number) : wideClass(source, i)
    if (kind === 5) continue
    if (kind === 0) {
      if (tokenLength > 0) endToken()
      continue
    }
    if (kind === 3) code += 32
    if (kind === 4) {
      // counts only when a letter or digit follows: a token ends with one
      if (tokenSize > 0) {
        token = Math.imul(token ^ code, BASE)
        tokenLength++
        pendingInner = true
      }
      continue
    }
    token = Math.imul(token ^ code, BASE)
    tokenLength++
    tokenHash = token
    tokenSize = tokenLength
    letters++
    digits ||= kind === 1
    inner ||= pendingInner
    const slot = count % GRAM
    const old = ring[slot] as number
    ring[slot] = code
    count++
    rolling = (Math.imul(rolling, BASE) + code) | 0
    if (count > GRAM) rolling = (rolling - Math.imul(old, TOP)) | 0
    if (count >= GRAM) to.gram(rolling >>> 0, count)
  }
  endToken()
  return count
}

// eslint-disable-next-line no-control-regex
const NON_ASCII = /[^\u0000-\u007f]/
const LETTER = /[\p{L}\p{N}\p{M}]/u
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u
const wideClasses = new Uint8Array(65_536)

/** Class of a code unit from 128 on; halves of surrogate pairs count as letters. 5 = invisible, left out. */
function wideClass(text: string, at: number): number {
  const code = text.charCodeAt(at)
  const known = wideClasses[code] as number
  if (known !== 0) return known - 1
  const char = text[at] ?? ''
  const kind = code >= 0xd800 && code <= 0xdfff ? 2 : IGNORABLE.test(char) ? 5 : LETTER.test(char) ? 2 : 0
  wideClasses[code] = kind + 1
  return kind
}
