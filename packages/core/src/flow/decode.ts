/** Longest leaf that is decoded. What is longer and hidden is held for being unexplained. */
const LONGEST = 4_096

/** Base64 (both alphabets), hex and percent runs of a leaf, decoded where they give text: what hides from a plain comparison. */
export function decodedForms(text: string): readonly string[] {
  if (text.length < 6 || text.length > LONGEST) return []
  const forms: string[] = []
  eachRun(text, (run, shape) => {
    const decoded = shape === 'hex' ? printable(bytesOfHex(run)) : fromBase64(run)
    if (decoded !== undefined) forms.push(decoded)
  })
  if (text.includes('%') && /%[0-9a-fA-F]{2}/.test(text)) {
    forms.push(text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => printable(bytesOfHex(run.replaceAll('%', '')), 1) ?? run))
  }
  if (text.includes('\\') && /\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}/.test(text)) {
    forms.push(
      text.replace(
        /\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})/g,
        (_, long: string | undefined, short: string | undefined) =>
          String.fromCharCode(Number.parseInt(long ?? short ?? '0', 16)),
      ),
    )
  }
  return forms
}

/** The text from its end, and with every letter thirteen further: cheap disguises that are only worth a look for secrets. */
export const turnedForms = (text: string): readonly string[] =>
  text.length < 6 || text.length > LONGEST
    ? []
    : [
        [...text].reverse().join(''),
        text.replace(/[a-z]/gi, (char) => String.fromCharCode(char.charCodeAt(0) + (/[a-m]/i.test(char) ? 13 : -13))),
      ]

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Int8Array(128).fill(-1)
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value
VALUES[45] = 62
VALUES[95] = 63
const HEX = new Uint8Array(128)
for (const char of '0123456789abcdefABCDEF') HEX[char.charCodeAt(0)] = 1

/** Runs of the alphabet that no word is: hex of eight digits and more, or six characters that mix cases or hold digits. */
function eachRun(text: string, take: (run: string, shape: 'hex' | 'base64') => void): void {
  let start = 0
  let isHex = true
  let digits = 0
  let turns = 0
  let wasLower = false
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 32
    if (code < 128 && (VALUES[code] as number) >= 0) {
      if (HEX[code] === 0) isHex = false
      if (code < 65) digits++
      else if (code <= 90) {
        if (wasLower || at > start + 1) turns++
        wasLower = false
      } else wasLower = true
      continue
    }
    const length = at - start
    if (length >= 8 && length % 2 === 0 && isHex && digits > 0) take(text.slice(start, at), 'hex')
    if (length >= 6 && digits + turns > 0) take(text.slice(start, at), 'base64')
    start = at + 1
    isHex = true
    digits = turns = 0
    wasLower = false
  }
}

function fromBase64(run: string): string | undefined {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (let at = 0; at < run.length; at++) {
    held = ((held << 6) | (VALUES[run.charCodeAt(at)] as number)) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return printable(bytes)
}

const bytesOfHex = (hex: string): number[] => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))

/** UTF-8 text without control characters, or nothing. */
function printable(bytes: readonly number[], least = 4): string | undefined {
  if (bytes.length < least) return undefined
  let isAscii = true
  for (const byte of bytes) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return undefined
    if (byte > 126) isAscii = false
  }
  if (isAscii) return String.fromCharCode(...bytes)
  const text = new TextDecoder('utf-8').decode(Uint8Array.from(bytes))
  return text.includes('\ufffd') ? undefined : text
}
