import unhomoglyph from 'unhomoglyph'
import { looksLike as looksLikePlace } from '../net/looks-like.ts'

/** Scripts that belong together in ordinary text; anything else side by side in one word is a mix. */
const FAMILIES: readonly (readonly string[])[] = [
  ['Latin'],
  ['Cyrillic'],
  ['Greek'],
  ['Armenian'],
  ['Hebrew'],
  ['Arabic'],
  ['Han', 'Hiragana', 'Katakana', 'Bopomofo'],
  ['Hangul'],
  ['Cherokee'],
  ['Thai'],
  ['Devanagari'],
  ['Georgian'],
]
const TESTS = FAMILIES.map((scripts) => [
  scripts[0] ?? '',
  new RegExp(`[${scripts.map((script) => `\\p{Script=${script}}`).join('')}]`, 'u'),
]) as readonly (readonly [string, RegExp])[]
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u{e000}-\u{f8ff}]/u
const BIDI = /[\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u
const PADDING = /(?:\n[^\S\n]*){12,}|[^\S\n]{60,}/u
const HOST = /^[^\s/@]+$/u

/**
 * What a human should know about a value before agreeing to it: mixed scripts, letters that only look like Latin ones,
 * punycode, invisible and reordering characters, padding that pushes a tail out of sight (T-032, T-033, T-035), and values
 * that look like one of `known` but are not. Short sentences, already safe to show.
 */
export function warningsFor(value: string, known: readonly string[] = []): readonly string[] {
  const found: string[] = []
  if (BIDI.test(value)) found.push('contains characters that reorder text')
  else if (INVISIBLE.test(value.replace(/[\n\r\t]/g, ''))) found.push('contains invisible or control characters')
  if (PADDING.test(value)) found.push('contains long padding; something may stand far behind it')
  const words = value.split(/[\s./@:;,?&=#()[\]{}<>"'|\\]+/u)
  const mixed = words.map(scriptsOf).find((scripts) => scripts.length > 1)
  if (mixed !== undefined) found.push(`mixes ${mixed.join(' and ')} letters in one word`)
  const look = looksLike(value)
  if (!ASCII.test(value) && ASCII.test(look))
    found.push(`uses letters that look like other ones; it reads as "${look}"`)
  const coded = punycode(value)
  if (coded !== undefined) found.push(`international name: ${coded}`)
  else if (/(?:^|[.@/])xn--/iu.test(value)) found.push('contains an international name in punycode (xn--)')
  const twin = known.find(
    (other) => other !== value && (skeleton(other) === skeleton(value) || looksLikePlace(value, other) !== undefined),
  )
  if (twin !== undefined && ASCII.test(twin)) found.push(`looks like ${twin}, but is not`)
  return found
}

const ASCII = /^[ -~]*$/
/** Families of the letters of one word, ASCII digits and punctuation left out. */
const scriptsOf = (word: string): readonly string[] =>
  TESTS.filter(([, pattern]) => pattern.test(word)).map(([name]) => name)

/** A word whose letters are of scripts that do not belong together. */
export const isMixed = (word: string): boolean => scriptsOf(word).length > 1

/** A character that is not ASCII and reads as if it were. */
export const looksLatin = (char: string): boolean => {
  if (char < '\u{80}') return false
  const look = looksLike(char)
  return look !== char && ASCII.test(look) && /[a-z0-9]/iu.test(look)
}

const looksLike = (value: string): string =>
  Array.from(value, (char) => (char < '\u{80}' ? char : unhomoglyph(char.normalize('NFKC')))).join('')

/** Folds letters that are hard to tell apart into one: equal skeletons look alike. */
export const skeleton = (value: string): string =>
  looksLike(value)
    .toLowerCase()
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replace(/[1|iíì]/gu, 'l')
    .replaceAll('0', 'o')

/** Punycode form of a host or the host part of an address or URL, when it is not plain ASCII. */
function punycode(value: string): string | undefined {
  if (ASCII.test(value) || value.length > 512) return undefined
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/iu.exec(value)?.[1]?.replace(/^.*@/u, '') ?? value.replace(/^.*@/u, '')
  if (ASCII.test(host) || !HOST.test(host) || !host.includes('.')) return undefined
  try {
    return new URL(`http://${host}/`).hostname
  } catch {
    return undefined
  }
}
