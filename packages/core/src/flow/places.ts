import { compactWords } from './normal.ts'

/** Where a value stands in a text. */
export interface Place {
  readonly start: number
  readonly end: number
}

const LETTER = /[\p{L}\p{N}\p{M}]/u
/** Characters that join what stands on both sides to one name, address, number or path. */
const JOINS = "@._-+/\\%#&~:=?|$!*^'"

/** Every place where `wanted` stands as a whole: not as the start, end or middle of a longer word, address or name (T-098). */
export function* wholePlaces(wanted: string, text: string): Generator<Place> {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (!joinsLeft(text, at) && !joinsRight(text, end)) yield { start: at, end }
  }
}

/** `corp.com` is not said by `bob@corp.com`, nor `c.txt` by `b/c.txt`, nor `b.com` by `a--b.com`; `./c.txt` says `c.txt`. */
function joinsLeft(text: string, at: number): boolean {
  if (at > 0 && LETTER.test(charBefore(text, at))) return true
  if (text.endsWith('./', at) && !/[^\s'"([]$/.test(text.slice(Math.max(0, at - 3), at - 2))) return false
  let from = at
  while (from > 0 && JOINS.includes(text[from - 1] ?? '') && at - from < 64) from--
  if (from === at) return false
  const run = text.slice(from, at)
  // a path from the root or from home is another path; so is a word behind `@` if it is a domain
  if (/[/\\~]/.test(run)) return true
  if (run === "'") return from > 0 && LETTER.test(charBefore(text, from))
  if (run.endsWith('@') && /^[^\s,;]*\./.test(text.slice(at, at + 256))) return true
  return from > 0 && LETTER.test(charBefore(text, from))
}

/** `corp.com` is not said by `corp.com.evil.io`; a full stop at the end of a sentence joins nothing, nor does a genitive. */
function joinsRight(text: string, end: number): boolean {
  if (LETTER.test(charAt(text, end))) return true
  let to = end
  while (to < text.length && JOINS.includes(text[to] ?? '') && to - end < 64) to++
  if (to === end || text.slice(end, to).startsWith("'")) return false
  return LETTER.test(charAt(text, to))
}

const charAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 32)
const charBefore = (text: string, at: number): string =>
  /[\udc00-\udfff]/.test(text[at - 1] ?? '') ? charAt(text, at - 2) : (text[at - 1] ?? ' ')

/**
 * Places of an account or telephone number, also where it is written with spaces, dashes, dots or brackets: `GB29 NWBK 6016 …`. A
 * number that goes on is another one.
 */
export function* numberPlaces(value: string, text: string): Generator<Place> {
  const compact = compactWords(value)
  for (const { index, 0: found } of text.matchAll(new RegExp([...compact].join('[ ().-]{0,2}'), 'g'))) {
    const start = index
    const end = start + found.length
    const before = text.slice(Math.max(0, start - 12), start)
    const after = text.slice(end, end + 3)
    if (GOES_BACK.test(before) || GOES_ON.test(after)) continue
    if (value.startsWith('+') === /\+\(?$/.test(before + (found.startsWith('+') ? '+' : ''))) yield { start, end }
  }
}

const GOES_BACK = /[\p{L}\p{N}][().@/_-]?$|\d[ ().-]*$|(?<![\p{L}\p{N}])[a-z]{2}\d{2}[ a-z0-9]*$/u
const GOES_ON = /^[\p{L}\p{N}@/_]|^[().-]+[\p{L}\p{N}]|^ ?[(-]?\d/u

/** An account or telephone number, in lower case; dates are none. */
export function isNumber(value: string): boolean {
  if (!/^[+(]?[a-z0-9][a-z0-9 ().-]*$/.test(value) || /[a-z]{5}/.test(value)) return false
  const { length } = value.replace(/[^a-z0-9]/g, '')
  return length >= 5 && length <= 40 && /\d{4}/.test(value.replace(/[ ().-]/g, '')) && !DATE.test(value)
}

const DATE = /^(?:19|20)\d{2}-?[01]\d-?[0-3]\d(?:\D|$)/
