import { hexBytes, isReadable, textOfBytes } from './bytes.ts'
import { MORSE } from './morse.ts'

/** An encoding of whole runs: every match of `run` is decoded by itself. Patterns are runs of one class, so that they are linear. */
export interface RunScheme {
  readonly id: string
  /** Cheap test whether looking for runs is worth it. */
  readonly trigger?: RegExp
  readonly run: RegExp
  /** Undefined: the run was not this encoding. */
  readonly decode: (run: string) => string | undefined
}

/** An encoding of single characters within text that is otherwise plain. */
export interface InlineScheme {
  readonly id: string
  readonly trigger: RegExp
  readonly item: RegExp
  /** Items that must lie close together before the text around them is read again. */
  readonly least: number
  readonly decode: (item: string) => string
}

export const RUN_SCHEMES: readonly RunScheme[] = [
  {
    id: 'binary',
    trigger: /[01]{8}/,
    run: /(?:[01]{8}[ ,]?){6,}/g,
    decode: (run) => prose(textOfBytes(numbers(run.match(/[01]{8}/g), 2))),
  },
  {
    id: 'decimal',
    trigger: /\d{2,3}[ ,;-]{1,2}\d{2,3}[ ,;-]{1,2}\d{2,3}/,
    run: /(?:(?<![\d.])(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])(?!\d)[ ,;-]{1,2}){9,}\d{2,3}/g,
    decode: (run) => prose(textOfBytes(numbers(run.match(/\d+/g), 10))),
  },
  {
    id: 'morse',
    trigger: /[.-]{2,5} [.-]{1,5} [.-]{1,5}[ /]/,
    run: /[.-]{1,6}(?: {1,3}[.-]{1,6}| ?[/|] ?[.-]{1,6}){9,}/g,
    decode: (run) =>
      run
        .split(/ ?[/|] ?| {2,3}/)
        .map((word) => Array.from(word.split(' '), (sign) => MORSE.get(sign) ?? '').join(''))
        .join(' '),
  },
  {
    id: 'tags',
    trigger: /\udb40[\udc20-\udc7f]/,
    run: /(?:\udb40[\udc00-\udc7f])+/g,
    decode: (run) => fromPairs(run, 0xe0000),
  },
  {
    id: 'variation-selectors',
    trigger: /[\ufe00-\ufe0f]{4}|(?:\udb40[\udd00-\uddef]){4}/,
    run: /(?:[\ufe00-\ufe0f]|\udb40[\udd00-\uddef]){4,}/g,
    decode: (run) => textOfBytes(Uint8Array.from(run, selectorByte)),
  },
]

/** Pairs of digits with spaces or commas between them. */
export const HEX_PAIRS: RunScheme = {
  id: 'hex',
  run: /(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,:]{1,2}){8,}(?:0x|\\x)?[0-9a-fA-F]{2}/g,
  decode: (run) => prose(textOfBytes(hexBytes(run))),
}

export const INLINE_SCHEMES: readonly InlineScheme[] = [
  {
    id: 'url',
    trigger: /%[2-7][0-9a-fA-F]/,
    item: /(?:%[0-9a-fA-F]{2})+/g,
    least: 2,
    decode: (item) => textOfBytes(hexBytes(item)) ?? item,
  },
  {
    id: 'html',
    trigger: /&(?:#\d|#[xX]|[a-zA-Z])/,
    item: /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos|nbsp|lbrack|rbrack|lsqb|rsqb|colon|NewLine|Tab|sol|lowbar|period|comma|excl|shy|zwnj|zwj|ZeroWidthSpace));/g,
    least: 2,
    decode: entity,
  },
  {
    id: 'escape',
    trigger: /\\(?:u\{?[0-9a-fA-F]|x[0-9a-fA-F]|[0-3][0-7]{2})/,
    item: /\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})/g,
    least: 3,
    decode: escaped,
  },
  {
    id: 'quoted-printable',
    trigger: /=(?:\r?\n|[2-7C-F][0-9A-F])/,
    item: /(?:=[0-9A-F]{2})+|=\r?\n/g,
    least: 3,
    decode: (item) => (/[\r\n]/.test(item) ? '' : (textOfBytes(hexBytes(item)) ?? item)),
  },
]

const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    lbrack: '[',
    rbrack: ']',
    lsqb: '[',
  }).concat(
    Object.entries({ rsqb: ']', colon: ':', NewLine: '\n', Tab: '\t', sol: '/', lowbar: '_', period: '.', comma: ',' }),
    Object.entries({ excl: '!', shy: '', zwnj: '', zwj: '', ZeroWidthSpace: '' }),
  ),
)

function entity(item: string): string {
  const body = item.slice(1, -1)
  if (body.startsWith('#x') || body.startsWith('#X')) return codePoint(parseInt(body.slice(2), 16))
  if (body.startsWith('#')) return codePoint(parseInt(body.slice(1), 10))
  return NAMED.get(body) ?? item
}

function escaped(item: string): string {
  return codePoint(/^\\\d/.test(item) ? parseInt(item.slice(1), 8) : parseInt(item.replace(/[\\ux{}]/g, ''), 16))
}

const codePoint = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')

const numbers = (digits: readonly string[] | null, base: number): Uint8Array =>
  Uint8Array.from(digits ?? [], (digit) => parseInt(digit, base))

function fromPairs(run: string, base: number): string {
  let text = ''
  for (const char of run) text += String.fromCharCode(((char.codePointAt(0) ?? base) - base) & 0x7f)
  return text
}

/** U+FE00…FE0F are the bytes 0…15, U+E0100…E01EF the rest. */
function selectorByte(char: string): number {
  const code = char.codePointAt(0) ?? 0
  return code < 0xfe10 ? code - 0xfe00 : code - 0xe0100 + 16
}

export const prose = (text: string | undefined): string | undefined =>
  text !== undefined && isReadable(text) && isProse(text) ? text : undefined

/** A word of four letters, or letters that need no spaces: numbers and keys that happen to be readable are neither. */
const isProse = (text: string): boolean => /[A-Za-z]{3}|[\u0370-\uffff]{2}/.test(text)
