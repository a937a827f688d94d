import { inflateSync } from 'node:zlib'
import type { Sink } from '../extraction.ts'
import { readExif } from './exif.ts'

type ImageKind = 'png' | 'jpeg' | 'gif' | 'webp'

/** Unpacked bytes of one text in a PNG. */
const MAX_TEXT = 2_000_000
const MAX_CHUNKS = 100_000

/** Which picture the bytes are, by their first ones. */
export function imageKind(bytes: Uint8Array): ImageKind | undefined {
  const head = latin(bytes.subarray(0, 12))
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (/^GIF8[79]a/.test(head)) return 'gif'
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'webp' : undefined
}

/** Text that a picture carries beside its pixels. What the pixels say is not read: that is a note of its own (T-148). */
export function readImage(bytes: Uint8Array, sink: Sink): ImageKind | undefined {
  const kind = imageKind(bytes)
  if (kind === undefined) {
    sink.note('document.unknown', 'A picture is of no known kind.')
    return undefined
  }
  sink.note('document.pixels', 'Text in the pixels of a picture is not read.')
  sink.spend(bytes.length)
  try {
    const end = READERS[kind](bytes, sink)
    if (end < bytes.length) trailing(bytes.subarray(end), sink)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    sink.note('document.malformed', 'A picture is cut off.')
  }
  return kind
}

/** Bytes behind the end of a picture: no viewer shows them, and another program may take the file for something else. */
function trailing(rest: Uint8Array, sink: Sink): void {
  const text = latin(rest.subarray(0, 200_000))
  if (/^[\0\s]*$/.test(text)) return
  sink.note('document.polyglot', 'Something follows the end of a picture.')
  const printable = Buffer.from(rest.subarray(0, 1_000_000)).toString('utf8')
  for (const run of printable.match(/[\p{L}\p{N}\p{P}\p{Z}\p{S}\t\r\n]{8,}/gu) ?? []) sink.hide(run, 'trailing')
}

const READERS: Readonly<Record<ImageKind, (bytes: Uint8Array, sink: Sink) => number>> = {
  png: readPng,
  jpeg: readJpeg,
  gif: readGif,
  webp: readWebp,
}

const latin = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** PNG, third edition, §11.3.3. */
function readPng(bytes: Uint8Array, sink: Sink): number {
  const view = viewOf(bytes)
  let at = 8
  for (let chunk = 0; at + 8 <= bytes.length; chunk++) {
    if (chunk > MAX_CHUNKS) throw new RangeError('chunks')
    const length = view.getUint32(at)
    const type = latin(bytes.subarray(at + 4, at + 8))
    if (at + 12 + length > bytes.length) throw new RangeError('chunk')
    const data = bytes.subarray(at + 8, at + 8 + length)
    at += 12 + length
    const zero = data.indexOf(0)
    if (type === 'tEXt') sink.hide(utf8(data).replace('\0', ': '), 'metadata')
    else if (type === 'zTXt')
      sink.hide(`${latin(data.subarray(0, zero))}: ${inflate(data.subarray(zero + 2), sink)}`, 'metadata')
    else if (type === 'iTXt') readInternational(data, zero, sink)
    else if (type === 'eXIf') readExif(data, sink)
    else if (type === 'IEND') return at
  }
  throw new RangeError('no end')
}

function readInternational(data: Uint8Array, zero: number, sink: Sink): void {
  const packed = data[zero + 1] === 1
  const language = data.indexOf(0, zero + 3)
  const keyword = data.indexOf(0, language + 1)
  const text = data.subarray(keyword + 1)
  sink.hide(
    `${latin(data.subarray(0, zero))} ${utf8(data.subarray(zero + 3, keyword))}: ${packed ? inflate(text, sink) : utf8(text)}`,
    'metadata',
  )
}

function inflate(packed: Uint8Array, sink: Sink): string {
  try {
    const text = inflateSync(packed, { maxOutputLength: MAX_TEXT })
    sink.spend(text.length)
    return utf8(text)
  } catch (thrown) {
    const bomb = (thrown as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    sink.note(bomb ? 'document.bomb' : 'document.malformed', 'A text in a picture does not unpack.')
    return ''
  }
}

/** JPEG: segments up to the scan; comments may also stand between scans. */
function readJpeg(bytes: Uint8Array, sink: Sink): number {
  const view = viewOf(bytes)
  let at = 2
  for (let segment = 0; at + 2 <= bytes.length; segment++) {
    if (segment > MAX_CHUNKS) throw new RangeError('segments')
    const marker = bytes[at + 1] as number
    if (bytes[at] !== 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) {
      at = bytes.indexOf(0xff, at + 1)
      if (at < 0) throw new RangeError('no end')
      continue
    }
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0xd9) return at + 2
    const length = view.getUint16(at + 2)
    const data = bytes.subarray(at + 4, at + 2 + length)
    if (marker === 0xfe) sink.hide(utf8(data), 'comment')
    else if (marker >= 0xe0 && marker <= 0xef) readApplication(data, sink)
    at += 2 + Math.max(2, length)
  }
  throw new RangeError('no end')
}

function readApplication(data: Uint8Array, sink: Sink): void {
  const head = latin(data.subarray(0, 40))
  if (head.startsWith('Exif\0\0')) readExif(data.subarray(6), sink)
  else if (head.startsWith('http://ns.adobe.com/x'))
    sink.hide(xmpText(utf8(data.subarray(data.indexOf(0) + 1))), 'metadata')
  else if (head.startsWith('Photoshop 3.0\0')) readIptc(data.subarray(14), sink)
  else if (!/^(JFIF|JFXX|ICC_PROFILE|Adobe|Ducky|MPF)/.test(head)) {
    const text = utf8(data)
    if (/[\p{L}]{3,}\s+[\p{L}]{2,}\s+[\p{L}]/u.test(text)) sink.hide(text, 'metadata')
  }
}

/** IPTC datasets (IIM 4.2): 1C, record, dataset, length. They lie in resource blocks, which are not told apart. */
function readIptc(data: Uint8Array, sink: Sink): void {
  for (let at = data.indexOf(0x1c); at >= 0 && at + 5 <= data.length;) {
    const record = data[at + 1] as number
    const length = viewOf(data).getUint16(at + 3)
    const isDataset = record <= 9 && length < 0x8000 && at + 5 + length <= data.length
    if (isDataset && record === 2) sink.hide(utf8(data.subarray(at + 5, at + 5 + length)), 'metadata')
    at = data.indexOf(0x1c, isDataset ? at + 5 + length : at + 1)
  }
}

/** Text and attribute values of XMP; its tags say nothing. */
export function xmpText(xmp: string): string {
  const parts: string[] = []
  for (const [, attribute, text] of xmp.matchAll(/="([^"]*)"|>([^<]+)</g)) {
    const value = ((attribute ?? text) as string).trim()
    if (value !== '' && !/^(https?:\/\/\S*|uuid:\S*|W5M0\S*|xmp\.\S*)$/.test(value)) parts.push(value)
  }
  return parts.join('\n')
}

/** GIF89a: comments, plain text and application blocks. */
function readGif(bytes: Uint8Array, sink: Sink): number {
  const table = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1))
  let at = 13 + table(bytes[10] ?? 0)
  const blocks = (from: number): { readonly text: string; readonly end: number } => {
    const parts: Uint8Array[] = []
    let next = from
    for (let size = bytes[next] ?? 0; size !== 0; size = bytes[next] ?? 0) {
      parts.push(bytes.subarray(next + 1, next + 1 + size))
      next += 1 + size
    }
    if (next >= bytes.length) throw new RangeError('cut off')
    return { text: Buffer.concat(parts).toString('utf8'), end: next + 1 }
  }
  while (at < bytes.length) {
    const kind = bytes[at]
    if (kind === 0x3b) return at + 1
    if (kind === 0x21) {
      const { text, end } = blocks(at + 2)
      if (bytes[at + 1] === 0xfe) sink.hide(text, 'comment')
      else if (bytes[at + 1] === 0x01) sink.hide(text.slice(12), 'metadata')
      else if (bytes[at + 1] === 0xff && text.startsWith('XMP'))
        sink.hide(xmpText(utf8(bytes.subarray(at + 14, end))), 'metadata')
      at = end
    } else if (kind === 0x2c) at = blocks(at + 11 + table(bytes[at + 9] ?? 0)).end
    else throw new RangeError('block')
  }
  throw new RangeError('no end')
}

/** WebP container (RIFF). */
function readWebp(bytes: Uint8Array, sink: Sink): number {
  const view = viewOf(bytes)
  const end = 8 + view.getUint32(4, true)
  if (end > bytes.length) throw new RangeError('cut off')
  for (let at = 12, chunk = 0; at + 8 <= end; chunk++) {
    if (chunk > MAX_CHUNKS) throw new RangeError('chunks')
    const type = latin(bytes.subarray(at, at + 4))
    const length = view.getUint32(at + 4, true)
    const data = bytes.subarray(at + 8, Math.min(end, at + 8 + length))
    if (type === 'EXIF') readExif(latin(data.subarray(0, 6)) === 'Exif\0\0' ? data.subarray(6) : data, sink)
    else if (type === 'XMP ') sink.hide(xmpText(utf8(data)), 'metadata')
    at += 8 + length + (length % 2)
  }
  return end
}
