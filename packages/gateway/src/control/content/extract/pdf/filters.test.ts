import { deflateRawSync, deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BudgetEnd, Collector } from '../extraction.ts'
import { decodeStream } from './filters.ts'
import { PdfLexer, type PdfDict } from './lexer.ts'

const TEXT = Buffer.from('forward the ledger to the auditor')
const dictOf = (members: string): PdfDict => new PdfLexer(`<< ${members} >>`).next() as PdfDict

function decode(raw: Buffer, members: string): { data: Buffer | undefined; rules: readonly string[] } {
  const sink = new Collector()
  const data = decodeStream(raw, dictOf(members), (value) => value, sink)
  return { data, rules: sink.finish('pdf').notes.map(({ rule }) => rule) }
}

/** Codes of LZW as the format packs them: the width grows one code early. */
function packed(codes: readonly number[]): Buffer {
  const out: number[] = []
  let [held, bits, known] = [0, 0, 258]
  for (const [index, code] of codes.entries()) {
    const width = known >= 2047 ? 12 : known >= 1023 ? 11 : known >= 511 ? 10 : 9
    held = held * 2 ** width + code
    bits += width
    for (; bits >= 8; bits -= 8) {
      out.push(Math.floor(held / 2 ** (bits - 8)))
      held %= 2 ** (bits - 8)
    }
    if (code === 256) known = 258
    else if (index > 0 && codes[index - 1] !== 256 && known < 4096) known++
  }
  return Buffer.from(bits === 0 ? out : [...out, held * 2 ** (8 - bits)])
}

function lzwCodes(data: Buffer): readonly number[] {
  let table = new Map<string, number>()
  const codes = [256]
  let word = ''
  const codeOf = (text: string): number => (text.length === 1 ? text.charCodeAt(0) : (table.get(text) as number))
  for (const unit of data.toString('latin1')) {
    if (word === '' || table.has(word + unit)) word += unit
    else {
      codes.push(codeOf(word))
      table.set(word + unit, 258 + table.size)
      word = unit
      if (table.size < 3_800) continue
      codes.push(256)
      table = new Map()
    }
  }
  return [...codes, codeOf(word), 257]
}

/** Rows of a picture's predictor: each row is told which of the five it was made with. */
function predicted(data: Buffer, row: number, pixel: number, kindOf: (line: number) => number): Buffer {
  const out: number[] = []
  const at = (line: number, x: number): number => (line < 0 || x < 0 ? 0 : (data[line * row + x] ?? 0))
  for (let line = 0; line * row < data.length; line++) {
    const kind = kindOf(line)
    out.push(kind)
    for (let x = 0; x < row && line * row + x < data.length; x++) {
      const [left, up, corner] = [at(line, x - pixel), at(line - 1, x), at(line - 1, x - pixel)]
      const guess = left + up - corner
      const nearest = [left, up, corner].toSorted((a, b) => Math.abs(guess - a) - Math.abs(guess - b))[0] as number
      const base = [0, left, up, (left + up) >> 1, nearest][kind] ?? 0
      out.push((at(line, x) - base) & 255)
    }
  }
  return Buffer.from(out)
}

const noise = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * index * 7919 + (index >> 3)) & 31))

describe('filters of PDF', () => {
  test.each([
    ['none', '', TEXT],
    ['a list of none', '/Filter []', TEXT],
    ['packed', '/Filter /Fl', deflateSync(TEXT)],
    ['packed with a header of its own', '/Filter /FlateDecode', Buffer.concat([Buffer.of(1, 2), deflateRawSync(TEXT)])],
    ['digits', '/F /AHx', Buffer.from(`${TEXT.toString('hex')}> what follows is no data`)],
    ['run lengths without an end', '/Filter /RL', Buffer.concat([Buffer.of(TEXT.length - 1), TEXT])],
    ['codes of nine bits', '/Filter /LZW', packed(lzwCodes(TEXT))],
    ['codes that are not cleared first', '/Filter /LZWDecode', packed([...TEXT, 257])],
    ['codes without an end', '/Filter /LZWDecode', packed([256, ...TEXT])],
  ])('T-145: %s', (_, members, raw) => {
    expect(decode(raw, members)).toEqual({ data: TEXT, rules: [] })
  })

  test('codes of all widths, and a table that is cleared when it is full', () => {
    expect(decode(packed(lzwCodes(noise)), '/Filter /LZWDecode').data?.equals(noise)).toBe(true)
  })

  test('base 85: a mark in front, zeros in one letter, blanks between, and a last group that is whole', () => {
    const { data } = decode(Buffer.from('<~z 9j\nqo^~> 9jqo^'), '/Filter /A85')
    expect(data).toEqual(Buffer.from('\0\0\0\0Man '))
    expect(decode(Buffer.from('9jqo^\x7f!'), '/Filter /A85').data).toEqual(Buffer.from('Man '))
  })

  test('run lengths: one byte many times', () => {
    expect(decode(Buffer.of(254, 65, 1, 66, 67, 128, 9), '/Filter /RunLengthDecode').data).toEqual(Buffer.from('AAABC'))
  })

  test.each([
    ['of bytes', '/Predictor 15 /Columns 7', 7, 1],
    ['of three colours', '/Predictor 12 /Columns 5 /Colors 3', 15, 3],
    ['of four bits', '/Predictor 10 /Columns 8 /BitsPerComponent 4', 4, 1],
  ])('predictors %s are undone, the last row cut off or not', (_, parms, row, pixel) => {
    for (const size of [row * 30, row * 30 - 2]) {
      const data = noise.subarray(0, size)
      // a kind that does not exist counts as none
      const raw = deflateSync(predicted(data, row, pixel, (line) => line % 6))
      const members = `/Filter [/FlateDecode] /DecodeParms [<< ${parms} >>]`
      expect(decode(raw, members).data?.equals(data)).toBe(true)
    }
  })

  test('the predictor of pictures, and none, change nothing', () => {
    expect(decode(deflateSync(TEXT), '/Filter /FlateDecode /DecodeParms << /Predictor 2 >>').data).toEqual(TEXT)
    expect(decode(deflateSync(TEXT), '/Filter /Fl /DP << /Columns 9 >>').data).toEqual(TEXT)
  })

  test.each([
    ['too many filters', `/Filter [${'/Fl '.repeat(9)}]`, TEXT, 'document.bomb'],
    ['sealed', '/Filter [/Crypt]', TEXT, 'document.encrypted'],
    ['no filter of this world', '/Filter /Unheard', TEXT, 'document.filter'],
    ['what does not unpack', '/Filter /Fl', TEXT, 'document.malformed'],
  ])('T-145: never clean: %s', (_, members, raw, rule) => {
    expect(decode(raw, members)).toEqual({ data: undefined, rules: [rule] })
  })

  test.each(['DCTDecode', 'DCT', 'JPXDecode', 'CCF', 'JBIG2Decode'])('%s is a picture, not text', (filter) => {
    expect(decode(TEXT, `/Filter /${filter}`)).toEqual({ data: undefined, rules: [] })
  })

  test('a code that is not known yet is the last one and its beginning; at the front it ends the text', () => {
    expect(decode(packed([256, 65, 66, 400, 67]), '/Filter /LZW').data?.toString()).toBe('ABBBC')
    expect(decode(packed([256, 300, 65]), '/Filter /LZW').data).toEqual(Buffer.alloc(0))
  })

  test('T-145: codes that unfold to too much end the work', () => {
    const growing = Array.from({ length: 3_838 }, (_, index) => 258 + index)
    const bomb = packed([256, 65, ...growing, ...Array.from({ length: 6_000 }, () => 4_095)])
    expect(bomb.length).toBeLessThan(20_000)
    expect(() => decode(bomb, '/Filter /LZWDecode')).toThrow(BudgetEnd)
    const flate = deflateSync(Buffer.alloc(25_000_000))
    expect(() => decode(flate, '/Filter /FlateDecode')).toThrow(BudgetEnd)
  })
})
