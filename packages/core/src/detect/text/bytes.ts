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

/** Pairs of hexadecimal digits; what stands between them is passed over. */
export function hexBytes(text: string): Uint8Array {
  const digits = text.replace(/0x|\\x|[^0-9a-f]/gi, '')
  const bytes = new Uint8Array(digits.length >> 1)
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(digits.slice(index * 2, index * 2 + 2), 16)
  return bytes
}
