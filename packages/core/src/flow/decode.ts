/** Base64 (both alphabets), hex and percent runs of a leaf, decoded where they give text: what hides from a plain comparison. */
export function decodedForms(text: string): readonly string[] {
  if (text.length < 6 || text.length > 262_144) return []
  const forms: string[] = []
  for (const match of text.matchAll(BASE64)) {
    const decoded = fromBase64(match[0])
    if (decoded !== undefined) forms.push(decoded)
  }
  for (const match of text.matchAll(HEX)) {
    const decoded = printable(bytesOfHex(match[0]))
    if (decoded !== undefined) forms.push(decoded)
  }
  if (/%[0-9a-fA-F]{2}/.test(text)) {
    forms.push(text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => printable(bytesOfHex(run.replaceAll('%', ''))) ?? run))
  }
  if (/\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}/.test(text)) {
    forms.push(
      text.replace(
        /\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})/g,
        (_, long: string | undefined, short: string | undefined) =>
          String.fromCharCode(Number.parseInt(long ?? short ?? '0', 16)),
      ),
    )
  }
  if (text.length >= 8) forms.push([...text].reverse().join(''))
  return forms
}

const BASE64 = /[A-Za-z0-9+/_-]{6,}={0,2}/g
const HEX = /\b(?:[0-9a-fA-F]{2}){4,}\b/g
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map<string, number>([...ALPHABET].map((char, value) => [char, value]))
VALUES.set('-', 62).set('_', 63)

function fromBase64(run: string): string | undefined {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const char of run) {
    const value = VALUES.get(char)
    if (value === undefined) break
    held = ((held << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return printable(bytes)
}

const bytesOfHex = (hex: string): number[] => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))

function printable(bytes: readonly number[]): string | undefined {
  if (bytes.length < 4) return undefined
  const text = new TextDecoder('utf-8').decode(Uint8Array.from(bytes))
  let odd = 0
  for (const char of text) if (char === '\ufffd' || (char < ' ' && !'\t\n\r'.includes(char))) odd++
  return odd === 0 ? text : undefined
}
