/** A piece of code inside a text. Offsets in the text. */
export interface CodePiece {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Info string of a fence; undefined: inline code. */
  readonly info: string | undefined
}

/** Fences and inline code of a Markdown text; an open fence runs to the end. */
export function codePieces(text: string): readonly CodePiece[] {
  const pieces: CodePiece[] = []
  let at = 0
  const fences = /(?:^|\n)[^\S\n]{0,12}(?:[-*+>]\s|\d+[.)]\s)?[^\S\n]{0,12}(`{3,}|~{3,})([^\n`]*)\n/g
  for (let open = fences.exec(text); open !== null; open = fences.exec(text)) {
    const mark = open[1] ?? '```'
    const start = fences.lastIndex
    const close = new RegExp(`\\n?[^\\S\\n]{0,12}${mark}[^\\S\\n]*(?=\\n|$)`, 'g')
    close.lastIndex = start > 0 ? start - 1 : 0
    const closed = close.exec(text)
    const end = closed === null ? text.length : closed.index
    inline(text.slice(at, open.index), at, pieces)
    pieces.push({
      text: text.slice(start, Math.max(start, end)),
      start,
      end: Math.max(start, end),
      info: (open[2] ?? '').trim(),
    })
    at = closed === null ? text.length : closed.index + closed[0].length
    fences.lastIndex = Math.max(at, start)
  }
  inline(text.slice(at), at, pieces)
  return pieces
}

function inline(text: string, shift: number, pieces: CodePiece[]): void {
  for (const match of text.matchAll(/(`{1,2})(?!`)([^`\n]{2,2000}?)\1(?!`)/g)) {
    const start = shift + match.index + (match[1]?.length ?? 1)
    pieces.push({ text: match[2] ?? '', start, end: start + (match[2]?.length ?? 0), info: undefined })
  }
}
