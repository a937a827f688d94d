/**
 * The form in which words are compared: NFKC, lower case, runs of white space as one space, typographic quotes straight. Look-alike
 * letters stay different: a Cyrillic `а` must never make an address the user's (T-101).
 */
export function normalWords(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFKC').replace(INVISIBLE, '').replace(QUOTES, "'"))
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
const QUOTES = /[\u2018\u2019\u201c\u201d\u00ab\u00bb\u2032\u2033`]/g

/** Letters and digits only: what stays of a value however it is spaced, cut or punctuated. */
export const compactWords = (text: string): string => normalWords(text).replace(/[^\p{L}\p{N}]+/gu, '')
