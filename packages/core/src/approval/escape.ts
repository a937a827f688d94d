/**
 * One escape for every surface that shows text it did not write (T-032, T-034). What stays readable cannot move the
 * cursor, reorder, combine with or hide its neighbours; everything else is shown as `\u{hex}`. The result is one line and
 * `unescapeText` gives back the same characters.
 *
 * Escaped: controls, format and bidi characters, tags, variation selectors, all white space but U+0020, marks that combine
 * with any script (U+0301 …) or pile up, right-to-left letters (they reorder what stands beside them), private use, unassigned and
 * lone surrogates, and the backslash itself.
 */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text
  let out = ''
  for (const { shown } of escapeParts(text)) out += shown
  return out
}

/** The same, character by character: what it is and what is shown for it. */
export function escapeParts(text: string): readonly { readonly char: string; readonly shown: string }[] {
  const parts: { char: string; shown: string }[] = []
  let marks = MAX_MARKS
  for (const char of text) {
    const mark = MARK.test(char)
    const keep = KEEP.test(char) && (!mark || marks++ < MAX_MARKS)
    parts.push({ char, shown: keep ? char : (SHORT.get(char) ?? hex(char)) })
    if (LETTER.test(char)) marks = 0
    else if (!keep || !mark) marks = MAX_MARKS
  }
  return parts
}

/** Inverse of `escapeText`; for tests and for tools that copy a value out of a view. */
export function unescapeText(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-f]+)\}|([\\nrt]))/g, (_, code: string | undefined, short: string | undefined) =>
    code === undefined ? (LONG.get(short ?? '') ?? '') : fromCode(Number.parseInt(code, 16)),
  )
}

/** Marks that scripts like Devanagari or Thai need are kept, two behind a letter at most. */
const MAX_MARKS = 2
const MARK = /^\p{M}$/u
const LETTER = /^\p{L}$/u
const PLAIN = /^[ -[\]-~]*$/
/** Whole blocks: punctuation that these scripts share with others reorders as their letters do. */
const RTL = '\\u0590-\\u08FF\\uFB1D-\\uFDFF\\uFE70-\\uFEFF\\u{10800}-\\u{10FFF}\\u{1E800}-\\u{1EFFF}'
const KEEP = new RegExp(
  `^(?:[ -[\\]-~]|(?![\\\\${RTL}\\p{Default_Ignorable_Code_Point}])(?:[\\p{L}\\p{N}\\p{P}\\p{S}]|(?![\\p{Script=Inherited}\\p{Script=Common}\\p{Script=Cyrillic}\\p{Me}])\\p{M}))$`,
  'u',
)
const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
])
const LONG: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
])
const hex = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
/** Surrogates come one by one when they are alone, and must not join what follows into another character. */
const fromCode = (code: number): string => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : '')
