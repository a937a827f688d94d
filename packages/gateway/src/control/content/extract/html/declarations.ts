/** Declarations of one rule or `style` attribute: property → value, both in lower case and without escapes. */
export type Declarations = Map<string, string>

const ESCAPE = /\\(?:([0-9a-f]{1,6})\s?|([^\n]))/gi

/** CSS lets any character be written as `\hh`; a reader that does not undo this misses `d\69splay`. */
export const unescapeCss = (text: string): string =>
  text.includes('\\')
    ? text.replace(ESCAPE, (_, hex: string | undefined, plain: string) => {
        if (hex === undefined) return plain
        const code = Number.parseInt(hex, 16)
        return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
      })
    : text

/** Text without comments; an open one reaches to the end. Linear. */
export function stripCssComments(text: string): string {
  if (!text.includes('/*')) return text
  let out = ''
  let at = 0
  for (;;) {
    const start = text.indexOf('/*', at)
    if (start < 0) return out + text.slice(at)
    out += text.slice(at, start)
    const end = text.indexOf('*/', start + 2)
    if (end < 0) return out
    at = end + 2
  }
}

/** Reads `a:b;c:d`. `!important` wins over what comes later. Semicolons in quotes and brackets do not end a value. */
export function parseDeclarations(text: string): Declarations {
  const found: Declarations = new Map()
  const important = new Set<string>()
  for (const part of splitTop(stripCssComments(text), ';')) {
    const colon = part.indexOf(':')
    if (colon < 0) continue
    const name = unescapeCss(part.slice(0, colon)).trim().toLowerCase()
    let value = unescapeCss(part.slice(colon + 1))
      .trim()
      .toLowerCase()
    const weight = /!\s*important$/.test(value.slice(-20))
    if (weight) value = value.slice(0, value.lastIndexOf('!')).trim()
    if (important.has(name) && !weight) continue
    if (weight) important.add(name)
    found.set(name, value)
  }
  return found
}

/** Splits at a character that stands outside quotes and round brackets. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '\\') at++
    else if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '(') depth++
    else if (character === ')') depth = Math.max(0, depth - 1)
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** A length in CSS pixels; undefined for percentages, keywords and functions. */
export function pixels(text: string | undefined): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)([a-z]*)$/.exec(text?.trim() ?? '')
  const scale = UNITS[match?.[2] ?? 'none']
  return scale === undefined ? undefined : Number.parseFloat(text as string) * scale
}

const UNITS: Readonly<Record<string, number | undefined>> = Object.assign(Object.create(null) as object, {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 37.8,
  mm: 3.78,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
  vw: 10,
  vh: 10,
})
