/** Shorter values would be found in every answer. Bytes. */
export const LEAST_SCRUBBED = 8

type Encode = (value: Buffer) => readonly (Buffer | string)[]

const hex = (value: Buffer): readonly string[] => value.toString('hex').match(/../g) ?? []
const upper = (texts: readonly string[]): readonly string[] => texts.map((text) => text.toUpperCase())
const spelled = (value: Buffer, before: string, after = ''): readonly string[] =>
  [hex(value), upper(hex(value))].map((digits) => digits.map((two) => `${before}${two}${after}`).join(''))
const units = (value: Buffer): readonly number[] =>
  Array.from(value.toString('utf8'), (char) => char.codePointAt(0) ?? 0)

/** How a value may come back. Data: a form more is a line more. */
const ENCODINGS: readonly Encode[] = [
  (value) => [value],
  (value) => [Buffer.from(value.toString('utf8'), 'utf16le'), Buffer.from(value.toString('utf8'), 'utf16le').swap16()],
  (value) => [value.toString('utf8').split('').reverse().join('')],
  (value) => spelled(value, ''),
  (value) => [...spelled(value, ' '), ...spelled(value, ':'), ...spelled(value, '-')].map((text) => text.slice(1)),
  (value) => spelled(value, '%'),
  (value) => spelled(value, '\\x'),
  (value) => spelled(value, '\\u00'),
  (value) => spelled(value, '&#x', ';'),
  (value) => spelled(value, '='),
  (value) => [
    units(value)
      .map((unit) => `&#${unit};`)
      .join(''),
  ],
  (value) => [JSON.stringify(value.toString('utf8')).slice(1, -1)],
  (value) => [encodeURIComponent(value.toString('utf8')), encodeURIComponent(value.toString('utf8')).toLowerCase()],
  (value) => [escapedHtml(value.toString('utf8'))],
  (value) => [0, 1, 2].flatMap((shift) => base64At(value, shift)),
  (value) =>
    [0, 1, 2].flatMap((shift) => base64At(value, shift)).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  (value) => [base32(value), base32(value).toLowerCase()],
  (value) => [value.toString('latin1').replace(/[a-z]/gi, (char) => rotated(char))],
]

/**
 * All forms of a value that are looked for, longest first, each once.
 * @throws RangeError for a value that is too short to be told from a word
 */
export function formsOf(value: Buffer): readonly Buffer[] {
  if (value.length < LEAST_SCRUBBED) throw new RangeError(`A value has ${LEAST_SCRUBBED} bytes at least.`)
  const forms = ENCODINGS.flatMap((encode) => encode(value)).map((form) => Buffer.from(form as string))
  const distinct = new Map(
    forms.filter(({ length }) => length >= LEAST_SCRUBBED).map((form) => [form.toString('latin1'), form]),
  )
  return [...distinct.values()].sort((a, b) => b.length - a.length)
}

/** The part of its base64 that is the same whatever stands before and behind it, when it begins `shift` bytes into a group of three. */
function base64At(value: Buffer, shift: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(shift), value])
  const whole = padded.toString('base64').replace(/=+$/, '')
  const start = Math.ceil((shift * 8) / 6)
  const end = Math.floor((padded.length * 8) / 6)
  return [whole.slice(start, end)]
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

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapedHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

function rotated(char: string): string {
  const [base, code] = [char <= 'Z' ? 65 : 97, char.charCodeAt(0)]
  return String.fromCharCode(((code - base + 13) % 26) + base)
}
