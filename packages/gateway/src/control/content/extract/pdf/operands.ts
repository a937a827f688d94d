import type { Colour } from '../html/colour.ts'
import { numberOf, type PdfLexer, type PdfValue } from './lexer.ts'
import type { Matrix } from './matrix.ts'

export const matrixOf = (list: readonly PdfValue[]): Matrix => [
  numberOf(list[0], 1),
  numberOf(list[1]),
  numberOf(list[2]),
  numberOf(list[3], 1),
  numberOf(list[4]),
  numberOf(list[5]),
]

/** Colours of the device spaces (§8.6.4): 0 to 1 each. */
export const grey = (level: number): Colour => [level * 255, level * 255, level * 255, 1]
export const cmyk = (c: number, m: number, y: number, k: number): Colour => [
  255 * (1 - Math.min(1, c + k)),
  255 * (1 - Math.min(1, m + k)),
  255 * (1 - Math.min(1, y + k)),
  1,
]

/** Bytes of a picture in the content: from `ID` up to `EI` between white space. @returns false where it does not end */
export function skipInlineImage(lexer: PdfLexer): boolean {
  const end = /[\s\0]EI(?=[\s\0]|$)/g
  end.lastIndex = lexer.source.indexOf('ID', lexer.at)
  const found = end.lastIndex >= 0 && end.test(lexer.source)
  lexer.at = found ? end.lastIndex : lexer.source.length
  return found
}
