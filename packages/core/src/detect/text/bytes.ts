const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const wide = new TextDecoder('utf-16le')

/** Least share of readable characters in what counts as text, of 100. */
const READABLE = 90

/** Bytes as text, or undefined when they are none: UTF-8, else UTF-16LE with ASCII in it (as PowerShell encodes). */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined
  try {
    const text = strict.decode(bytes)
    return isReadable(text) ? text : wideText(bytes)
  } catch {
    return wideText(bytes)
  }
}

function wideText(bytes: Uint8Array): string | undefined {
  if (bytes.length < 8 || bytes.length % 2 !== 0) return undefined
  let zeros = 0
  for (let index = 1; index < bytes.length; index += 2) if (bytes[index] === 0) zeros++
  if (zeros * 4 < bytes.length) return undefined
  const text = wide.decode(bytes)
  return isReadable(text) ? text : undefined
}

/** Mostly printable characters; looked at from the start, far enough to tell. */
export function isReadable(text: string): boolean {
  const end = Math.min(text.length, 256)
  let good = 0
  for (let index = 0; index < end; index++) {
    const unit = text.charCodeAt(index)
    if ((unit >= 0x20 && unit < 0x7f) || unit === 9 || unit === 10 || unit === 13 || (unit >= 0xa0 && unit !== 0xfffd))
      good++
  }
  return good * 100 >= end * READABLE
}

const BASE64 = alphabet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_')
const BASE32 = alphabet('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', '')

function alphabet(digits: string, last: string): Int8Array {
  const table = new Int8Array(128).fill(-1)
  for (let index = 0; index < digits.length; index++) table[digits.charCodeAt(index)] = index
  for (let index = 0; index < last.length; index++) table[last.charCodeAt(index)] = digits.length - last.length + index
  return table
}

/** Base64 and base64url together, with or without padding; other characters are passed over. At most `most` characters. */
export const base64Bytes = (text: string, most = text.length): Uint8Array => digitsToBytes(text, BASE64, 6, most)
/** RFC 4648 base32 in upper case. */
export const base32Bytes = (text: string): Uint8Array => digitsToBytes(text, BASE32, 5, text.length)

function digitsToBytes(text: string, table: Int8Array, width: number, most: number): Uint8Array {
  const end = Math.min(text.length, most)
  const bytes = new Uint8Array(Math.ceil((end * width) / 8))
  let length = 0
  let held = 0
  let bits = 0
  for (let index = 0; index < end; index++) {
    const unit = text.charCodeAt(index)
    const digit = unit < 128 ? (table[unit] ?? -1) : -1
    if (digit < 0) continue
    held = ((held << width) | digit) & 0xffff
    bits += width
    if (bits >= 8) {
      bits -= 8
      bytes[length++] = (held >> bits) & 0xff
    }
  }
  return bytes.subarray(0, length)
}

const HEX = alphabet('0123456789ABCDEF', '')
for (const [index, digit] of Array.from('abcdef').entries()) HEX[digit.charCodeAt(0)] = index + 10

/** Hexadecimal digits in pairs; `0x`, `\\x` and what stands between them are passed over. */
export function hexBytes(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length >> 1) + 1)
  let length = 0
  let held = -1
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1) | 0x20
    if (held < 0 && unit === 0x30 && next === 0x78) {
      index++
      continue
    }
    const digit = unit < 128 ? (HEX[unit] ?? -1) : -1
    if (digit < 0) continue
    if (held < 0) held = digit
    else {
      bytes[length++] = (held << 4) | digit
      held = -1
    }
  }
  return bytes.subarray(0, length)
}

/** Whether bytes can be readable UTF-8 or UTF-16 at all: no control character but white space, no stray continuation. Allocates nothing. */
export function looksReadable(bytes: Uint8Array): boolean {
  let bad = 0
  let zeros = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (byte === 0) zeros++
    else if (byte < 0x20 ? byte !== 9 && byte !== 10 && byte !== 13 : byte === 0x7f || byte >= 0xf5) bad++
    else if (byte >= 0xc2 && byte < 0xf5 && index + 1 < bytes.length && ((bytes[index + 1] ?? 0) & 0xc0) !== 0x80) bad++
    else if (byte >= 0x80 && byte < 0xc0 && index > 0 && (bytes[index - 1] ?? 0) < 0x80) bad++
  }
  return bad === 0 && (zeros === 0 || zeros * 3 > bytes.length)
}
