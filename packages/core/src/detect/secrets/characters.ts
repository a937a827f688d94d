import type { Body } from './family.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'

const table = (characters: string): Uint8Array => {
  const result = new Uint8Array(128)
  for (const character of characters) result[character.charCodeAt(0)] = 1
  return result
}
const ALNUM = LETTERS + LETTERS.toUpperCase() + DIGITS

/** Which ASCII characters a body is made of. */
const BODIES: Readonly<Record<Body, Uint8Array>> = Object.freeze({
  alnum: table(ALNUM),
  base64: table(`${ALNUM}+/=_-`),
  base64url: table(`${ALNUM}_-`),
  dotted: table(`${ALNUM}_.-`),
  hex: table(`${DIGITS}abcdefABCDEF`),
  lower: table(LETTERS + DIGITS),
  upper: table(`${LETTERS.toUpperCase() + DIGITS}-`),
  uuid: table(`${DIGITS}abcdefABCDEF-`),
  wide: table(`${ALNUM}_.~:%!$*+/=-`),
})

/** End of the run of a body's characters that begins at `start`. A full stop at its end belongs to the sentence. */
export function runEnd(text: string, start: number, body: Body, longest = Infinity): number {
  const allowed = BODIES[body]
  const stop = Math.min(text.length, start + longest)
  let end = start
  while (end < stop) {
    const code = text.charCodeAt(end)
    if (code > 127 || allowed[code] === 0) break
    end++
  }
  while (end > start && isTrailing(text.charCodeAt(end - 1))) end--
  return end
}

/** `.`, `:`, `!`: part of a token only inside it. */
const isTrailing = (code: number): boolean => code === 46 || code === 58 || code === 33

const WORD = table(ALNUM)
export const isWord = (code: number): boolean => code < 128 && WORD[code] === 1

export function hasDigit(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code < 58 && code > 47) return true
  }
  return false
}
