import { makeupOf, kindsOf } from './randomness.ts'
import { isPlaceholder } from './placeholder.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** `a.b.c`, `a_b`, `aB()`: names in code, paths and host names. */
const CODE = /^[A-Za-z_$][\w$-]*(?:(?:\?\.|[./:]|::|->)[A-Za-z_$][\w$-]*)*(?:\(|\[|;?$)/

export const isUuid = (value: string): boolean => value.length === 36 && UUID.test(value)

/** Random as an issued token is: many kinds, no words. */
export function isRandom(value: string, least: number): boolean {
  if (value.length < least) return false
  const m = makeupOf(value, 0, value.length)
  if (m.distinct < 6) return false
  if (m.hex) return value.length >= 16 && m.digits >= 2 && m.upper + m.lower >= 2 && m.oddness >= 0.2
  if (m.oddness < 0.3) return false
  return m.digits > 0 || m.oddness >= 0.45
}

/** A password that somebody or something chose: letters with digits or signs, no name in code, no sentence. */
export function isPassword(value: string, quoted: boolean): boolean {
  if (value.length < 6 || value.length > 256 || /\s/.test(value) || isPlaceholder(value)) return false
  if (/^(?:0x[0-9a-f_]{1,16}|[\d._,:+-]+(?:[a-z%]{1,3})?)$/i.test(value) && !quoted) return false
  const m = makeupOf(value, 0, value.length)
  if (m.distinct < 5) return false
  const letters = m.upper + m.lower
  if (letters === 0) return quoted && m.digits >= 8 && m.distinct >= 6
  const signs = value.replaceAll(/[\w.\-/:,]/g, '').length
  if (!quoted && /[([{]/.test(value) && CODE.test(value)) return false
  if (m.digits === 0 && signs === 0) return m.oddness >= 0.4 && value.length >= 12
  if (CODE.test(value) && m.oddness < 0.25 && !(quoted && m.digits > 0 && value.length < 14)) return false
  if (m.digits === 0) return signs > 0 && value.length >= 8 && kindsOf(m) >= 3 && !/[()[\]{}<>|\\]/.test(value)
  return m.oddness >= 0.12 || signs > 0
}

/** A password with upper and lower case and a digit, as no word in a sentence has them. */
export function isStrong(value: string): boolean {
  const m = makeupOf(value, 0, value.length)
  return value.length >= 8 && m.upper > 0 && m.lower > 0 && m.digits > 0 && m.oddness > 0.2 && isPassword(value, true)
}

/** `user:password` in base64. */
export function isBasicCredential(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(value)) return false
  const text = decodeAscii(value)
  if (text === undefined) return false
  const colon = text.indexOf(':')
  return colon > 0 && colon < text.length - 1
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) VALUE[ALPHABET.charCodeAt(i)] = i
VALUE['-'.charCodeAt(0)] = 62
VALUE['_'.charCodeAt(0)] = 63

/** Base64 (either alphabet, line breaks and padding skipped) as printable ASCII text, else undefined. */
export function decodeAscii(encoded: string): string | undefined {
  const codes: number[] = []
  let bits = 0
  let held = 0
  for (let i = 0; i < encoded.length; i++) {
    const code = encoded.charCodeAt(i)
    const value = code < 128 ? (VALUE[code] as number) : -1
    if (value < 0) continue
    held = ((held << 6) | value) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    const byte = (held >> bits) & 0xff
    // UTF-16 of ASCII has a zero in every second place.
    if (byte === 0 && codes.length > 0) continue
    if (byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return undefined
    codes.push(byte)
  }
  return fromCodes(codes)
}

export function fromCodes(codes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < codes.length; i += 4096) text += String.fromCharCode(...codes.slice(i, i + 4096))
  return text
}
