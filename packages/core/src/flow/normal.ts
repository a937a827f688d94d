/**
 * The form in which words are compared: NFKC, lower case, runs of white space as one space, typographic quotes straight. Look-alike
 * letters stay different: a Cyrillic `а` must never make an address the user's (T-101).
 */
export const normalWords = (text: string): string => casedWords(text).toLowerCase()

/** The same with the case kept: for what stands behind a host or in a folder, where case tells things apart. */
export function casedWords(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFKC').replace(INVISIBLE, '').replace(QUOTES, "'"))
    .replace(/\s+/g, ' ')
    .trim()
}

const HEAD = /^(?:[a-z]+:\/\/)?[^/\\]*/i

/**
 * The form in which places are compared: as words, but with the case kept from the first slash behind the host on, as two files or
 * two short links may differ in nothing else (T-101).
 */
export const placeKey = (value: string): string => casedWords(value).replace(HEAD, (head) => head.toLowerCase())

/**
 * False for a value with characters that only look like the plain ones they fold to (full width, ligatures, invisible or control
 * characters): what runs is then not what is compared.
 */
export function isPlainForm(value: string): boolean {
  if (ASCII.test(value)) return !CONTROL.test(value)
  const usual = value.replace(USUAL, ' ')
  return !CONTROL.test(usual) && usual.normalize('NFKC').replace(INVISIBLE, '') === usual.normalize('NFC')
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
const QUOTES = /[\u2018\u2019\u201c\u201d\u00ab\u00bb\u2032\u2033`]/g
/** Typography that folds and means the same: no-break spaces, the ellipsis, double primes. */
const USUAL = /[\u00a0\u202f\u2007\u2026\u2033]/g

/** Letters and digits only: what stays of a value however it is spaced, cut or punctuated. */
export const compactWords = (text: string): string => normalWords(text).replace(/[^\p{L}\p{N}]+/gu, '')
