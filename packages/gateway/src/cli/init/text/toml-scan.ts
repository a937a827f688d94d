/** Where one `key = value` of a TOML text stands. Offsets are UTF-16 units. */
export interface TomlEntry {
  /** Table path and key path together. */
  readonly path: readonly string[]
  readonly keyStart: number
  /** Start of the last part of a dotted key. */
  readonly lastKeyStart: number
  readonly valueStart: number
  readonly valueEnd: number
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/**
 * Finds every top-level entry of a text that smol-toml has already accepted. It knows strings (four kinds), comments,
 * arrays and inline tables, and nothing of what they mean. Arrays of tables get an index in their path.
 */
export function scanToml(text: string): readonly TomlEntry[] {
  const entries: TomlEntry[] = []
  const counts = new Map<string, number>()
  let table: readonly string[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    at = skipBlank(text, at)
    if (at >= text.length) break
    if (text[at] === '[') {
      const double = text[at + 1] === '['
      const key = readKey(text, at + (double ? 2 : 1))
      const name = key.path.join('\u0000')
      const index = counts.get(name) ?? 0
      if (double) counts.set(name, index + 1)
      table = double ? [...key.path, String(index)] : key.path
      at = lineEnd(text, key.end)
      continue
    }
    const key = readKey(text, at)
    const valueStart = skipInline(text, skipInline(text, key.end) + 1)
    const valueEnd = skipValue(text, valueStart)
    entries.push({ path: [...table, ...key.path], keyStart: at, lastKeyStart: key.last, valueStart, valueEnd })
    at = lineEnd(text, valueEnd)
  }
  return entries
}

function skipBlank(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) at++
    else if (text[at] === '#') at = lineEnd(text, at)
    else break
  }
  return at
}

function skipInline(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function readKey(text: string, from: number): { path: string[]; last: number; end: number } {
  const path: string[] = []
  let at = from
  for (;;) {
    at = skipInline(text, at)
    const last = at
    const quote = text[at]
    if (quote === '"' || quote === "'") {
      const end = skipString(text, at)
      path.push(quote === '"' ? unescape(text.slice(at, end)) : text.slice(at + 1, end - 1))
      at = end
    } else {
      const bare = /^[A-Za-z0-9_-]+/.exec(text.slice(at, at + 1024))?.[0]
      if (bare === undefined) throw new Error(`no key at offset ${at}`)
      path.push(bare)
      at += bare.length
    }
    at = skipInline(text, at)
    if (text[at] !== '.') return { path, last, end: at }
    at++
  }
}

/** TOML's basic strings escape like JSON, but for `\e`, `\xHH` and `\UHHHHHHHH`. */
function unescape(quoted: string): string {
  const json = quoted
    .replace(/\\U([0-9A-Fa-f]{8})/g, (_all, hex: string) =>
      JSON.stringify(String.fromCodePoint(Number.parseInt(hex, 16))).slice(1, -1),
    )
    .replace(/\\x([0-9A-Fa-f]{2})/g, '\\u00$1')
    .replace(/\\e/g, '\\u001b')
    .replaceAll('\t', '\\t')
  return JSON.parse(json) as string
}

function skipString(text: string, from: number): number {
  const quote = text[from] ?? ''
  const triple = text.startsWith(quote.repeat(3), from)
  const close = triple ? quote.repeat(3) : quote
  let at = from + close.length
  while (at < text.length) {
    if (quote === '"' && text[at] === '\\') at += 2
    else if (text.startsWith(close, at)) {
      at += close.length
      // A multi-line string may end in up to two quotes of its own.
      while (triple && text[at] === quote) at++
      return at
    } else at++
  }
  throw new Error('a string does not end')
}

function skipValue(text: string, from: number): number {
  const first = text[from] ?? ''
  if (first === '"' || first === "'") return skipString(text, from)
  const closing = CLOSING[first]
  if (closing === undefined) {
    const rest = /^[^\s,#\]}]+(?: [0-9]{2}:[^\s,#\]}]+)?/.exec(text.slice(from, from + 256))?.[0]
    if (rest === undefined) throw new Error(`no value at offset ${from}`)
    return from + rest.length
  }
  let at = from + 1
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === closing) return at + 1
    if (char === '#') at = lineEnd(text, at)
    else if (char === '"' || char === "'") at = skipString(text, at)
    else if (char in CLOSING) at = skipValue(text, at)
    else at++
  }
  throw new Error('a list or table does not end')
}
