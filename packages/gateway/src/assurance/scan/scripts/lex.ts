/** A string or comment of a source text. Offsets in the source. */
interface Piece {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Lexed {
  /** The source with comments and documentation strings blanked; same length, same lines. */
  readonly code: string
  /** The same with the contents of strings blanked as well: what is left is names and signs. */
  readonly bare: string
  readonly comments: readonly Piece[]
  readonly strings: readonly Piece[]
}

export type CommentStyle = 'hash' | 'slash' | 'none'

/**
 * Cuts a source into code, comments and strings with one pass that knows quotes, escapes and the comments of most languages. It never fails:
 * what it does not understand stays code, where rules see it.
 */
export function lex(source: string, style: CommentStyle): Lexed {
  const comments: Piece[] = []
  const strings: Piece[] = []
  let at = 0
  const isHash = style === 'hash'
  while (at < source.length) {
    const char = source[at] ?? ''
    if (isHash && char === '#' && !/[$\w{\\]/.test(source[at - 1] ?? '')) {
      const end = lineEnd(source, at)
      comments.push({ text: source.slice(at + 1, end), start: at, end })
      at = end
    } else if (
      style === 'slash' &&
      char === '/' &&
      source[at + 1] === '/' &&
      source[at - 1] !== ':' &&
      source[at - 1] !== '\\'
    ) {
      const end = lineEnd(source, at)
      comments.push({ text: source.slice(at + 2, end), start: at, end })
      at = end
    } else if (style === 'slash' && char === '/' && source[at + 1] === '*') {
      const close = source.indexOf('*/', at + 2)
      const end = close < 0 ? source.length : close + 2
      comments.push({ text: source.slice(at + 2, close < 0 ? end : close), start: at, end })
      at = end
    } else if (isHash && (source.startsWith('"""', at) || source.startsWith("'''", at))) {
      const quote = source.slice(at, at + 3)
      const close = source.indexOf(quote, at + 3)
      const end = close < 0 ? source.length : close + 3
      const piece = { text: source.slice(at + 3, close < 0 ? end : close), start: at, end }
      // a string that stands alone documents; anything else may be used
      const before = source
        .slice(Math.max(0, at - 200), at)
        .trimEnd()
        .at(-1)
      if (before === undefined || before === ':' || /[\n]\s*$/.test(source.slice(Math.max(0, at - 200), at)))
        comments.push(piece)
      else strings.push(piece)
      at = end
    } else if (char === '"' || char === "'" || (char === '`' && style !== 'hash')) {
      const end = stringEnd(source, at, char)
      strings.push({ text: source.slice(at + 1, Math.max(at + 1, end - 1)), start: at, end })
      at = end
    } else at++
  }
  const code = blank(source, comments, 0)
  return { code, bare: blank(code, strings, 1), comments, strings }
}

const lineEnd = (source: string, from: number): number => {
  const end = source.indexOf('\n', from)
  return end < 0 ? source.length : end
}

function stringEnd(source: string, from: number, quote: string): number {
  for (let at = from + 1; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === quote) return at + 1
    else if (char === '\n' && quote !== '`') return at
  }
  return source.length
}

function blank(source: string, pieces: readonly Piece[], keep: number): string {
  if (pieces.length === 0) return source
  const parts: string[] = []
  let from = 0
  for (const { start, end } of pieces) {
    parts.push(
      source.slice(from, start + keep),
      source.slice(start + keep, Math.max(start + keep, end - keep)).replace(/[^\n]/g, ' '),
    )
    from = Math.max(start + keep, end - keep)
  }
  parts.push(source.slice(from))
  return parts.join('')
}
