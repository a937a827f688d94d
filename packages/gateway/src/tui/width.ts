const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u{ff01}-\u{ff60}\u{3000}-\u{303f}]/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns that a text takes: by grapheme, wide East Asian ones and emoji two. */
export const columnsOf = (text: string): number =>
  [...graphemes.segment(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0)

/** The text in exactly `width` columns: cut with `…`, or filled up. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const room = Math.max(0, width)
  const cut = columnsOf(text) <= room ? text : `${head(text, room - 1)}…`.slice(0, room === 0 ? 0 : undefined)
  const gap = ' '.repeat(Math.max(0, room - columnsOf(cut)))
  return align === 'left' ? cut + gap : gap + cut
}

/** The text in lines of at most `width` columns, broken between words where it can be; later lines stand `indent` columns in. */
export function wrap(text: string, width: number, indent = 0): readonly string[] {
  const room = Math.max(1, width - indent)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<= )/)) {
    if (line !== '' && columnsOf(line) + columnsOf(word.trimEnd()) > room) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
    while (columnsOf(line.trimEnd()) > room) {
      // at least one sign a line, also when it is wider than the room
      const part = head(line, room) || [...line].slice(0, 1).join('')
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  if (line.trimEnd() !== '' || lines.length === 0) lines.push(line.trimEnd())
  return lines.map((one, at) => (at === 0 ? one : ' '.repeat(indent) + one))
}

function head(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += WIDE.test(segment) ? 2 : 1
    if (used > width) return taken
    taken += segment
  }
  return taken
}

/** `0:48`, `12:05`; `0:00` once it is over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
