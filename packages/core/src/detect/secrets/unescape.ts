import { MappedBuilder, type MappedText } from './view.ts'

/**
 * Escapes and characters that are not what they seem, in one pattern: `%41`, `\u0041`, `\u{41}`, `\x41`, `\101`, `\/`,
 * `&#65;`, `&#x41;`, `&amp;`, invisible characters, and everything else beyond ASCII that folds to it.
 */
const ESCAPE =
  /(?:%[0-9A-Fa-f]{2}){1,4096}|\\{1,8}u(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\})|\\{1,8}x[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}|\\{1,8}\/|&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,16});|[\u0080-\uffff]{1,4096}/y

const NAMED: Readonly<Record<string, string>> = Object.freeze({
  __proto__: null,
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  lowbar: '_',
  hyphen: '-',
  dash: '-',
  equals: '=',
  colon: ':',
  sol: '/',
  period: '.',
  commat: '@',
  plus: '+',
  dollar: '$',
  shy: '',
  zwj: '',
  zwnj: '',
  ZeroWidthSpace: '',
  NoBreak: '',
} as unknown as Record<string, string>)

/** Default-ignorable: soft hyphen, joiners, zero widths, direction marks, variation selectors, tags. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu
/** Letters of other scripts that look like ASCII; NFKC does not fold these. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    ['аɑα', 'a'],
    ['АΑ', 'A'],
    ['ВΒ', 'B'],
    ['сϲ', 'c'],
    ['СϹ', 'C'],
    ['ԁ', 'd'],
    ['еҽ', 'e'],
    ['ЕΕ', 'E'],
    ['ɡ', 'g'],
    ['һ', 'h'],
    ['НΗ', 'H'],
    ['іıι', 'i'],
    ['ІΙӀ', 'I'],
    ['ј', 'j'],
    ['Ј', 'J'],
    ['ԛ', 'q'],
    ['К\u039a\u212a', 'K'],
    ['κк', 'k'],
    ['ӏ', 'l'],
    ['МΜ', 'M'],
    ['Ν', 'N'],
    ['ոп', 'n'],
    ['оοօ', 'o'],
    ['ОΟՕ', 'O'],
    ['рρ', 'p'],
    ['РΡ', 'P'],
    ['ѕ', 's'],
    ['Ѕ', 'S'],
    ['т', 't'],
    ['ТΤ', 'T'],
    ['υս', 'u'],
    ['ν', 'v'],
    ['ѵ', 'v'],
    ['ԝ', 'w'],
    ['хχ', 'x'],
    ['ХΧ', 'X'],
    ['уγ', 'y'],
    ['УΥ', 'Y'],
    ['ΖZ', 'Z'],
    ['‐‑‒–—−﹣', '-'],
    ['＿‿', '_'],
    ['․', '.'],
    ['꞉ː', ':'],
    ['∕⁄', '/'],
  ].flatMap(([from = '', to = '']) => [...from].map((letter) => [letter, to] as const)),
)

/** Around a place that was hidden this much of the text is read with it. */
const CONTEXT = 160

/** A part of a text with its escapes resolved. */
export interface Unescaped {
  /** Where the part begins in the text. */
  readonly from: number
  readonly mapped: MappedText
}

/**
 * The parts of the text that hold escapes or characters to fold, resolved, each with some of what stands around it. Linear.
 * @param places Where to look, ascending
 */
export function* unescape(text: string, places: readonly number[]): Iterable<Unescaped> {
  let from = 0
  let builder: MappedBuilder | undefined
  let last = 0
  for (const place of places) {
    if (builder !== undefined && place < last) continue
    ESCAPE.lastIndex = place
    const match = ESCAPE.exec(text)
    if (match === null) continue
    if (builder !== undefined && place - last > 2 * CONTEXT) {
      if (builder.isChanged) yield { from, mapped: builder.done() }
      builder = undefined
    }
    const [escape] = match
    const first = escape.charCodeAt(0)
    const changes = first === 37 || first > 127 ? escape : resolve(escape)
    if (changes === undefined) continue
    if (builder === undefined) {
      from = Math.max(last, place - CONTEXT)
      builder = new MappedBuilder(text, from)
    }
    if (first === 37) percent(builder, place, escape)
    else if (first > 127) foreign(builder, place, escape)
    else builder.replace(place, place + escape.length, changes)
    last = place + escape.length
    builder.until(Math.min(text.length, last + CONTEXT))
  }
  if (builder?.isChanged === true) yield { from, mapped: builder.done() }
}

function percent(builder: MappedBuilder, at: number, run: string): void {
  for (let i = 0; i < run.length; i += 3) {
    const code = Number.parseInt(run.slice(i + 1, i + 3), 16)
    // Bytes beyond ASCII are of no alphabet a secret has.
    builder.replace(at + i, at + i + 3, code < 128 ? String.fromCharCode(code) : '\u00bf')
  }
}

function foreign(builder: MappedBuilder, at: number, run: string): void {
  let i = 0
  for (const character of run) {
    const { length } = character
    const folded = LOOKALIKES.get(character) ?? fold(character)
    if (folded !== character) builder.replace(at + i, at + i + length, folded)
    i += length
  }
}

function fold(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // Letters of Latin, of Chinese, Japanese and Korean: what most foreign text is made of folds to nothing else.
  if ((code >= 0xc0 && code < 0x250) || (code >= 0x3041 && code < 0xd7a4 && code !== 0x3164)) return character
  // Tag characters are ASCII that nobody sees.
  if (code >= 0xe0020 && code <= 0xe007e) return String.fromCharCode(code - 0xe0000)
  const visible = character.replace(INVISIBLE, '').replace(/\p{Mn}/u, '')
  if (visible === '') return ''
  const plain = visible.normalize('NFKC')
  return plain.length <= 4 && /^[ -~]+$/.test(plain) ? plain : character
}

function resolve(escape: string): string | undefined {
  if (escape.startsWith('&')) {
    const name = escape.slice(1, -1)
    if (!name.startsWith('#')) return NAMED[name]
    return character(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10))
  }
  if (escape.endsWith('/')) return '/'
  const digits = /[0-9A-Fa-f]+\}?$/.exec(escape.replace(/^\\+[ux]?/, ''))?.[0].replace('}', '') ?? ''
  return character(Number.parseInt(digits, /^\\[0-3]/.test(escape) ? 8 : 16))
}

const character = (code: number): string | undefined =>
  code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined
