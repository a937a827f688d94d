import { fold, type Severity } from '@sallyport/core'
import { findingAt, type RuleText, type ScanFinding } from '../finding.ts'

/** A way of writing what people do not see, or of showing them something else. */
interface Trick {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** Global. */
  readonly pattern: RegExp
  /** Where the same characters are honest. Held against the match and what is around it. */
  readonly honest?: (match: string, before: string, after: string) => boolean
}

const trick = (id: string, severity: Severity, title: string, pattern: RegExp, honest?: Trick['honest']): Trick => ({
  id,
  severity,
  title,
  pattern,
  ...(honest === undefined ? {} : { honest }),
})

const EMOJI = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u{1f1e6}-\u{1f1ff}#*0-9]/u
/** Scripts that are joined and cut with zero-width characters. */
const JOINING =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Thai}\p{Script=Lao}\p{Script=Mongolian}\p{Script=Syriac}\p{Script=Nko}\p{Script=Tibetan}\p{Script=Hebrew}\p{Script=Oriya}]/u
const RTL = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
const HANGUL = /\p{Script=Hangul}/u
const last = (text: string): string => Array.from(text.slice(-2)).at(-1) ?? ''
const first = (text: string): string => Array.from(text.slice(0, 2))[0] ?? ''

const betweenEmoji = (_: string, before: string, after: string): boolean =>
  EMOJI.test(first(after)) && (EMOJI.test(last(before)) || last(before) === '\ufe0f')
const inJoiningScript = (_: string, before: string, after: string): boolean =>
  JOINING.test(last(before)) || JOINING.test(first(after))
/** England, Scotland, Wales: a black flag, tags, and the tag that ends them. */
const isFlag = (match: string, before: string): boolean =>
  before.endsWith('\u{1f3f4}') && /^[\u{e0061}-\u{e007a}\u{e0030}-\u{e0039}]{3,6}\u{e007f}$/u.test(match)

/** Every entry has rows in `characters.test.ts`. */
const TRICKS: readonly Trick[] = [
  trick(
    'tags',
    'critical',
    'text in tag characters, which nobody sees and models read',
    /[\u{e0000}-\u{e007f}]+/gu,
    isFlag,
  ),
  trick(
    'variation-selectors',
    'high',
    'data in variation selectors',
    /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}|(?<=[\x21-\x22\x24-\x29\x2b-\x2f\x3a-\x7e])[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]/gu,
  ),
  trick('direction-override', 'critical', 'text that is shown in another order than it is read', /[\u202d\u202e]/g),
  trick(
    'direction-embedding',
    'high',
    'direction controls',
    /[\u202a\u202b\u2066-\u2069]/g,
    (_, before, after) => RTL.test(before.slice(-60)) || RTL.test(after.slice(0, 60)),
  ),
  trick(
    'direction-mark',
    'medium',
    'direction marks in left-to-right text',
    /[\u200e\u200f\u061c]/g,
    (_, before, after) => RTL.test(before.slice(-40)) || RTL.test(after.slice(0, 40)),
  ),
  trick('zero-width-run', 'high', 'data in zero-width characters', /[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{4,}/g),
  trick(
    'zero-width',
    'high',
    'zero-width characters within words',
    /(?<=\S)[\u200b\u2060\ufeff](?=\S)/g,
    inJoiningScript,
  ),
  trick('zero-width-space', 'medium', 'zero-width characters', /[\u200b\u2060]|(?!^)\ufeff/g, inJoiningScript),
  trick(
    'joiner',
    'high',
    'joiners between letters that do not join',
    /[\u200c\u200d]/g,
    (match, before, after) => betweenEmoji(match, before, after) || inJoiningScript(match, before, after),
  ),
  trick('invisible-operator', 'high', 'invisible operators', /[\u2061-\u2064]/g),
  trick(
    'deprecated-format',
    'high',
    'format characters without a use',
    /[\u206a-\u206f\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{1bca0}-\u{1bca3}\u{13430}-\u{1343f}]/gu,
  ),
  trick(
    'filler',
    'high',
    'letters that show nothing',
    /\u115f|\u1160|\u3164|\uffa0|\u17b4|\u17b5|\u034f/g,
    (_, before, after) => HANGUL.test(last(before)) || HANGUL.test(first(after)) || JOINING.test(last(before)),
  ),
  trick('blank-pattern', 'high', 'blanks that are no white space', /\u2800{2,}|(?<=\w)\u2800(?=\w)/g),
  trick('mongolian', 'high', 'Mongolian separators in other text', /[\u180b-\u180f]/g, inJoiningScript),
  trick('soft-hyphen', 'medium', 'soft hyphens that cut words for a reader of bytes', /\u00ad/g),
  trick('line-separator', 'medium', 'line ends that editors do not show', /[\u2028\u2029\u0085\v\f]/g),
  trick('control', 'high', 'control characters', /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\x80-\x84\x86-\x9f]/g),
  trick(
    'terminal-sequence',
    'high',
    'terminal control sequences',
    /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|.)/g,
  ),
  trick('overwritten-line', 'high', 'a line that overwrites itself on a terminal', /(?<=[^\r\n]{4})\r(?=[^\r\n])/g),
  trick(
    'private-use',
    'medium',
    'characters of private use',
    /[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]{3,}/gu,
  ),
  trick(
    'not-a-character',
    'high',
    'code points that are no characters',
    /[\ufdd0-\ufdef\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
  ),
  trick(
    'odd-spaces',
    'medium',
    'rows of unusual spaces',
    /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]{6,}|(?:[\u2000-\u200a\u205f][^\S\n]?){8,}/g,
  ),
  trick(
    'styled-letters',
    'medium',
    'words in letters of mathematics or enclosed letters',
    /(?:[\u{1d400}-\u{1d7ff}]\s?){4,}|(?:[\u{1f110}-\u{1f18a}\u24b6-\u24e9]\s?){4,}|(?:[\uff21-\uff3a\uff41-\uff5a]){4,}/gu,
  ),
  trick(
    'flag-letters',
    'medium',
    'words spelled with flag letters',
    /(?:[\u{1f1e6}-\u{1f1ff}][\s\u200b]?){5,}/gu,
    (match) => !/[\s\u200b]/.test(match) && Array.from(match).length % 2 === 0,
  ),
  trick('piled-marks', 'medium', 'piles of combining marks', /\p{M}{5,}/gu, inJoiningScript),
  trick(
    'far-away',
    'high',
    'text pushed out of sight by white space',
    /(?<=^|\S)[^\S\n]*\n(?:[ \t]*\r?\n){60,}(?=[^\n]*\S)|(?<![^\S\n])[^\S\n]{240,}[^\s|]/g,
    (_, before) => /(?:^|\n)[^\S\n]*\|[^\n]*$/.test(before),
  ),
]

const WHY = 'A reviewer sees one text, the model reads another.'
const FIX = 'Remove the characters.'

/** All tricks with characters in a text; one finding a trick. @param prefix `skill` or `mcp` */
export function hiddenCharacters(text: string, file: string, prefix: string): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  for (const { id, severity, title, pattern, honest } of TRICKS) {
    let count = 0
    let place: { start: number; end: number } | undefined
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length
      if (
        honest?.(match[0], text.slice(Math.max(0, match.index - 80), match.index), text.slice(end, end + 80)) === true
      )
        continue
      if (id === 'zero-width' && match[0] === '\ufeff' && match.index === 0) continue
      count++
      place ??= { start: match.index, end }
    }
    if (place === undefined) continue
    const rule: RuleText = { id: `${prefix}.hidden.${id}`, severity, title, why: WHY, fix: FIX }
    const shown = codesOf(text.slice(place.start, place.end))
    found.push({ ...findingAt(rule, file, text, place.start, place.end), evidence: `${count} times, first ${shown}` })
  }
  const coded = spaceCode(text)
  if (coded !== undefined) {
    const rule: RuleText = {
      id: `${prefix}.hidden.space-code`,
      severity: 'medium',
      title: 'data in white space at line ends',
      why: WHY,
      fix: FIX,
    }
    found.push({
      ...findingAt(rule, file, text, coded, coded + 1),
      evidence: 'spaces and tabs mixed at the ends of lines',
    })
  }
  const mixed = mixedWord(text)
  if (mixed !== undefined) {
    const rule: RuleText = {
      id: `${prefix}.hidden.mixed-alphabets`,
      severity: 'medium',
      title: 'words with look-alike letters of another alphabet',
      why: WHY,
      fix: FIX,
    }
    found.push(findingAt(rule, file, text, mixed.start, mixed.end))
  }
  return found
}

const CODED_LINES = 4

/** Lines that end with spaces and tabs in turn; the place of the first. */
function spaceCode(text: string): number | undefined {
  let lines = 0
  let first: number | undefined
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    let at = end
    let turns = 0
    while (at > 0 && (text[at - 1] === ' ' || text[at - 1] === '\t')) {
      if (at < end && text[at] !== text[at - 1]) turns++
      at--
    }
    if (turns < 2) continue
    first ??= at
    if (++lines >= CODED_LINES) return first
  }
  return undefined
}

const codesOf = (text: string): string => {
  const codes = Array.from(
    text,
    (char) => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return codes.length > 6 ? `${codes.slice(0, 6).join(' ')} …` : codes.join(' ')
}

/** Latin letters and ones of Cyrillic, Greek, Armenian or Cherokee that pass for Latin, in one word. */
export function mixedWord(text: string): { readonly start: number; readonly end: number } | undefined {
  if (!/[\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf\u1c80-\u1c8f]/.test(text)) return undefined
  for (const match of text.matchAll(/[\p{L}\p{N}_]{2,64}/gu)) {
    const word = match[0]
    const hasLatin = /[A-Za-z]/.test(word)
    const hasOther = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(word)
    // µ, Ω and π stand in units and formulas
    if (
      hasLatin &&
      hasOther &&
      !/^[A-Za-z]{0,2}[μµΩπσΔλ][A-Za-z]{0,3}$/u.test(word) &&
      /^[\x20-\x7e]*$/.test(fold(word).text)
    )
      return { start: match.index, end: match.index + word.length }
  }
  return undefined
}
