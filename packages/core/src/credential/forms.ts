/** Shorter values would be found in every answer. Bytes. */
export const LEAST_SCRUBBED = 8

/** A way in which a value may come back: what each part of it may look like (patterns over bytes as characters), and how long it is at most. */
export interface Form {
  readonly parts: readonly (readonly string[])[]
  /** Between any two of them. */
  readonly between: string
  readonly longest: number
}

/** One pattern for the first parts of a form. */
export const patternOf = ({ parts, between }: Form, first = parts.length): string =>
  parts
    .slice(0, first)
    .map((ways) => (ways.length === 1 ? ways[0] : `(?:${ways.join('|')})`))
    .join(between)

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
const anyCase = (digits: string): string => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

const NAMED: Readonly<Record<string, string>> = {
  ...{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos', '+': 'plus', '/': 'sol', '=': 'equals' },
}
/** Of one byte in `escapes`: `&#x00000026;`, `%25252526`, `\\\\u0026`. */
const LONGEST_BYTE = 12

/**
 * One byte as it is or as any of the usual escapes have it, each byte for itself: percent signs (also of percent signs), JSON and C (also
 * within each other), HTML by number and by name.
 */
function escapes(byte: number): readonly string[] {
  const char = String.fromCharCode(byte)
  const two = anyCase(hex(byte))
  const name = NAMED[char]
  const isSign = !/[A-Za-z0-9]/.test(char)
  return [
    `${isSign ? `\\\\{0,4}` : ''}${escaped(char)}`,
    `%(?:25){0,3}${two}`,
    `\\\\{1,4}(?:u00|x)${two}`,
    `&(?:amp;)?#(?:0{0,5}${byte}|[xX]0{0,5}${two});`,
    ...(name === undefined ? [] : [`&(?:amp;)?${name};`]),
    `=${two}`,
  ]
}

/** Line breaks as they stand in base64 of mails and of JSON; between any two characters. */
const BREAK = '(?:\\r?\\n|\\\\{1,2}r?\\\\{0,2}n)?'
const LONGEST_BREAK = 6
const form = (parts: readonly (readonly string[])[], between: string, longest: number): Form => ({
  ...{ parts, between, longest },
})
const broken = (text: string): Form =>
  form(
    Array.from(text, (char) => [escaped(char)]),
    BREAK,
    text.length * (1 + LONGEST_BREAK),
  )
const exact = (bytes: Buffer | string): Form => {
  const text = Buffer.from(bytes as string).toString('latin1')
  return form(
    Array.from(text, (char) => [escaped(char)]),
    '',
    text.length,
  )
}
/** Two digits a byte, with something before, between and behind. */
const digits = (value: Buffer, between: string, longest: number): Form =>
  form(
    Array.from(value, (byte) => [anyCase(hex(byte))]),
    between,
    value.length * (2 + longest),
  )

/**
 * All forms of a value that are looked for.
 * @throws RangeError for a value that is too short to be told from a word
 */
export function formsOf(value: Buffer): readonly Form[] {
  if (value.length < LEAST_SCRUBBED) throw new RangeError(`A value has ${LEAST_SCRUBBED} bytes at least.`)
  const text = value.toString('utf8')
  const wide = Buffer.from(text, 'utf16le')
  const base64 = [0, 1, 2].map((shift) => base64At(value, shift)).filter(({ length }) => length >= LEAST_SCRUBBED)
  return [
    form(Array.from(value, escapes), '', value.length * LONGEST_BYTE),
    digits(value, '[ :-]?', 1),
    exact(wide),
    exact(Buffer.from(wide).swap16()),
    exact(text.split('').reverse().join('')),
    ...base64.map(broken),
    ...base64.filter((text) => /[+/]/.test(text)).map((text) => broken(text.replaceAll('+', '-').replaceAll('/', '_'))),
    exact(base32(value)),
    exact(base32(value).toLowerCase()),
    exact(text.replace(/[a-z]/gi, rotated)),
  ]
}

/** The part of its base64 that is the same whatever stands before and behind it, when it begins `shift` bytes into a group of three. */
function base64At(value: Buffer, shift: number): string {
  const padded = Buffer.concat([Buffer.alloc(shift), value])
  const whole = padded.toString('base64').replace(/=+$/, '')
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor((padded.length * 8) / 6))
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
function base32(value: Buffer): string {
  let [bits, held, out] = [0, 0, '']
  for (const byte of value) {
    held = ((held << 8) | byte) & 0xff_ff
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(held >> (bits - 5)) & 31]
  }
  return out
}

function rotated(char: string): string {
  const [base, code] = [char <= 'Z' ? 65 : 97, char.charCodeAt(0)]
  return String.fromCharCode(((code - base + 13) % 26) + base)
}
