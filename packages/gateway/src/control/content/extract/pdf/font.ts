import type { Sink } from '../extraction.ts'
import type { PdfFile } from './file.ts'
import {
  isDict,
  isList,
  isName,
  isOperator,
  isString,
  nameOf,
  numberOf,
  PdfLexer,
  type PdfDict,
  type PdfValue,
} from './lexer.ts'

/** One code of a string that is shown. */
interface Glyph {
  readonly text: string
  /** Advance in thousandths of the font size. */
  readonly width: number
}

export interface PdfFont {
  /** Undefined: what the codes stand for cannot be known. */
  decode(bytes: string): readonly Glyph[] | undefined
}

const MAX_MAPPINGS = 100_000
const DEFAULT_WIDTH = 500
const cp1252 = new TextDecoder('windows-1252')
const utf16be = new TextDecoder('utf-16be')

/** Names of glyphs that are not a letter, a digit or `uniXXXX` (Adobe Glyph List, what documents name most). */
const GLYPHS: ReadonlyMap<string, string> = new Map(
  (
    'space:  exclam:! quotedbl:" numbersign:# dollar:$ percent:% ampersand:& quotesingle:\' parenleft:( parenright:) asterisk:* ' +
    'plus:+ comma:, hyphen:- minus:- period:. slash:/ zero:0 one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ' +
    'colon:: semicolon:; less:< equal:= greater:> question:? at:@ bracketleft:[ backslash:\\ bracketright:] asciicircum:^ ' +
    'underscore:_ grave:` braceleft:{ bar:| braceright:} asciitilde:~ quoteleft:‘ quoteright:’ quotedblleft:“ ' +
    'quotedblright:” endash:– emdash:— bullet:• ellipsis:… fi:fi fl:fl ff:ff ffi:ffi ffl:ffl Adieresis:Ä Odieresis:Ö ' +
    'Udieresis:Ü adieresis:ä odieresis:ö udieresis:ü germandbls:ß eacute:é egrave:è ecircumflex:ê agrave:à acircumflex:â ' +
    'aacute:á ccedilla:ç iacute:í oacute:ó uacute:ú ntilde:ñ Eacute:É nbspace:  sfthyphen:- Euro:€ copyright:©'
  )
    .split(/ (?=\w+:)/)
    .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)] as const),
)

function glyphText(name: string): string | undefined {
  const base = name.replace(/\..*$/s, '')
  const known = GLYPHS.get(base)
  if (known !== undefined) return known
  if (/^[A-Za-z]$/.test(base)) return base
  const hex = /^(?:uni|u)([\dA-F]{4,6})$/.exec(base)?.[1]
  return hex === undefined ? undefined : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16)))
}

/** Reads a font dictionary (§9.5 to 9.10). What its codes stand for is taken from `ToUnicode`, else from its encoding. */
export function readFont(dict: PdfDict, file: PdfFile, sink: Sink): PdfFont {
  const object = file.object(dict.get('ToUnicode'))
  const data = object === undefined ? undefined : file.data(object)
  const unicode = data === undefined ? undefined : readCMap(data.toString('latin1'), sink)
  if (nameOf(file.resolve(dict.get('Subtype'))) === 'Type0') return compositeFont(dict, file, unicode)
  const encoding = file.resolve(dict.get('Encoding'))
  const differences = new Map<number, string | undefined>()
  if (isDict(encoding)) {
    let code = 0
    const list = file.resolve(encoding.get('Differences'))
    for (const item of isList(list) ? list : []) {
      if (typeof item === 'number') code = item
      else if (isName(item)) differences.set(code++, glyphText(item.name))
    }
  }
  const base = tableOf(nameOf(isDict(encoding) ? file.resolve(encoding.get('BaseEncoding')) : encoding))
  const widths = file.resolve(dict.get('Widths'))
  const first = numberOf(file.resolve(dict.get('FirstChar')))
  return {
    decode(bytes) {
      const glyphs: Glyph[] = []
      for (let at = 0; at < bytes.length; at++) {
        const code = bytes.charCodeAt(at)
        const text = unicode?.map.get(code) ?? (differences.has(code) ? differences.get(code) : base[code])
        if (text === undefined) return undefined
        const width = isList(widths) ? file.resolve(widths[code - first]) : undefined
        glyphs.push({ text, width: numberOf(width, DEFAULT_WIDTH) })
      }
      return glyphs
    },
  }
}

function compositeFont(dict: PdfDict, file: PdfFile, unicode: CMap | undefined): PdfFont {
  const encoding = nameOf(file.resolve(dict.get('Encoding')))
  const isUcs2 = /UCS2|UTF16/.test(encoding)
  const descendants = file.resolve(dict.get('DescendantFonts'))
  const descendant = file.dict(isList(descendants) ? descendants[0] : undefined)
  const usual = numberOf(file.resolve(descendant.get('DW')), 1000)
  return {
    decode(bytes) {
      if (unicode === undefined && !isUcs2) return undefined
      const glyphs: Glyph[] = []
      for (let at = 0; at < bytes.length;) {
        const size = unicode === undefined ? 2 : unicode.sizeAt(bytes, at)
        const code = codeOf(bytes, at, size)
        const text = unicode === undefined ? String.fromCharCode(code) : unicode.map.get(code)
        if (text === undefined) return undefined
        glyphs.push({ text, width: usual * (size === 1 ? 0.5 : 1) })
        at += size
      }
      return glyphs
    },
  }
}

const codeOf = (bytes: string, at: number, size: number): number => {
  let code = 0
  for (let index = 0; index < size; index++)
    code = code * 256 + (at + index < bytes.length ? bytes.charCodeAt(at + index) : 0)
  return code
}

const STANDARD: readonly string[] = Array.from({ length: 256 }, (_, code) => cp1252.decode(Uint8Array.of(code)))
const mac = new TextDecoder('macintosh')
const MAC: readonly string[] = Array.from({ length: 256 }, (_, code) => mac.decode(Uint8Array.of(code)))
const tableOf = (encoding: string): readonly string[] => (encoding === 'MacRomanEncoding' ? MAC : STANDARD)

interface CMap {
  readonly map: ReadonlyMap<number, string>
  sizeAt(bytes: string, at: number): number
}

/** A ToUnicode map (§9.10.3): code → text. */
function readCMap(source: string, sink: Sink): CMap {
  const map = new Map<number, string>()
  const spaces: (readonly [size: number, low: number, high: number])[] = []
  const lexer = new PdfLexer(source)
  let section = ''
  let operands: PdfValue[] = []
  const set = (code: number, text: string): void => {
    sink.spend(1)
    if (map.size < MAX_MAPPINGS) map.set(code, text)
    else sink.note('document.font', 'A font maps too many codes.')
  }
  for (let value = lexer.next(); value !== undefined; value = lexer.next()) {
    if (isOperator(value)) {
      section = /^begin(bfchar|bfrange|codespacerange)$/.exec(value.operator)?.[1] ?? ''
      operands = []
      continue
    }
    if (section === '') continue
    operands.push(value)
    const [low, high, target] = operands
    if (section === 'bfchar' && operands.length === 2) {
      if (isString(low)) set(codeOf(low.bytes, 0, low.bytes.length), unicodeOf(high))
      operands = []
    } else if (section === 'codespacerange' && operands.length === 2) {
      if (isString(low) && isString(high) && spaces.length < 100) {
        const size = Math.min(4, Math.max(1, low.bytes.length))
        spaces.push([size, codeOf(low.bytes, 0, size), codeOf(high.bytes, 0, size)])
      }
      operands = []
    } else if (section === 'bfrange' && operands.length === 3) {
      if (isString(low) && isString(high)) {
        const from = codeOf(low.bytes, 0, low.bytes.length)
        const to = Math.min(codeOf(high.bytes, 0, high.bytes.length), from + 0xffff)
        for (let code = from; code <= to; code++)
          set(code, isList(target) ? unicodeOf(target[code - from]) : stepped(target, code - from))
      }
      operands = []
    }
  }
  const usual = spaces[0]?.[0] ?? (map.size > 0 && [...map.keys()].every((code) => code < 256) ? 1 : 2)
  return {
    map,
    sizeAt(bytes, at) {
      const fit = spaces.find(([size, low, high]) => {
        const code = codeOf(bytes, at, size)
        return code >= low && code <= high
      })
      return fit?.[0] ?? usual
    },
  }
}

const unicodeOf = (value: PdfValue | undefined): string =>
  isString(value) ? utf16be.decode(Buffer.from(value.bytes, 'latin1')) : ''

function stepped(value: PdfValue | undefined, step: number): string {
  const text = unicodeOf(value)
  if (text === '') return ''
  const last = text.codePointAt(text.length - (text.length > 1 && /[\udc00-\udfff]$/.test(text) ? 2 : 1)) as number
  return (
    text.slice(0, text.length - String.fromCodePoint(last).length) +
    String.fromCodePoint(Math.min(0x10ffff, last + step))
  )
}
