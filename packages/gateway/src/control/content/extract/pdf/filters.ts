import { constants, inflateRawSync, inflateSync } from 'node:zlib'
import { BudgetEnd, type Sink } from '../extraction.ts'
import { isDict, isList, nameOf, numberOf, type PdfDict, type PdfValue } from './lexer.ts'

/** Unpacked bytes of one stream. */
const MAX_STREAM = 24_000_000
const MAX_FILTERS = 8
/** Filters of pictures: their bytes are pixels. */
const PICTURES = /^(DCTDecode|DCT|JPXDecode|CCITTFaxDecode|CCF|JBIG2Decode)$/

/** Bytes of a stream, all filters undone; undefined for a picture and for what cannot be undone, which is noted. */
export function decodeStream(
  raw: Buffer,
  dict: PdfDict,
  resolve: (value: PdfValue | undefined) => PdfValue | undefined,
  sink: Sink,
): Buffer | undefined {
  const given = resolve(dict.get('Filter') ?? dict.get('F'))
  const filters = isList(given) ? given.map((one) => nameOf(resolve(one))) : given == null ? [] : [nameOf(given)]
  const parameters = resolve(dict.get('DecodeParms') ?? dict.get('DP'))
  if (filters.length > MAX_FILTERS) {
    sink.note('document.bomb', 'A stream has too many filters.')
    return undefined
  }
  let data = raw
  for (const [index, filter] of filters.entries()) {
    if (PICTURES.test(filter)) return undefined
    const parms = resolve(isList(parameters) ? parameters[index] : parameters)
    const decoded = decode(data, filter, sink)
    if (decoded === undefined) return undefined
    sink.spend(decoded.length)
    data = isDict(parms) ? undoPredictor(decoded, parms) : decoded
  }
  return data
}

function decode(data: Buffer, filter: string, sink: Sink): Buffer | undefined {
  switch (filter) {
    case 'FlateDecode':
    case 'Fl':
      return inflate(data, sink)
    case 'ASCIIHexDecode':
    case 'AHx':
      return Buffer.from(
        data
          .toString('latin1')
          .replace(/>[\s\S]*$/, '')
          .replace(/[^\dA-Fa-f]/g, ''),
        'hex',
      )
    case 'ASCII85Decode':
    case 'A85':
      return ascii85(data.toString('latin1'))
    case 'LZWDecode':
    case 'LZW':
      return lzw(data, sink)
    case 'RunLengthDecode':
    case 'RL':
      return runLength(data)
    case 'Crypt':
      sink.note('document.encrypted', 'A stream is encrypted.')
      return undefined
    default:
      sink.note(
        'document.filter',
        `A stream is packed with ${JSON.stringify(filter.slice(0, 40))}, which is not known.`,
      )
      return undefined
  }
}

function inflate(data: Buffer, sink: Sink): Buffer | undefined {
  const options = { maxOutputLength: MAX_STREAM, finishFlush: constants.Z_SYNC_FLUSH }
  for (const attempt of [() => inflateSync(data, options), () => inflateRawSync(data.subarray(2), options)]) {
    try {
      return attempt()
    } catch (thrown) {
      if ((thrown as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
        throw new BudgetEnd('document.bomb', 'A stream unpacks to too much.')
      }
    }
  }
  sink.note('document.malformed', 'A stream does not unpack.')
  return undefined
}

function ascii85(text: string): Buffer {
  const out: number[] = []
  let group: number[] = []
  const flush = (): void => {
    const size = group.length - 1
    while (group.length < 5) group.push(84)
    const value = group.reduce((sum, digit) => sum * 85 + digit, 0)
    for (let at = 0; at < size; at++) out.push(Math.floor(value / 256 ** (3 - at)) & 255)
    group = []
  }
  for (let at = text.startsWith('<~') ? 2 : 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x7e) break
    if (code === 0x7a && group.length === 0) out.push(0, 0, 0, 0)
    else if (code >= 0x21 && code <= 0x75) {
      group.push(code - 0x21)
      if (group.length === 5) flush()
    }
  }
  if (group.length > 1) flush()
  return Buffer.from(out)
}

function runLength(data: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < data.length;) {
    const length = data[at] as number
    if (length === 128) break
    if (length < 128) parts.push(data.subarray(at + 1, at + 2 + length))
    else parts.push(Buffer.alloc(257 - length, data[at + 1]))
    at += length < 128 ? length + 2 : 2
  }
  return Buffer.concat(parts)
}

/** LZW as in TIFF, codes of 9 to 12 bits, early change (§7.4.4). */
function lzw(data: Buffer, sink: Sink): Buffer {
  const parts: Buffer[] = []
  let table: Buffer[] = []
  let previous: Buffer | undefined
  let [bits, held, width, total] = [0, 0, 9, 0]
  const reset = (): void => {
    table = Array.from({ length: 258 }, (_, code) => Buffer.from(code < 256 ? [code] : []))
    width = 9
    previous = undefined
  }
  reset()
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xffffff
    bits += 8
    if (bits < width) continue
    bits -= width
    const code = (held >> bits) & ((1 << width) - 1)
    if (code === 257) break
    if (code === 256) {
      reset()
      continue
    }
    const entry: Buffer | undefined = table[code] ?? (previous && Buffer.concat([previous, previous.subarray(0, 1)]))
    if (entry === undefined) break
    parts.push(entry)
    total += entry.length
    sink.spend(entry.length)
    if (total > MAX_STREAM) throw new BudgetEnd('document.bomb', 'A stream unpacks to too much.')
    if (previous !== undefined && table.length < 4096) table.push(Buffer.concat([previous, entry.subarray(0, 1)]))
    previous = entry
    width = table.length >= 2047 ? 12 : table.length >= 1023 ? 11 : table.length >= 511 ? 10 : 9
  }
  return Buffer.concat(parts)
}

/** Predictors of PNG (10 to 15); the one of TIFF (2) is for pictures only. */
function undoPredictor(data: Buffer, parms: PdfDict): Buffer {
  if (numberOf(parms.get('Predictor'), 1) < 10) return data
  const columns = Math.min(100_000, Math.max(1, numberOf(parms.get('Columns'), 1)))
  const pixel = Math.max(
    1,
    Math.ceil((numberOf(parms.get('Colors'), 1) * numberOf(parms.get('BitsPerComponent'), 8)) / 8),
  )
  const row = Math.ceil((columns * numberOf(parms.get('Colors'), 1) * numberOf(parms.get('BitsPerComponent'), 8)) / 8)
  const out = Buffer.alloc(Math.ceil(data.length / (row + 1)) * row)
  let end = 0
  for (let start = 0, line = 0; start < data.length; start += row + 1, line++) {
    const kind = data[start]
    for (let x = 0; x < row && start + 1 + x < data.length; x++) {
      const at = line * row + x
      const left = x >= pixel ? (out[at - pixel] as number) : 0
      const up = line > 0 ? (out[at - row] as number) : 0
      const corner = x >= pixel && line > 0 ? (out[at - row - pixel] as number) : 0
      out[at] = ((data[start + 1 + x] as number) + predicted(kind, left, up, corner)) & 255
      end = at + 1
    }
  }
  return out.subarray(0, end)
}

function predicted(kind: number | undefined, left: number, up: number, corner: number): number {
  if (kind === 1) return left
  if (kind === 2) return up
  if (kind === 3) return (left + up) >> 1
  if (kind !== 4) return 0
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}
